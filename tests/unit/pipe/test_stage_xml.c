/*
 * Answers that are rewritten: what a table says of an element happens to it and to nothing else, however the answer is
 * cut; what is not a whole answer of the expected kind is refused; and nothing of a hidden element ever gets out.
 */
#include "unit/pipe/rig.h"

#include "pipe/stage_xml.h"

#include "common/banned.h"

#define PROLOG                                                                                                         \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                                     \
    "<List xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
#define END_TAG   "</List>"
#define OUT_MAX   (2 * SG_MIB)
#define TEXT_MAX  (16 * SG_KIB)  /* of one text */
#define HELD_MAX  (256 * SG_KIB) /* of one held element */
#define TOTAL_MAX (64 * SG_MIB)

static sg_err bracket(const struct sg_req *req, struct sg_bytes text, struct sgc_buf *out)
{
    SG_UNUSED(req);
    SG_CHECK(!sg_bytes_eq_str(text, "fail"), ACCESS_DENIED);
    SG_TRY(sgc_buf_append_str(out, "<"));
    SG_TRY(sgc_buf_append(out, text));
    return sgc_buf_append_str(out, ">&");
}

static bool is_shown(const struct sg_req *req, struct sg_bytes text)
{
    SG_UNUSED(req);
    return !sg_bytes_eq_str(text, "hidden");
}

static const struct sg_xml_rule rows[] = {
    {.path = "List/Secret", .action = SG_XML_DROP},
    {.path = "List/Size", .action = SG_XML_REWRITE, .rewrite = bracket},
    {.path = "List/Name", .action = SG_XML_TEST, .test = is_shown},
    {.path = "List/Item", .action = SG_XML_HOLD},
    {.path = "List/Item/Name", .action = SG_XML_TEST, .test = is_shown},
    {.path = "List/Item/Size", .action = SG_XML_REWRITE, .rewrite = bracket},
    {.path = "List/Item/Owner", .action = SG_XML_DROP},
    {.path = "List/Item/Owner/Name", .action = SG_XML_TEST, .test = is_shown},
    {.path = "List/Item/Inner", .action = SG_XML_HOLD},
    {.path = "List/Item/Inner/Name", .action = SG_XML_TEST, .test = is_shown},
};
static const struct sg_xml_rules rules = {"List", rows, SG_COUNT_OF(rows)};

static struct rig rig;
static struct sgc_buf out;

static void begin(void)
{
    rig_init(&rig);
    rig.facts.xml_rules = &rules;
    out = SGC_BUF_INIT(OUT_MAX);
}

static void end(void)
{
    sgc_buf_clear(&out);
    rig_clear(&rig);
}

/* --- what the table says --- */

struct row {
    const char *in, *out; /* without the root */
};

