/* Do documents of S3 give the events they should, however they are cut; and is everything else refused, and in bounds?
 */
#include "s3client/xml_read.h"

#include <dirent.h>
#include <pthread.h>

#include "crypto/buf.h"
#include "support/check_main.h"

#include "common/banned.h"

#define BUF(name, max) SG_CLEANUP(sgc_buf_clear) struct sgc_buf name = SGC_BUF_INIT(max)

/* Events as text: "<path", "=text", ">path", each on its line. */
struct record {
    struct sgc_buf text;
    size_t event_count;
    size_t fail_at; /* the event, from 1, that returns an error; 0 = none */
};

static sg_err note(struct record *r, const char *mark, struct sg_bytes what)
{
    r->event_count++;
    SG_CHECK(r->event_count != r->fail_at, SLOW_DOWN);
    SG_TRY(sgc_buf_append_str(&r->text, mark));
    SG_TRY(sgc_buf_append(&r->text, what));
    return sgc_buf_append_u8(&r->text, '\n');
}

static sg_err on_open(void *ctx, struct sg_bytes path, struct sg_bytes name)
{
    ck_assert(sg_bytes_has_suffix(path, name));
    return note(ctx, "<", path);
}

static sg_err on_text(void *ctx, struct sg_bytes path, struct sg_bytes text)
{
    ck_assert_uint_gt(path.len, 0);
    return note(ctx, "=", text);
}

static sg_err on_close(void *ctx, struct sg_bytes path, struct sg_bytes name)
{
    ck_assert(sg_bytes_has_suffix(path, name));
    return note(ctx, ">", path);
}

static const struct sgs_xml_events all_events = {on_open, on_text, on_close};

static sg_err read_in_steps(struct sg_bytes document, size_t step, uint64_t max_total, struct record *r)
{
    struct sgs_xml_reader *reader;
    sg_err err = sgs_xml_reader_new(&all_events, r, max_total, &reader);
    for (size_t at = 0; sg_is_ok(err) && at < document.len; at += step)
        err = sgs_xml_reader_feed(reader, sg_bytes_slice(document, at, step));
    if (sg_is_ok(err))
        err = sgs_xml_reader_finish(reader);
    sgs_xml_reader_free(reader);
    return err;
}

/* Whole, byte by byte and in between: the verdict must be the same, and of good documents the events. */
static sg_err read_document(struct sg_bytes document, struct sgc_buf *events)
{
    static const size_t steps[] = {SIZE_MAX, 1, 2, 3, 7, 4096};
    sg_err first = SG_OK;
    for (size_t i = 0; i < SG_COUNT_OF(steps); i++) {
        struct record r = {.text = SGC_BUF_INIT(SG_MIB)};
        size_t step = steps[i] < document.len ? steps[i] : document.len;
        sg_err err = read_in_steps(document, step, SG_LIMIT_XML_BODY, &r);
        first = i == 0 ? err : first;
        ck_assert_msg(err.code == first.code, "in steps of %zu: %s", step, sg_err_row(err)->name);
        if (i == 0)
            ck_ok(sgc_buf_append(events, sgc_buf_view(&r.text)));
        ck_assert(!sg_is_ok(first) || sg_bytes_eq(sgc_buf_view(events), sgc_buf_view(&r.text)));
        sgc_buf_clear(&r.text);
    }
    return first;
}

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static const struct {
    const char *document, *events;
} good[] = {
    {"<D/>", "<D\n=\n>D\n"},
    {"<D></D>", "<D\n=\n>D\n"},
    {DECLARATION "<D>a</D>", "<D\n=a\n>D\n"},
    {"\xEF\xBB\xBF" DECLARATION "<D>a</D>\n", "<D\n=a\n>D\n"},
    {"\xEF\xBB\xBF<D/>", "<D\n=\n>D\n"},
    {"<?xml version='1.0' encoding = 'utf-8' standalone='yes' ?><D/>", "<D\n=\n>D\n"},
    {"<?xml version=\"1.0\" encoding=\"US-ASCII\"?><D/>", "<D\n=\n>D\n"},
    {"<?xml version=\"1.0\"?><D/>", "<D\n=\n>D\n"},
    {" \r\n\t<D/> \n", "<D\n=\n>D\n"},
    {"<!-- c --><D><!-- c --></D><!-- c -->", "<D\n=\n>D\n"},
    {"<D>a<!-- cut -->b</D>", "<D\n=ab\n>D\n"},
    {"<D>a<![CDATA[<b>&amp;]]>c</D>", "<D\n=a<b>&amp;c\n>D\n"},
    {"<D><![CDATA[]]></D>", "<D\n=\n>D\n"},
    {"<D>&amp;&lt;&gt;&quot;&apos;</D>", "<D\n=&<>\"'\n>D\n"},
    {"<D>&#65;&#x42;&#xFC;&#x1F512;</D>", "<D\n=AB\xC3\xBC\xF0\x9F\x94\x92\n>D\n"},
    {"<D>&#13;&#9;&#10;.</D>", "<D\n=\r\t\n.\n>D\n"},
    {"<D>a\r\nb\rc</D>", "<D\n=a\nb\nc\n>D\n"},
    {"<D>  a  </D>", "<D\n=  a  \n>D\n"},
    {"<D> </D>", "<D\n= \n>D\n"},
    {"<D> <E/> </D>", "<D\n<D/E\n=\n>D/E\n>D\n"},
    {"<D>mixed<E>1</E>text<E>2</E></D>", "<D\n<D/E\n=1\n>D/E\n<D/E\n=2\n>D/E\n>D\n"},
    {"<D><E><F>1</F></E><G/></D>", "<D\n<D/E\n<D/E/F\n=1\n>D/E/F\n>D/E\n<D/G\n=\n>D/G\n>D\n"},
    {"<D xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><E>1</E></D>", "<D\n<D/E\n=1\n>D/E\n>D\n"},
    {"<s:D xmlns:s=\"u\"><s:E>1</s:E></s:D>", "<D\n<D/E\n=1\n>D/E\n>D\n"},
    {"<D><x:E>1</x:E></D>", "<D\n<D/E\n=1\n>D/E\n>D\n"}, /* a prefix that nobody declared */
    {"<D><G xmlns:xsi=\"u\" xsi:type=\"C\" a='&amp;&#65;'><ID>1</ID></G></D>",
     "<D\n<D/G\n<D/G/ID\n=1\n>D/G/ID\n>D/G\n>D\n"},
    {"<D\n a = '1'\t>1</D\n>", "<D\n=1\n>D\n"},
    {"<D>]]&gt;</D>", "<D\n=]]>\n>D\n"},
    {"<D>\xC3\xBC\xE6\x97\xA5\xF0\x9F\x94\x92\xEF\xBF\xBD</D>",
     "<D\n=\xC3\xBC\xE6\x97\xA5\xF0\x9F\x94\x92\xEF\xBF\xBD\n>D\n"},
};

