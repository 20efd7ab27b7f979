/* Does every text come back unchanged through a parser, and is the output always well-formed UTF-8? */
#include "s3client/xml_write.h"

#include "s3client/xml_read.h"
#include "support/check_main.h"

#include "common/banned.h"

#define BUF(name, max) SG_CLEANUP(sgc_buf_clear) struct sgc_buf name = SGC_BUF_INIT(max)

static const struct {
    struct sg_bytes text;
    const char *written;
} texts[] = {
    {SG_BYTES_INIT(""), ""},
    {SG_BYTES_INIT("plain text"), "plain text"},
    {SG_BYTES_INIT("a&b<c>d\"e'f"), "a&amp;b&lt;c&gt;d&quot;e&apos;f"},
    {SG_BYTES_INIT("&amp;"), "&amp;amp;"},
    {SG_BYTES_INIT("]]>"), "]]&gt;"},
    {SG_BYTES_INIT("\r\n\t"), "&#13;&#10;&#9;"},
    {SG_BYTES_INIT("a\x01\x1F\x7Fz"), "a&#1;&#31;&#127;z"},
    {SG_BYTES_INIT("\0"), "&#0;"},
    {SG_BYTES_INIT("\xC3\xBC\xE6\x97\xA5\xF0\x9F\x94\x92"), "\xC3\xBC\xE6\x97\xA5\xF0\x9F\x94\x92"},
    {SG_BYTES_INIT("\xEF\xBF\xBE\xEF\xBF\xBF"), "&#65534;&#65535;"},
    {SG_BYTES_INIT("\xEF\xBF\xBD"), "\xEF\xBF\xBD"},
    {SG_BYTES_INIT("\xF4\x8F\xBF\xBF"), "\xF4\x8F\xBF\xBF"},
    /* What is not UTF-8 is replaced, byte by byte. */
    {SG_BYTES_INIT("a\xFFz"), "a\xEF\xBF\xBDz"},
    {SG_BYTES_INIT("\x80"), "\xEF\xBF\xBD"},
    {SG_BYTES_INIT("\xC3"), "\xEF\xBF\xBD"},
    {SG_BYTES_INIT("\xC3<"), "\xEF\xBF\xBD&lt;"},
    {SG_BYTES_INIT("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD"},
    {SG_BYTES_INIT("\xC1\xBF"), "\xEF\xBF\xBD\xEF\xBF\xBD"},
    {SG_BYTES_INIT("\xE0\x80\xBC"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {SG_BYTES_INIT("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {SG_BYTES_INIT("\xF0\x80\x80\xBC"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {SG_BYTES_INIT("\xF4\x90\x80\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {SG_BYTES_INIT("\xF5\x80\x80\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {SG_BYTES_INIT("\xE6\x97"), "\xEF\xBF\xBD\xEF\xBF\xBD"},
    {SG_BYTES_INIT("\xF0\x9F\x94"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
};

START_TEST(text_is_escaped)
{
    BUF(out, SG_KIB);
    ck_ok(sgs_xml_text(&out, texts[_i].text));
    ck_assert_msg(sg_bytes_eq_str(sgc_buf_view(&out), texts[_i].written), "%.*s", SG_BYTES_FMT(sgc_buf_view(&out)));
}
END_TEST

START_TEST(elements_are_written)
{
    BUF(out, SG_KIB);
    ck_ok(sgs_xml_begin(&out, "Result", SGS_XML_S3_NAMESPACE));
    ck_ok(sgs_xml_open(&out, "Contents"));
    ck_ok(sgs_xml_leaf(&out, "Key", SG_BYTES_LIT("a<b")));
    ck_ok(sgs_xml_leaf(&out, "Prefix", SG_BYTES_NONE));
    ck_ok(sgs_xml_leaf_u64(&out, "Size", UINT64_MAX));
    ck_ok(sgs_xml_close(&out, "Contents"));
    ck_ok(sgs_xml_close(&out, "Result"));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                                  "<Result xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Contents>"
                                                  "<Key>a&lt;b</Key><Prefix></Prefix><Size>18446744073709551615</Size>"
                                                  "</Contents></Result>"));
}
END_TEST

START_TEST(a_root_may_have_no_namespace)
{
    BUF(out, SG_KIB);
    ck_ok(sgs_xml_begin(&out, "Error", NULL));
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&out), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>"));
}
END_TEST

static sg_err keep_text(void *ctx, struct sg_bytes path, struct sg_bytes text)
{
    SG_UNUSED(path);
    return sgc_buf_append(ctx, text);
}

/* Writes one leaf and reads it again. */
static sg_err round_trip(struct sg_bytes text, struct sgc_buf *back)
{
    static const struct sgs_xml_events events = {.on_text = keep_text};
    BUF(document, SG_KIB);
    struct sgs_xml_reader *reader;
    ck_ok(sgs_xml_begin(&document, "D", NULL));
    ck_ok(sgs_xml_text(&document, text));
    ck_ok(sgs_xml_close(&document, "D"));
    ck_ok(sgs_xml_reader_new(&events, back, SG_KIB, &reader));
    sg_err err = sgs_xml_reader_feed(reader, sgc_buf_view(&document));
    if (sg_is_ok(err))
        err = sgs_xml_reader_finish(reader);
    sgs_xml_reader_free(reader);
    return err;
}

START_TEST(what_xml_can_carry_comes_back)
{
    for (int c = 1; c < 128; c++) {
        BUF(back, SG_KIB);
        uint8_t text[3] = {'a', (uint8_t)c, 'z'};
        sg_err err = round_trip(SG_BYTES_ARRAY(text), &back);
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') {
            /* As S3 does: a reference that a strict parser refuses. */
            ck_fails(err, MALFORMED_XML);
            continue;
        }
        ck_ok(err);
        ck_assert(sg_bytes_eq(sgc_buf_view(&back), SG_BYTES_ARRAY(text)));
    }
}
END_TEST

START_TEST(any_bytes_make_a_readable_document)
{
    for (uint32_t i = 0; i < 65536; i++) {
        BUF(back, SG_KIB);
        uint8_t text[2] = {(uint8_t)(i >> 8 | 0x80), (uint8_t)(i | 0x80)};
        ck_ok(round_trip(SG_BYTES_ARRAY(text), &back));
    }
}
END_TEST

START_TEST(small_buffers_are_limits)
{
    BUF(out, 10);
    ck_fails(sgs_xml_begin(&out, "D", NULL), LIMIT);
    ck_fails(sgs_xml_text(&out, SG_BYTES_LIT("\"\"")), LIMIT);
    sgc_buf_clear(&out);
    ck_fails(sgs_xml_leaf(&out, "Name", SG_BYTES_LIT("text")), LIMIT);
    sgc_buf_clear(&out);
    ck_fails(sgs_xml_leaf_u64(&out, "Name", 1), LIMIT);
}
END_TEST

SG_TEST_MAIN("s3client/xml_write", TEST_LOOP(text_is_escaped, SG_COUNT_OF(texts)), TEST(elements_are_written),
             TEST(a_root_may_have_no_namespace), TEST(what_xml_can_carry_comes_back),
             TEST(any_bytes_make_a_readable_document), TEST(small_buffers_are_limits))