/* clang-format off */
static const struct row table[] = {
    /* What no row names passes. */
    {"", ""},
    {"<A>1</A>", "<A>1</A>"},
    {"<A/><B></B>", "<A></A><B></B>"},
    {" <A>\n <B> x </B>\n</A> ", "<A><B> x </B></A>"},
    {"<Other><Size>1</Size><Secret>2</Secret></Other>", "<Other><Size>1</Size><Secret>2</Secret></Other>"},
    {"<Sizes>1</Sizes><size>2</size>", "<Sizes>1</Sizes><size>2</size>"},
    {"<p:A xmlns:p=\"urn:p\" b=\"c\">1</p:A><!-- no --><A>2</A>", "<A>1</A><A>2</A>"},
    /* Dropped. */
    {"<Secret>1</Secret><A>2</A>", "<A>2</A>"},
    {"<Secret/><Secret></Secret>", ""},
    {"<Secret><Secret><Size>fail</Size></Secret><Item><Name>hidden</Name></Item></Secret><A/>", "<A></A>"},
    /* Rewritten, and escaped afterwards. */
    {"<Size>1</Size>", "<Size>&lt;1&gt;&amp;</Size>"},
    {"<Size/>", "<Size>&lt;&gt;&amp;</Size>"},
    {"<Size>&lt;&amp;</Size>", "<Size>&lt;&lt;&amp;&gt;&amp;</Size>"},
    {"<Size>1<!-- no -->2<![CDATA[3]]></Size>", "<Size>&lt;123&gt;&amp;</Size>"},
    {"<Size><A>1</A></Size>", "<Size><A>1</A></Size>"}, /* only leaves have a text */
    /* Held, and shown or not. */
    {"<Item><Name>a</Name></Item>", "<Item><Name>a</Name></Item>"},
    {"<Item><Name>hidden</Name></Item>", ""},
    {"<Item/>", ""}, /* nothing said that it may be shown */
    {"<Item><A>1</A></Item>", ""},
    {"<Item><Name><A>a</A></Name></Item>", ""},
    {"<A/><Item><B>2</B><Name>hidden</Name><C>3</C></Item><D/>", "<A></A><D></D>"},
    {"<Item><Name>hidden</Name></Item><Item><Name>b</Name></Item>", "<Item><Name>b</Name></Item>"},
    {"<Item><Name>b</Name></Item><Item><Name>hidden</Name></Item>", "<Item><Name>b</Name></Item>"},
    {"<Item><Name>a</Name><Name>hidden</Name></Item>", ""},
    {"<Item><Name>hidden</Name><Name>a</Name></Item>", ""},
    {"<Item><Name>&#104;id<![CDATA[den]]></Name></Item>", ""},
    {"<Item><Name>hidden </Name></Item>", "<Item><Name>hidden </Name></Item>"},
    {"<Name>hidden</Name>", "<Name>hidden</Name>"}, /* nothing is held */
    {"<Other><Name>hidden</Name></Other>", "<Other><Name>hidden</Name></Other>"},
    /* Together. */
    {"<Item><Size>1</Size><Name>a</Name></Item>", "<Item><Size>&lt;1&gt;&amp;</Size><Name>a</Name></Item>"},
    {"<Item><Size>1</Size><Name>hidden</Name></Item>", ""},
    {"<Item><Owner><Name>hidden</Name></Owner><Name>a</Name></Item>", "<Item><Name>a</Name></Item>"},
    {"<Item><Inner><Name>a</Name></Inner></Item>", "<Item><Inner><Name>a</Name></Inner></Item>"},
    {"<Item><Name>a</Name><Inner><Name>hidden</Name></Inner></Item>", ""}, /* the outer one is what is held */
    {"<Item><Item><Name>a</Name></Item></Item>", ""}, /* no row for the inner one */
    /* Escaped as a key of any bytes needs it. */
    {"<A>&lt;&gt;&amp;&quot;&apos;</A>", "<A>&lt;&gt;&amp;&quot;&apos;</A>"},
    {"<A>\"'></A>", "<A>&quot;&apos;&gt;</A>"},
    {"<A>&#9;&#10;&#13;&#x7f;\t\n\r\n</A>", "<A>&#9;&#10;&#13;&#127;&#9;&#10;&#10;</A>"},
    {"<A><![CDATA[<B>&amp;</B>]]></A>", "<A>&lt;B&gt;&amp;amp;&lt;/B&gt;</A>"},
    {"<A>&#x10FFFF;&#xe9;\xc3\xa9</A>", "<A>\xf4\x8f\xbf\xbf\xc3\xa9\xc3\xa9</A>"},
};
/* clang-format on */

static void check_out(const char *inner)
{
    char expected[1000];
    (void)snprintf(expected, sizeof(expected), PROLOG "%s" END_TAG, inner);
    ck_assert_msg(sg_bytes_eq_str(sgc_buf_view(&out), expected), "%s: %.*s", inner, SG_BYTES_FMT(sgc_buf_view(&out)));
}