START_TEST(good_documents_give_their_events_however_they_are_cut)
{
    BUF(events, SG_KIB);
    ck_ok(read_document(sg_bytes_str(good[_i].document), &events));
    ck_assert_msg(sg_bytes_eq_str(sgc_buf_view(&events), good[_i].events), "%.*s", SG_BYTES_FMT(sgc_buf_view(&events)));
}
END_TEST

static void check_bad_file(const char *name)
{
    BUF(document, SG_MIB);
    BUF(events, SG_MIB);
    char path[1024];
    (void)snprintf(path, sizeof(path), "%s/tests/vectors/xml_bad/%s", SG_SOURCE_DIR, name);
    FILE *stream = fopen(path, "rb");
    ck_assert(stream != NULL);
    for (int c; (c = fgetc(stream)) != EOF;)
        ck_ok(sgc_buf_append_u8(&document, (uint8_t)c));
    (void)fclose(stream);
    sg_err err = read_document(sgc_buf_view(&document), &events);
    ck_assert_msg(sg_is(err, MALFORMED_XML), "%s gave %s and %.*s", name, sg_err_row(err)->name,
                  SG_BYTES_FMT(sgc_buf_view(&events)));
}

START_TEST(bad_documents_are_refused_however_they_are_cut)
{
    int count = 0;
    DIR *folder = opendir(SG_SOURCE_DIR "/tests/vectors/xml_bad");
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        check_bad_file(entry->d_name);
        count++;
    }
    (void)closedir(folder);
    ck_assert_int_ge(count, 100);
}
END_TEST

START_TEST(a_document_cut_at_any_byte_is_refused)
{
    static const char document[] = DECLARATION "<Delete xmlns=\"u\"><!-- c --><Object><Key>a&amp;&#x42;\xC3\xBC</Key>"
                                               "</Object><Quiet><![CDATA[true]]></Quiet></Delete>";
    for (size_t len = 0; len < sizeof(document) - 1; len++) {
        BUF(events, SG_KIB);
        ck_fails(read_document(sg_bytes(document, len), &events), MALFORMED_XML);
    }
    BUF(events, SG_KIB);
    ck_ok(read_document(sg_bytes(document, sizeof(document) - 1), &events));
}
END_TEST

