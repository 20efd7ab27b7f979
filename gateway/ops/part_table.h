/*
 * part_table.h - the part table of a `many` object: from the cache, or from the object's footer.
 *
 * Format     docs/format.md, reading. The footer is the object's end; how long it is at most follows from the size.
 * Errors     FOOTER_INVALID, OBJECT_TRUNCATED, TAG_MISMATCH; UPSTREAM_PROTOCOL for an answer that does not fit the
 *            question.
 * Tests      tests/unit/engine/test_many.c
 */
#ifndef SG_OPS_PART_TABLE_H
#define SG_OPS_PART_TABLE_H

#include "ops/sealed.h"

/* Fills in s->parts if the cache has them. */
SG_MUST sg_err sg_part_table_find(struct sg_req *req, struct sg_sealed *s);
/* x->plan := the end of the stored object, pinned to the answer in req->main. */
SG_MUST sg_err sg_part_table_plan(const struct sg_req *req, const struct sg_sealed *s, struct sg_exchange *x);
/* Fills in s->parts from the answer, and keeps them in the cache. From here on s->plain is authentic. */
SG_MUST sg_err sg_part_table_read(struct sg_req *req, const struct sg_exchange *x, struct sg_sealed *s);

#endif
