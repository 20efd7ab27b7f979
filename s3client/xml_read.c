/*
 * libxml2's push parser, fed in small pieces, with SAX handlers of our own and nothing of its tree builder. What is not
 * needed to read S3's documents is not parsed carefully but refused: document types (and with them every entity but the
 * five of XML), processing instructions, every encoding but UTF-8.
 *
 * Memory stays small whatever comes: the path and the text of one leaf are ours and bounded; of the parser's own, what
 * it holds back of an unfinished tag or comment is measured after every piece, and its dictionary of names has a limit.
 */
#include "s3client/xml_read.h"

#include <libxml/parser.h>
#include <pthread.h>

#include "crypto/buf.h"

#include "common/banned.h"

#define BOM         SG_BYTES_LIT("\xEF\xBB\xBF")
#define DECLARATION SG_BYTES_LIT("<?xml")

/* Older versions have no such option; there it is the external entity loader alone that refuses. */
#if LIBXML_VERSION >= 21300
#define PARSER_OPTIONS (XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_NO_XXE)
#else
#define PARSER_OPTIONS (XML_PARSE_NONET | XML_PARSE_IGNORE_ENC)
#endif

#if LIBXML_VERSION >= 21200
typedef const xmlError *xml_error_ptr;
#else
typedef xmlErrorPtr xml_error_ptr;
#endif

struct level {
    size_t parent_len; /* of the path, without this element */
    bool has_child;
};

struct sgs_xml_reader {
    struct sgs_xml_events events;
    void *ctx;
    xmlParserCtxtPtr parser;
    uint64_t left; /* bytes that the document may still have */

    struct sgc_buf start; /* the document's beginning, until has_begun */
    bool has_begun;       /* the beginning was found acceptable and given to the parser */

    struct level levels[SG_LIMIT_XML_DEPTH];
    size_t depth;
    struct sgc_buf path;
    struct sgc_buf text; /* of the innermost open element, while it has no child */
    bool has_root;

    sg_err err; /* the first; the reader is dead once it is set */
};

/* --- what libxml2 calls --- */

static void stop(struct sgs_xml_reader *r, sg_err err)
{
    if (sg_is_ok(r->err))
        r->err = err;
    xmlStopParser(r->parser);
}

/* Runs a callback of the owner; NULL when it has none. */
static void call(struct sgs_xml_reader *r, sg_err (*fn)(void *, struct sg_bytes, struct sg_bytes), struct sg_bytes what)
{
    sg_err err = fn == NULL ? SG_OK : fn(r->ctx, sgc_buf_view(&r->path), what);
    if (!sg_is_ok(err))
        stop(r, err);
}

static sg_err open_level(struct sgs_xml_reader *r, struct sg_bytes name)
{
    SG_CHECK(r->depth < SG_LIMIT_XML_DEPTH && name.len <= SG_LIMIT_XML_NAME, MALFORMED_XML);
    struct level *level = &r->levels[r->depth];
    *level = (struct level){.parent_len = r->path.len};
    if (r->depth > 0) {
        level[-1].has_child = true;
        SG_TRY(sgc_buf_append_u8(&r->path, '/'));
    }
    SG_TRY(sgc_buf_append(&r->path, name));
    sgc_buf_truncate(&r->text, 0);
    r->depth++;
    r->has_root = true;
    return SG_OK;
}

static void on_start_element(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *ns, int ns_count,
                             const xmlChar **namespaces, int attribute_count, int defaulted, const xmlChar **attributes)
{
    struct sgs_xml_reader *r = user;
    struct sg_bytes local = sg_bytes_str((const char *)name);
    (void)prefix, (void)ns, (void)ns_count, (void)namespaces;
    (void)attribute_count, (void)defaulted, (void)attributes;
    if (!sg_is_ok(r->err))
        return;
    sg_err err = open_level(r, local);
    if (!sg_is_ok(err)) {
        stop(r, err);
        return;
    }
    call(r, r->events.on_open, local);
}

static void on_end_element(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *ns)
{
    struct sgs_xml_reader *r = user;
    (void)prefix, (void)ns;
    if (!sg_is_ok(r->err))
        return;
    sg_assert(r->depth > 0);
    const struct level *level = &r->levels[r->depth - 1];
    if (!level->has_child)
        call(r, r->events.on_text, sgc_buf_view(&r->text));
    if (!sg_is_ok(r->err))
        return;
    call(r, r->events.on_close, sg_bytes_str((const char *)name));
    sgc_buf_truncate(&r->text, 0);
    sgc_buf_truncate(&r->path, level->parent_len);
    r->depth--;
}