START_TEST(bounds_are_reached_but_not_passed)
{
    BUF(document, SG_MIB);
    BUF(events, SG_MIB);
    for (int i = 0; i < SG_LIMIT_XML_DEPTH; i++)
        ck_ok(sgc_buf_append_str(&document, "<a>"));
    for (int i = 0; i < SG_LIMIT_XML_DEPTH; i++)
        ck_ok(sgc_buf_append_str(&document, "</a>"));
    ck_ok(read_document(sgc_buf_view(&document), &events));

    sgc_buf_truncate(&events, 0);
    sgc_buf_truncate(&document, 0);
    ck_ok(sgc_buf_append_u8(&document, '<'));
    for (int i = 0; i < SG_LIMIT_XML_NAME; i++)
        ck_ok(sgc_buf_append_u8(&document, 'n'));
    ck_ok(sgc_buf_append_u8(&document, '>'));
    for (unsigned i = 0; i < SG_LIMIT_XML_TEXT; i++)
        ck_ok(sgc_buf_append_u8(&document, 't'));
    ck_ok(sgc_buf_append_str(&document, "</"));
    for (int i = 0; i < SG_LIMIT_XML_NAME; i++)
        ck_ok(sgc_buf_append_u8(&document, 'n'));
    ck_ok(sgc_buf_append_u8(&document, '>'));
    ck_ok(read_document(sgc_buf_view(&document), &events));
    ck_assert_uint_gt(events.len, SG_LIMIT_XML_TEXT);
}
END_TEST

START_TEST(the_total_is_bounded)
{
    struct record r = {.text = SGC_BUF_INIT(SG_KIB)};
    struct sg_bytes document = SG_BYTES_LIT("<D>12345</D>");
    ck_ok(read_in_steps(document, 5, document.len, &r));
    ck_fails(read_in_steps(document, 5, document.len - 1, &r), MALFORMED_XML);
    ck_fails(read_in_steps(document, document.len, document.len - 1, &r), MALFORMED_XML);
    ck_fails(read_in_steps(document, 1, 0, &r), MALFORMED_XML);
    sgc_buf_clear(&r.text);
}
END_TEST

/* Feeds `before`, a growing number and `behind` until the reader refuses; returns how many bytes it took. */
static size_t feed_until_refused(const char *start, const char *before, const char *behind, size_t max)
{
    static const struct sgs_xml_events none = {NULL, NULL, NULL};
    struct sgs_xml_reader *reader;
    char text[256];
    size_t fed = 0;
    ck_ok(sgs_xml_reader_new(&none, NULL, UINT64_MAX, &reader));
    ck_ok(sgs_xml_reader_feed(reader, sg_bytes_str(start)));
    for (size_t i = 0; fed < max; i++) {
        (void)snprintf(text, sizeof(text), "%s%zu%s", before, i, behind);
        if (!sg_is_ok(sgs_xml_reader_feed(reader, sg_bytes_str(text))))
            break;
        fed += strlen(text);
    }
    sgs_xml_reader_free(reader);
    return fed;
}

static const struct {
    const char *start, *before, *behind;
    size_t bound;
} endless[] = {
    {"<D>", "<name", "/>", 8 * SG_LIMIT_XML_DICTIONARY},
    {"<D>", "<n a", "=''/>", 8 * SG_LIMIT_XML_DICTIONARY},
    {"<D>", "<n xmlns='u", "'/>", 8 * SG_LIMIT_XML_DICTIONARY},
    {"<D>", "<n xmlns:p", "='u'/>", 8 * SG_LIMIT_XML_DICTIONARY},
    {"<D ", "a", "='' ", 2 * SG_LIMIT_XML_PENDING},
    {"<D a='", "value", "", 2 * SG_LIMIT_XML_PENDING},
    {"<D>", "<!--", "", 2 * SG_LIMIT_XML_PENDING},
    {"<D>&", "x", "", 2 * SG_LIMIT_XML_PENDING},
    {"<D></D ", "  ", "", 2 * SG_LIMIT_XML_PENDING},
    {"<D>", "text ", "", 2 * SG_LIMIT_XML_TEXT},
    {"<D><![CDATA[", "text ", "", 2 * SG_LIMIT_XML_TEXT},
};

START_TEST(what_the_parser_would_keep_is_bounded)
{
    size_t fed = feed_until_refused(endless[_i].start, endless[_i].before, endless[_i].behind, SG_LIMIT_XML_BODY);
    ck_assert_uint_le(fed, endless[_i].bound);
}
END_TEST

START_TEST(long_documents_of_small_elements_are_read)
{
    size_t fed = feed_until_refused("<D>", "<Part><N>", "</N><E a='1'>\"x\"</E></Part>\n", SG_LIMIT_XML_BODY);
    ck_assert_uint_ge(fed, SG_LIMIT_XML_BODY);
    /* Text beside child elements is dropped, not kept. */
    ck_assert_uint_ge(feed_until_refused("<D><E/>", "                 ", "", SG_MIB), SG_MIB);
}
END_TEST