START_TEST(every_rule_is_applied_however_the_answer_is_cut)
{
    const struct row *row = &table[_i];
    char in[1000];
    begin();
    (void)snprintf(in, sizeof(in), "<?xml version=\"1.0\"?>\n<List xmlns=\"urn:any\">%s</List>\n", row->in);
    for (size_t most = 0; most <= strlen(in); most++) {
        rig.piece_max = most;
        rig.sip_max = most % 7;
        sgc_buf_clear(&out);
        ck_ok(rig_run(&rig, &sg_pipe_rewrite, sg_bytes_str(in), &out));
        check_out(row->out);
    }
    end();
}
END_TEST

/* Into two pieces at `at`, into `out`. */
static sg_err run_cut(struct sg_bytes in, size_t at)
{
    struct sg_pipe *pipe;
    size_t taken;
    SG_TRY(sg_pipe_new_collecting(&sg_pipe_rewrite, &rig.facts, &out, &pipe));
    sg_err err = sg_pipe_push(pipe, sg_bytes_slice(in, 0, at), &taken);
    if (sg_is_ok(err))
        err = sg_pipe_push(pipe, sg_bytes_skip(in, at), &taken);
    if (sg_is_ok(err))
        err = sg_pipe_finish(pipe);
    sg_pipe_free(pipe);
    return err;
}

static const char sample[] = "<List><A>\xc3\xa9&amp;\"</A><Secret><B>1</B></Secret><Item><Name>hidden</Name><C/></Item>"
                             "<Size>12</Size><Item><Owner>o</Owner><Name>a</Name><Size>&#51;</Size></Item></List>";
static const char sample_out[] = "<A>\xc3\xa9&amp;&quot;</A><Size>&lt;12&gt;&amp;</Size>"
                                 "<Item><Name>a</Name><Size>&lt;3&gt;&amp;</Size></Item>";

START_TEST(it_does_not_matter_where_an_answer_is_cut_in_two)
{
    begin();
    for (size_t at = 0; at < sizeof(sample); at++) {
        sgc_buf_clear(&out);
        ck_ok(run_cut(sg_bytes(sample, sizeof(sample) - 1), at));
        check_out(sample_out);
    }
    end();
}
END_TEST

/* --- what is refused --- */

static const char *const bad[] = {
    "",
    " ",
    "x",
    "<",
    "<List",
    "<List>",
    "</List>",
    "<list/>",
    "<List2/>",
    "<Lis/>",
    "<Error><Code>NoSuchBucket</Code></Error>",
    "<Error><List/></Error>",
    "<html><body>502</body></html>",
    "{\"List\":[]}",
    "<List/><List/>",
    "<List/>x",
    "<List></List",
    "<List></list>",
    "<List><A></List></A>",
    "<List><A></List>",
    "<List><A>&none;</A></List>",
    "<List><A>&</A></List>",
    "<List><A>&#0;</A></List>",
    "<List><A>&#1;</A></List>",
    "<List><A>\x01</A></List>",
    "<List><A>\xff</A></List>",
    "<List><A>\xc3</A></List>",
    "<List><A>]]></A></List>",
    "<List a=\"1\" a=\"2\"/>",
    "<List><A b=c/></List>",
    "<List><1/></List>",
    "<List><![CDATA[x</List>",
    "<List><!-- -- --></List>",
    "<List><?php x ?></List>",
    "<!DOCTYPE List><List/>",
    "<!DOCTYPE List [<!ENTITY a \"b\">]><List>&a;</List>",
    "<?xml version=\"1.0\" encoding=\"UTF-16\"?><List/>",
    "\xff\xfe<\0L\0",
    "<a><b><c><d><e><f><g><h><i><j><k><l><m><n><o><p><q>",
    ("<List><b><c><d><e><f><g><h><i><j><k><l><m><n><o><p><q/>"
     "</p></o></n></m></l></k></j></i></h></g></f></e></d></c></b></List>"),
    "<List><Item><Name>a</Name></List>",
    "<List><Secret></List>",
    "<List><Secret><A></Secret></List>",
};

