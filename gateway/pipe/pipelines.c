/*
 * The data flow of the program, as lists. Read top to bottom: this is the order in which things happen to a byte. A row
 * takes part when its last column says so, from the facts of the request.
 */
#include "pipe/pipe.h"

#include "common/banned.h"

static bool when_always(const struct sg_pipe_facts *facts)
{
    return facts != NULL;
}

static bool when_aws_chunked(const struct sg_pipe_facts *facts)
{
    return sg_payload_is_chunked(facts->req->auth.payload);
}

static bool when_payload_hash(const struct sg_pipe_facts *facts)
{
    return facts->req->auth.payload == SG_PAYLOAD_SHA256;
}

static bool when_checksum(const struct sg_pipe_facts *facts)
{
    return facts->checksum != NULL;
}

static bool when_content_md5(const struct sg_pipe_facts *facts)
{
    return facts->has_md5;
}

/* Whether the segments hold more than was asked for. */
static bool when_range(const struct sg_pipe_facts *facts)
{
    const struct sgc_span *span = &facts->span;
    uint64_t plain = span->sealed_len - span->segment_count * SGC_SEGMENT_EXTRA;
    return span->skip_plain != 0 || span->take_plain != plain;
}

/* clang-format off */
const struct sg_pipeline sg_pipe_upload = { "upload", {
    { SG_PHASE_FRAME,  &sg_stage_aws_chunked,  when_aws_chunked  }, /* framing off, chunk signatures checked      */
    { SG_PHASE_VERIFY, &sg_stage_payload_hash, when_payload_hash }, /* x-amz-content-sha256                       */
    { SG_PHASE_VERIFY, &sg_stage_checksum,     when_checksum     }, /* x-amz-checksum-*, in a header or a trailer */
    { SG_PHASE_VERIFY, &sg_stage_md5,          when_content_md5  }, /* Content-MD5                                */
    { SG_PHASE_VERIFY, &sg_stage_length,       when_always       }, /* declared length is the real one            */
    { SG_PHASE_SEAL,   &sg_stage_encrypt,      when_always       }, /* last segment only after all checks passed  */
} };

const struct sg_pipeline sg_pipe_collect = { "collect", {
    { SG_PHASE_FRAME,  &sg_stage_aws_chunked,  when_aws_chunked  },
    { SG_PHASE_VERIFY, &sg_stage_payload_hash, when_payload_hash },
    { SG_PHASE_VERIFY, &sg_stage_checksum,     when_checksum     },
    { SG_PHASE_VERIFY, &sg_stage_md5,          when_content_md5  },
    { SG_PHASE_VERIFY, &sg_stage_length,       when_always       },
} };

const struct sg_pipeline sg_pipe_download = { "download", {
    { SG_PHASE_OPEN,   &sg_stage_decrypt,      when_always       }, /* only authenticated bytes pass              */
    { SG_PHASE_CUT,    &sg_stage_range,        when_range        }, /* from segment bounds to the asked range     */
} };

const struct sg_pipeline sg_pipe_rewrite = { "rewrite", {
    { SG_PHASE_REWRITE, &sg_stage_xml,         when_always       }, /* sizes, ETags, hidden buckets               */
} };

const struct sg_pipeline sg_pipe_pass = { "pass", {{ .stage = NULL }} };
/* clang-format on */
