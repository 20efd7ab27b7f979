/*
 * What a request will hold at most, known before it begins: the queue of its body, the blocks of the connection, the
 * XML that is read whole.
 *
 * Tests: tests/unit/engine/test_engine.c, tests/integration/test_memory.py
 */
#include "ops/ops.h"

#include "ops/body_facts.h"

#include "common/banned.h"

/* What two connections and the request itself hold at least; and what streams add to it besides their queue: input that
 * one read brings, libcurl's buffer, TLS records being written. From scripts/test memory: 32 uploads at a time take 2.6
 * MiB each, 32 downloads 1.9 MiB each. */
#define CONNECTIONS_MEMORY (192 * SG_KIB)
#define UPLOAD_BUFFERS     (1792 * SG_KIB)
#define DOWNLOAD_BUFFERS   (1024 * SG_KIB)

/* A part table that is in use, and a footer that is being opened: that comes before the queue has anything in it.
 * FMT-51 */
#define DOWNLOAD_TABLE (SG_LIMIT_PART_COUNT * sizeof(struct sgc_part))
#define FOOTER_OPENED  (2ULL * SGC_FOOTER_MAX)

static uint64_t body_bound(const struct sg_req *req, uint64_t most)
{
    uint64_t plain;
    if (!sg_is_ok(sg_body_plain_len(req, &plain)) || plain > most)
        return most;
    return plain;
}

uint64_t sg_op_memory(const struct sg_req *req)
{
    uint64_t queue = sg_queue_memory(SGC_SEGMENT_SEALED);
    switch (req->op->body) {
    case SG_BODY_XML:
        /* As received, and as sent on. */
        return CONNECTIONS_MEMORY + 2 * body_bound(req, SG_LIMIT_XML_BODY);
    case SG_BODY_STREAM:
        return CONNECTIONS_MEMORY + body_bound(req, queue + UPLOAD_BUFFERS);
    case SG_BODY_NONE:
        break;
    }
    if (sg_bytes_eq_str(req->head.method, "DELETE"))
        return CONNECTIONS_MEMORY;
    if (!sg_bytes_eq_str(req->head.method, "GET"))
        return CONNECTIONS_MEMORY + DOWNLOAD_TABLE + FOOTER_OPENED;
    /* The footer is opened before the queue has anything in it. */
    uint64_t body = queue + DOWNLOAD_BUFFERS;
    return CONNECTIONS_MEMORY + DOWNLOAD_TABLE + (body > FOOTER_OPENED ? body : FOOTER_OPENED);
}