START_TEST(what_is_no_whole_answer_of_the_kind_is_the_upstreams_fault)
{
    begin();
    for (size_t most = 0; most < 20; most++) {
        rig.piece_max = most;
        sgc_buf_clear(&out);
        ck_fails(rig_run(&rig, &sg_pipe_rewrite, sg_bytes_str(bad[_i]), &out), UPSTREAM_PROTOCOL);
    }
    end();
}
END_TEST

START_TEST(a_nul_is_refused_wherever_it_stands)
{
    char in[sizeof(sample)];
    begin();
    for (size_t at = 0; at < sizeof(sample) - 1; at++) {
        memcpy(in, sample, sizeof(sample));
        in[at] = '\0';
        ck_quick(sg_is(run_cut(sg_bytes(in, sizeof(sample) - 1), at), UPSTREAM_PROTOCOL));
        ck_quick(out.len == 0);
    }
    end();
}
END_TEST

START_TEST(an_answer_cut_short_anywhere_fails_and_what_came_before_is_right)
{
    char whole[sizeof(PROLOG) + sizeof(sample_out) + sizeof(END_TAG)];
    begin();
    (void)snprintf(whole, sizeof(whole), PROLOG "%s" END_TAG, sample_out);
    for (size_t len = 0; len < sizeof(sample) - 1; len++) {
        rig.piece_max = len % 5 == 0 ? 0 : len % 11 + 1;
        sgc_buf_clear(&out);
        ck_fails(rig_run(&rig, &sg_pipe_rewrite, sg_bytes(sample, len), &out), UPSTREAM_PROTOCOL);
        ck_assert(sg_bytes_has_prefix(sg_bytes_str(whole), sgc_buf_view(&out)) && out.len < strlen(whole));
    }
    end();
}
END_TEST

START_TEST(an_error_of_a_rule_is_the_error_of_the_pipe)
{
    begin();
    ck_fails(run_cut(SG_BYTES_LIT("<List><Size>fail</Size></List>"), 9), ACCESS_DENIED);
    ck_assert_uint_eq(out.len, 0);
    end();
}
END_TEST

/* --- bounds --- */

static void fill(struct sgc_buf *buf, const char *text, size_t len)
{
    size_t unit = strlen(text);
    for (size_t had = 0; had < len; had += unit)
        ck_quick(sg_is_ok(sgc_buf_append(buf, sg_bytes(text, unit < len - had ? unit : len - had))));
}

/* <List> `before`, `len` bytes of `text` over and over, `behind` </List> */
static sg_err run_filled(const char *before, const char *text, size_t len, const char *behind)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf in = SGC_BUF_INIT(OUT_MAX);
    SG_TRY(sgc_buf_append_str(&in, "<List>"));
    SG_TRY(sgc_buf_append_str(&in, before));
    fill(&in, text, len);
    SG_TRY(sgc_buf_append_str(&in, behind));
    SG_TRY(sgc_buf_append_str(&in, END_TAG));
    sgc_buf_clear(&out);
    return rig_run(&rig, &sg_pipe_rewrite, sgc_buf_view(&in), &out);
}

START_TEST(a_text_has_a_bound)
{
    static const struct row around[] = {
        {"<A>", "</A>"}, {"<Size>", "</Size>"}, {"<Secret>", "</Secret>"}, {"<Item><Name>", "</Name></Item>"}};
    const size_t room[] = {TEXT_MAX, TEXT_MAX - 3, TEXT_MAX, TEXT_MAX}; /* rewritten: "<", ">&" come along */
    begin();
    rig.piece_max = _i % 2 == 0 ? 0 : 999;
    ck_ok(run_filled(around[_i].in, "x", room[_i], around[_i].out));
    ck_fails(run_filled(around[_i].in, "x", room[_i] + 1, around[_i].out), UPSTREAM_PROTOCOL);
    ck_fails(run_filled(around[_i].in, "x", 20 * TEXT_MAX, around[_i].out), UPSTREAM_PROTOCOL);
    end();
}
END_TEST

