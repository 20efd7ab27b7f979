/*
 * stage.h - the contract of a stage: one step of what happens to the bytes of a body.
 *
 * Idea       Synchronous: no waiting, no I/O, no allocation per call. Data goes down by a call; credit goes up by a
 * posted wake of the queue at the end. What a stage needs to know about the request stands in struct sg_pipe_facts.
 * Ownership  The pipe owns the stage's state (row->state_size bytes, zeroed) and calls destroy once.
 * Errors     The first error latches in the pipe; later pushes return it.
 */
#ifndef SG_PIPE_STAGE_H
#define SG_PIPE_STAGE_H

#include "core/req.h"
#include "crypto/checksum.h"
#include "crypto/footer.h"
#include "crypto/layout.h"

struct sg_pipe;
struct sg_xml_rules;

/* Phases never go backwards in a pipeline; pipe.c asserts it. */
enum sg_phase { SG_PHASE_FRAME, SG_PHASE_VERIFY, SG_PHASE_SEAL, SG_PHASE_OPEN, SG_PHASE_CUT, SG_PHASE_REWRITE };

/* What the stages of one body need to know. Filled in by ops before the pipe is assembled, and owned by the op. */
struct sg_pipe_facts {
    const struct sg_req *req;

    /* Uploads. */
    uint64_t plain_len; /* declared plaintext length; SG_LENGTH_UNKNOWN only for collected bodies */
    uint64_t plain_max; /* where plain_len is unknown: a longer body is refused */
    bool has_md5;
    uint8_t md5[SGC_MD5_LEN];
    const struct sgc_checksum_row *checksum; /* NULL = none declared */
    bool checksum_in_trailer;
    uint8_t checksum_value[SGC_CHECKSUM_MAX_LEN]; /* declared in a header; or, after the body, the verified value */
    bool checksum_verified;                       /* set by the checksum stage when it has agreed */
    struct sg_bytes
        trailer_value; /* set by the aws-chunked stage, which owns it: the declared trailer's value, base64 */

    /* Sealing and opening. */
    const struct sgc_object_keys *keys;
    uint32_t part; /* 0 for PutObject */

    /* Downloads. */
    uint64_t object_plain;        /* L */
    const struct sgc_part *parts; /* of a `many` object; NULL: one part, number `part`, as long as the object */
    size_t part_count;
    struct sgc_span span;                 /* which segments come, and what is cut out of them */
    const struct sg_xml_rules *xml_rules; /* for answers that are rewritten (stage_xml.h) */
    bool whole; /* all segments and then the footer, which is checked before the last bytes go out */
};

struct sg_stage;

struct sg_stage_row {
    const char *name;
    size_t state_size;
    /* NULL = nothing to do. */
    sg_err (*init)(struct sg_stage *stage);
    sg_err (*write)(struct sg_stage *stage, struct sg_bytes bytes);
    /* The body is complete; may emit, then the next stage finishes. */
    sg_err (*finish)(struct sg_stage *stage);
    void (*destroy)(struct sg_stage *stage);
};

struct sg_stage {
    const struct sg_stage_row *row;
    struct sg_pipe *pipe;
    struct sg_pipe_facts *facts;
    void *state;
    unsigned index;
    uint64_t bytes_in, bytes_out, calls;
};

/* Passes bytes on to the next stage, or to the sink. */
SG_MUST sg_err sg_stage_emit(struct sg_stage *stage, struct sg_bytes bytes);
/* Room for one block at the very end of the pipe; emit what was written there to avoid a copy. */
uint8_t *sg_stage_reserve(struct sg_stage *stage);
/* How long that block is. */
size_t sg_stage_room(const struct sg_stage *stage);

extern const struct sg_stage_row sg_stage_aws_chunked;
extern const struct sg_stage_row sg_stage_payload_hash;
extern const struct sg_stage_row sg_stage_checksum;
extern const struct sg_stage_row sg_stage_md5;
extern const struct sg_stage_row sg_stage_length;
extern const struct sg_stage_row sg_stage_encrypt;
extern const struct sg_stage_row sg_stage_decrypt;
extern const struct sg_stage_row sg_stage_range;
extern const struct sg_stage_row sg_stage_xml;

#endif
