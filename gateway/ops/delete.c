/*
 * DeleteObject and DeleteObjects. The list of the latter is read, checked and written anew: ETags and sizes in it are
 * the clients', and what is not understood must not reach the upstream.
 *
 * Tests: tests/unit/engine/test_engine.c
 */
#include "ops/body_facts.h"
#include "ops/etag.h"
#include "ops/exchange.h"

#include "crypto/codec.h"
#include "crypto/layout.h"
#include "s3client/xml_read.h"
#include "s3client/xml_write.h"

#include "common/banned.h"

const struct sg_op_fns sg_fns_delete_object = {.plan = sg_exchange_plan_same, .done = sg_exchange_done_head};

struct list_reader {
    struct sgc_buf out;
    size_t object_count;
    bool has_key; /* of the object at hand */
};

static sg_err copy_text(struct sg_bytes text, struct sgc_buf *out)
{
    return sgc_buf_append(out, text);
}

static sg_err stored_size(struct sg_bytes text, struct sgc_buf *out)
{
    uint64_t plain;
    SG_CHECK(sg_bytes_to_u64(text, &plain) && plain <= SGC_PLAIN_MAX, MALFORMED_XML);
    return sgc_buf_appendf(out, "%llu", (unsigned long long)sgc_layout_sealed(plain));
}

struct leaf_row {
    const char *path, *name;
    sg_err (*map)(struct sg_bytes text, struct sgc_buf *out);
};

static const struct leaf_row leaves[] = {
    {"Delete/Quiet", "Quiet", copy_text},
    {"Delete/Object/Key", "Key", copy_text},
    {"Delete/Object/VersionId", "VersionId", copy_text},
    {"Delete/Object/ETag", "ETag", sg_etag_in},
    {"Delete/Object/LastModifiedTime", "LastModifiedTime", copy_text},
    {"Delete/Object/Size", "Size", stored_size},
};

static const struct leaf_row *leaf_of(struct sg_bytes path)
{
    for (size_t i = 0; i < SG_COUNT_OF(leaves); i++) {
        if (sg_bytes_eq_str(path, leaves[i].path))
            return &leaves[i];
    }
    return NULL;
}

static sg_err on_open(void *ctx, struct sg_bytes path, struct sg_bytes name)
{
    struct list_reader *list = ctx;
    SG_UNUSED(name);
    if (sg_bytes_eq_str(path, "Delete"))
        return sgs_xml_begin(&list->out, "Delete", SGS_XML_S3_NAMESPACE);
    if (sg_bytes_eq_str(path, "Delete/Object")) {
        SG_CHECK(++list->object_count <= SG_LIMIT_DELETE_COUNT, MALFORMED_XML);
        list->has_key = false;
        return sgs_xml_open(&list->out, "Object");
    }
    SG_CHECK(leaf_of(path) != NULL, MALFORMED_XML);
    return SG_OK;
}

static sg_err on_text(void *ctx, struct sg_bytes path, struct sg_bytes text)
{
    struct list_reader *list = ctx;
    const struct leaf_row *leaf = leaf_of(path);
    if (leaf == NULL)
        return SG_OK;
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf mapped = SGC_BUF_INIT(SG_LIMIT_XML_TEXT);
    SG_TRY(leaf->map(text, &mapped));
    if (strcmp(leaf->name, "Key") == 0) {
        SG_CHECK(!list->has_key && text.len > 0 && text.len <= SG_LIMIT_KEY, MALFORMED_XML);
        list->has_key = true;
    }
    return sgs_xml_leaf(&list->out, leaf->name, sgc_buf_view(&mapped));
}

static sg_err on_close(void *ctx, struct sg_bytes path, struct sg_bytes name)
{
    struct list_reader *list = ctx;
    SG_UNUSED(name);
    if (sg_bytes_eq_str(path, "Delete"))
        return sgs_xml_close(&list->out, "Delete");
    if (!sg_bytes_eq_str(path, "Delete/Object"))
        return SG_OK;
    SG_CHECK(list->has_key, MALFORMED_XML);
    return sgs_xml_close(&list->out, "Object");
}

static sg_err rewrite_list(struct sg_bytes xml, struct list_reader *list)
{
    static const struct sgs_xml_events events = {on_open, on_text, on_close};
    struct sgs_xml_reader *reader;
    SG_TRY(sgs_xml_reader_new(&events, list, SG_LIMIT_XML_BODY, &reader));
    sg_err err = sgs_xml_reader_feed(reader, xml);
    if (sg_is_ok(err))
        err = sgs_xml_reader_finish(reader);
    sgs_xml_reader_free(reader);
    SG_TRY(err);
    SG_CHECK(list->object_count > 0, MALFORMED_XML);
    return SG_OK;
}

/* Some stores demand Content-MD5 of this request, none refuses it. */
static sg_err add_md5(struct sg_req *req)
{
    uint8_t md5[SGC_MD5_LEN];
    char text[SGC_BASE64_LEN(SGC_MD5_LEN) + 1] = {0};
    SG_CLEANUP(sgc_hash_clear) struct sgc_hash hash = SGC_HASH_NONE;
    SG_TRY(sgc_hash_init(&hash, SGC_HASH_MD5));
    SG_TRY(sgc_hash_update(&hash, req->main.send));
    SG_TRY(sgc_hash_final(&hash, md5));
    sgc_base64_encode(SG_BYTES_ARRAY(md5), text);
    return sgs_headers_add_str(&req->main.plan.headers, "Content-MD5", text);
}

static sg_err plan(struct sg_req *req, enum sg_next *next)
{
    struct sg_pipe_facts facts = {.req = NULL};
    struct list_reader list = {.out = SGC_BUF_INIT(SG_LIMIT_XML_BODY)};
    SG_TRY(sg_body_facts(req, SG_LIMIT_XML_BODY, false, &facts));
    SG_CHECK(sg_body_has_integrity(&facts), CHECKSUM_REQUIRED);
    sg_err err = rewrite_list(sgc_buf_view(&req->body), &list);
    sgc_buf_clear(&req->body);
    req->body = sgc_buf_take(&list.out);
    SG_TRY(err);
    *next = SG_NEXT_ASK;
    SG_TRY(sg_exchange_plan(req, "POST"));
    req->main.send = sgc_buf_view(&req->body);
    req->main.plan.has_body = true;
    req->main.plan.body_len = req->main.send.len;
    SG_TRY(sgs_headers_add_str(&req->main.plan.headers, "Content-Type", "application/xml"));
    return add_md5(req);
}

static const struct sg_xml_rules result_rules = {"DeleteResult", NULL, 0};

static sg_err head(struct sg_req *req, enum sg_next *next)
{
    *next = SG_NEXT_GO;
    return sg_exchange_rewrite(req, &result_rules);
}

static sg_err done(struct sg_req *req, enum sg_next *next)
{
    *next = SG_NEXT_REPLY;
    return sg_exchange_reply_error(req);
}

const struct sg_op_fns sg_fns_delete_objects = {.plan = plan, .head = head, .done = done};