START_TEST(a_held_element_has_a_bound_and_leaves_nothing_behind)
{
    static const char filler[] = "<A>0123456789abcdef</A>";
    size_t unit = sizeof(filler) - 1, most = (HELD_MAX - 1000) / unit * unit, over = (HELD_MAX / unit + 1) * unit;
    begin();
    ck_ok(run_filled("<B/><Item><Name>a</Name>", filler, most, "</Item>"));
    ck_assert_uint_gt(out.len, most);
    ck_ok(run_filled("<B/><Item>", filler, most, "<Name>hidden</Name></Item>"));
    check_out("<B></B>");
    ck_fails(run_filled("<B/><Item>", filler, over, "<Name>a</Name></Item>"), UPSTREAM_PROTOCOL);
    ck_assert(sg_bytes_has_prefix(SG_BYTES_LIT(PROLOG "<B></B>"), sgc_buf_view(&out)));
    /* The same outside of a held element streams. */
    ck_ok(run_filled("", filler, over, ""));
    end();
}
END_TEST

START_TEST(many_elements_need_no_more_room_than_one)
{
    static const char item[] = "<Item><Name>a</Name></Item><Item><Name>hidden</Name></Item>";
    static const char shown[] = "<Item><Name>a</Name></Item>";
    size_t count = 20000;
    begin();
    ck_ok(run_filled("", item, count * (sizeof(item) - 1), ""));
    ck_assert_uint_eq(out.len, sizeof(PROLOG) - 1 + count * (sizeof(shown) - 1) + sizeof(END_TAG) - 1);
    end();
}
END_TEST

/* A quote may stand as it is and is written as six bytes: a store that does not escape it makes the answer grow. In
 * pieces as transfers give them. */
START_TEST(keys_that_grow_when_they_are_escaped_pass)
{
    char leaf[1100];
    size_t count = 300;
    begin();
    rig.piece_max = 16 * SG_KIB;
    (void)snprintf(leaf, sizeof(leaf), "<A>%01000d</A>", 0);
    memset(leaf + 3, '"', 1000);
    ck_ok(run_filled("", leaf, count * strlen(leaf), ""));
    ck_assert_uint_eq(out.len, sizeof(PROLOG) - 1 + count * (6 * 1000 + 7) + sizeof(END_TAG) - 1);
    end();
}
END_TEST

START_TEST(the_whole_has_a_bound)
{
    static char blanks[SG_LIMIT_PUSH];
    struct sg_pipe *pipe;
    size_t taken;
    begin();
    memset(blanks, ' ', sizeof(blanks));
    ck_ok(sg_pipe_new_collecting(&sg_pipe_rewrite, &rig.facts, &out, &pipe));
    for (uint64_t left = TOTAL_MAX; left > 0; left -= sizeof(blanks)) {
        memcpy(blanks, left == TOTAL_MAX ? "<List><A/>" : "          ", 10);
        ck_quick(sg_is_ok(sg_pipe_push(pipe, SG_BYTES_ARRAY(blanks), &taken)));
    }
    ck_fails(sg_pipe_push(pipe, SG_BYTES_LIT(END_TAG), &taken), UPSTREAM_PROTOCOL);
    sg_pipe_free(pipe);
    end();
}
END_TEST

SG_TEST_MAIN("pipe/stage_xml", TEST_LOOP(every_rule_is_applied_however_the_answer_is_cut, SG_COUNT_OF(table)),
             TEST(it_does_not_matter_where_an_answer_is_cut_in_two),
             TEST_LOOP(what_is_no_whole_answer_of_the_kind_is_the_upstreams_fault, SG_COUNT_OF(bad)),
             TEST(a_nul_is_refused_wherever_it_stands),
             TEST(an_answer_cut_short_anywhere_fails_and_what_came_before_is_right),
             TEST(an_error_of_a_rule_is_the_error_of_the_pipe), TEST_LOOP(a_text_has_a_bound, 4),
             TEST(a_held_element_has_a_bound_and_leaves_nothing_behind), TEST(many_elements_need_no_more_room_than_one),
             TEST(keys_that_grow_when_they_are_escaped_pass), TEST(the_whole_has_a_bound))