/* Text comes in pieces: the parser cuts it where it likes, and at comments and CDATA sections. */
static void on_characters(void *user, const xmlChar *text, int len)
{
    struct sgs_xml_reader *r = user;
    if (!sg_is_ok(r->err) || r->depth == 0 || r->levels[r->depth - 1].has_child)
        return;
    sg_err err = sgc_buf_append(&r->text, sg_bytes(text, (size_t)len));
    if (!sg_is_ok(err))
        stop(r, SG_ERR_OF(MALFORMED_XML));
}

static void on_document_type(void *user, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
    (void)name, (void)public_id, (void)system_id;
    stop(user, SG_ERR_OF(MALFORMED_XML));
}

static void on_instruction(void *user, const xmlChar *target, const xmlChar *data)
{
    (void)target, (void)data;
    stop(user, SG_ERR_OF(MALFORMED_XML));
}

static void on_reference(void *user, const xmlChar *name)
{
    (void)name;
    stop(user, SG_ERR_OF(MALFORMED_XML));
}

/* Errors that leave the document well-formed (a namespace prefix that nobody declared) are not ours to judge. */
static void on_error(void *user, xml_error_ptr error)
{
    if (error->level >= XML_ERR_FATAL)
        stop(user, SG_ERR_OF(MALFORMED_XML));
}

/* --- setting libxml2 up --- */

/* For errors that the library raises outside any parser: it would print them to stderr. */
static void ignore_error(void *user, xml_error_ptr error)
{
    (void)user, (void)error;
}

static xmlParserInputPtr refuse_external(const char *url, const char *id, xmlParserCtxtPtr parser)
{
    (void)url, (void)id, (void)parser;
    return NULL;
}

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void init_library(void)
{
    xmlInitParser();
    xmlSetExternalEntityLoader(refuse_external);
}

static xmlParserCtxtPtr new_parser(struct sgs_xml_reader *r)
{
    xmlSAXHandler sax = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_start_element,
        .endElementNs = on_end_element,
        .characters = on_characters,
        .ignorableWhitespace = on_characters,
        .cdataBlock = on_characters,
        .internalSubset = on_document_type,
        .externalSubset = on_document_type,
        .reference = on_reference,
        .processingInstruction = on_instruction,
        .serror = on_error,
    };
    xmlSetStructuredErrorFunc(NULL, ignore_error); /* of this thread */
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
    if (parser == NULL)
        return NULL;
    (void)xmlCtxtUseOptions(parser, PARSER_OPTIONS);
    (void)xmlDictSetLimit(parser->dict, SG_LIMIT_XML_DICTIONARY);
    return parser;
}

sg_err sgs_xml_reader_new(const struct sgs_xml_events *events, void *ctx, uint64_t max_total,
                          struct sgs_xml_reader **out)
{
    SG_CHECK(pthread_once(&library_once, init_library) == 0, INTERNAL);
    struct sgs_xml_reader *r = sgc_xalloc(sizeof(*r));
    *r = (struct sgs_xml_reader){
        .events = *events,
        .ctx = ctx,
        .left = max_total,
        .start = SGC_BUF_INIT(SG_LIMIT_XML_DECLARATION),
        .path = SGC_BUF_INIT(SG_LIMIT_XML_DEPTH * (SG_LIMIT_XML_NAME + 1)),
        .text = SGC_BUF_INIT(SG_LIMIT_XML_TEXT),
    };
    r->parser = new_parser(r);
    if (r->parser == NULL) {
        sgs_xml_reader_free(r);
        SG_FAIL(INTERNAL);
    }
    *out = r;
    return SG_OK;
}

void sgs_xml_reader_free(struct sgs_xml_reader *r)
{
    if (r == NULL)
        return;
    xmlFreeParserCtxt(r->parser);
    sgc_buf_clear(&r->start);
    sgc_buf_clear(&r->path);
    sgc_buf_clear(&r->text);
    sgc_xfree(r);
}

/* --- the beginning of a document --- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* `declaration` is "<?xml ..." up to its "?>". The parser is told to ignore what it says of the encoding, so that no
 * conversion ever runs; here a document that would need one is refused. */