START_TEST(the_error_of_a_callback_stops_the_reader)
{
    struct sg_bytes document = SG_BYTES_LIT("<D><E>1</E></D>");
    for (size_t event = 1; event <= 5; event++) {
        struct record r = {.text = SGC_BUF_INIT(SG_KIB), .fail_at = event};
        struct sgs_xml_reader *reader;
        ck_ok(sgs_xml_reader_new(&all_events, &r, 100, &reader));
        ck_fails(sgs_xml_reader_feed(reader, document), SLOW_DOWN);
        ck_assert_uint_eq(r.event_count, event);
        ck_fails(sgs_xml_reader_feed(reader, document), SLOW_DOWN);
        ck_fails(sgs_xml_reader_finish(reader), SLOW_DOWN);
        ck_assert_uint_eq(r.event_count, event);
        sgs_xml_reader_free(reader);
        sgc_buf_clear(&r.text);
    }
}
END_TEST

START_TEST(a_reader_that_refused_stays_dead)
{
    struct record r = {.text = SGC_BUF_INIT(SG_KIB)};
    struct sgs_xml_reader *reader;
    ck_ok(sgs_xml_reader_new(&all_events, &r, 100, &reader));
    ck_fails(sgs_xml_reader_feed(reader, SG_BYTES_LIT("<D></E>")), MALFORMED_XML);
    size_t count = r.event_count;
    ck_fails(sgs_xml_reader_feed(reader, SG_BYTES_LIT("<F/>")), MALFORMED_XML);
    ck_fails(sgs_xml_reader_finish(reader), MALFORMED_XML);
    ck_assert_uint_eq(r.event_count, count);
    sgs_xml_reader_free(reader);
    sgc_buf_clear(&r.text);
}
END_TEST

START_TEST(nothing_may_follow_finish)
{
    struct record r = {.text = SGC_BUF_INIT(SG_KIB)};
    struct sgs_xml_reader *reader;
    ck_ok(sgs_xml_reader_new(&all_events, &r, 100, &reader));
    ck_ok(sgs_xml_reader_feed(reader, SG_BYTES_LIT("<D/>")));
    ck_ok(sgs_xml_reader_feed(reader, SG_BYTES_NONE));
    ck_ok(sgs_xml_reader_finish(reader));
    ck_fails(sgs_xml_reader_finish(reader), MALFORMED_XML);
    ck_fails(sgs_xml_reader_feed(reader, SG_BYTES_LIT(" ")), MALFORMED_XML);
    sgs_xml_reader_free(reader);
    sgs_xml_reader_free(NULL);
    sgc_buf_clear(&r.text);
}
END_TEST

static void *read_many(void *arg)
{
    size_t *ok_count = arg;
    for (size_t i = 0; i < 200; i++) {
        struct record r = {.text = SGC_BUF_INIT(SG_KIB)};
        struct sg_bytes document = sg_bytes_str(good[i % SG_COUNT_OF(good)].document);
        *ok_count += sg_is_ok(read_in_steps(document, 3, SG_KIB, &r)) ? 1 : 0;
        *ok_count += sg_is(read_in_steps(SG_BYTES_LIT("<D>&x;"), 6, SG_KIB, &r), MALFORMED_XML) ? 1 : 0;
        sgc_buf_clear(&r.text);
    }
    return NULL;
}

START_TEST(threads_read_beside_each_other)
{
    pthread_t threads[4];
    size_t ok_counts[SG_COUNT_OF(threads)] = {0};
    for (size_t i = 0; i < SG_COUNT_OF(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_many, &ok_counts[i]), 0);
    for (size_t i = 0; i < SG_COUNT_OF(threads); i++) {
        (void)pthread_join(threads[i], NULL);
        ck_assert_uint_eq(ok_counts[i], 400);
    }
}
END_TEST

SG_TEST_MAIN("s3client/xml_read", TEST_LOOP(good_documents_give_their_events_however_they_are_cut, SG_COUNT_OF(good)),
             TEST(bad_documents_are_refused_however_they_are_cut), TEST(a_document_cut_at_any_byte_is_refused),
             TEST(bounds_are_reached_but_not_passed), TEST(the_total_is_bounded),
             TEST_LOOP(what_the_parser_would_keep_is_bounded, SG_COUNT_OF(endless)),
             TEST(long_documents_of_small_elements_are_read), TEST(the_error_of_a_callback_stops_the_reader),
             TEST(a_reader_that_refused_stays_dead), TEST(nothing_may_follow_finish),
             TEST(threads_read_beside_each_other))