static sg_err check_encoding(struct sg_bytes declaration)
{
    static const char word[] = "encoding";
    const uint8_t *hit = memmem(declaration.ptr, declaration.len, word, sizeof(word) - 1);
    if (hit == NULL)
        return SG_OK;
    struct sg_bytes rest = sg_bytes_skip(declaration, (size_t)(hit - declaration.ptr) + sizeof(word) - 1);
    while (rest.len > 0 && (is_blank(rest.ptr[0]) || rest.ptr[0] == '='))
        rest = sg_bytes_skip(rest, 1);
    SG_CHECK(rest.len > 0 && (rest.ptr[0] == '"' || rest.ptr[0] == '\''), MALFORMED_XML);
    struct sg_bytes value = sg_bytes_skip(rest, 1);
    value = sg_bytes_slice(value, 0, sg_bytes_find(value, rest.ptr[0]));
    SG_CHECK(sg_bytes_eq_nocase(value, SG_BYTES_LIT("UTF-8")) || sg_bytes_eq_nocase(value, SG_BYTES_LIT("US-ASCII")),
             MALFORMED_XML);
    return SG_OK;
}

static struct sg_bytes without_bom(struct sg_bytes start)
{
    return sg_bytes_has_prefix(start, BOM) ? sg_bytes_skip(start, BOM.len) : start;
}

/* Looks at what there is of the beginning; *is_decided says that it is enough. */
static sg_err check_start(struct sg_bytes start, bool *is_decided)
{
    struct sg_bytes text = without_bom(start);
    *is_decided = false;
    if (sg_bytes_has_prefix(BOM, start) || sg_bytes_has_prefix(DECLARATION, text))
        return SG_OK;
    if (sg_bytes_has_prefix(text, DECLARATION) && is_blank(text.ptr[DECLARATION.len])) {
        const uint8_t *end = memmem(text.ptr, text.len, "?>", 2);
        *is_decided = end != NULL;
        return end == NULL ? SG_OK : check_encoding(sg_bytes_slice(text, 0, (size_t)(end - text.ptr)));
    }
    /* UTF-16, UTF-32 and EBCDIC begin with other bytes, or with a NUL, which feed() refuses. */
    *is_decided = true;
    SG_CHECK(text.ptr[0] == '<' || is_blank(text.ptr[0]), MALFORMED_XML);
    return SG_OK;
}

/* --- feeding --- */

static sg_err check_parser(const struct sgs_xml_reader *r)
{
    SG_TRY(r->err);
    SG_CHECK(r->parser->wellFormed == 1 && r->parser->disableSAX == 0, MALFORMED_XML);
    SG_CHECK(r->parser->input->end - r->parser->input->cur <= (ptrdiff_t)SG_LIMIT_XML_PENDING, MALFORMED_XML);
    return SG_OK;
}

static sg_err push(struct sgs_xml_reader *r, struct sg_bytes bytes)
{
    while (bytes.len > 0) {
        struct sg_bytes piece = sg_bytes_slice(bytes, 0, SG_LIMIT_XML_PENDING / 4);
        (void)xmlParseChunk(r->parser, (const char *)piece.ptr, (int)piece.len, 0);
        SG_TRY(check_parser(r));
        bytes = sg_bytes_skip(bytes, piece.len);
    }
    return SG_OK;
}

static sg_err feed(struct sgs_xml_reader *r, struct sg_bytes bytes)
{
    SG_CHECK(bytes.len <= r->left && sg_bytes_find(bytes, '\0') == bytes.len, MALFORMED_XML);
    r->left -= bytes.len;
    while (!r->has_begun && bytes.len > 0) {
        SG_CHECK(sg_is_ok(sgc_buf_append_u8(&r->start, bytes.ptr[0])), MALFORMED_XML);
        SG_TRY(check_start(sgc_buf_view(&r->start), &r->has_begun));
        bytes = sg_bytes_skip(bytes, 1);
        if (r->has_begun)
            SG_TRY(push(r, without_bom(sgc_buf_view(&r->start))));
    }
    return push(r, bytes);
}

sg_err sgs_xml_reader_feed(struct sgs_xml_reader *r, struct sg_bytes bytes)
{
    SG_TRY(r->err);
    sg_err err = feed(r, bytes);
    if (sg_is_ok(r->err))
        r->err = err;
    return r->err;
}

static sg_err finish(struct sgs_xml_reader *r)
{
    SG_CHECK(r->has_begun, MALFORMED_XML);
    (void)xmlParseChunk(r->parser, "", 0, 1);
    SG_TRY(check_parser(r));
    SG_CHECK(r->has_root && r->depth == 0, MALFORMED_XML);
    return SG_OK;
}

sg_err sgs_xml_reader_finish(struct sgs_xml_reader *r)
{
    SG_TRY(r->err);
    sg_err err = finish(r);
    if (sg_is_ok(r->err))
        r->err = sg_is_ok(err) ? (sg_err){SG_CODE_MALFORMED_XML} : err; /* finished: nothing may follow */
    return err;
}
