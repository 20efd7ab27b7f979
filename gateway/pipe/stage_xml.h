/*
 * stage_xml.h - rewrites an XML answer as it streams: a table says which elements change, all others pass.
 *
 * Idea       Listings of any length need constant memory, and what the upstream adds to them tomorrow still reaches the
 *            client. The table is chosen by the operation (sg_pipe_facts.xml_rules).
 * Errors     UPSTREAM_PROTOCOL when the answer is not well-formed, has another root or passes a bound.
 * Tests      tests/unit/pipe/test_stage_xml.c
 */
#ifndef SG_PIPE_STAGE_XML_H
#define SG_PIPE_STAGE_XML_H

#include "pipe/stage.h"

enum sg_xml_action {
    SG_XML_DROP,    /* the element and all in it */
    SG_XML_REWRITE, /* a leaf whose text rewrite() replaces */
    SG_XML_HOLD,    /* kept back until it closes; dropped whole unless a SG_XML_TEST inside of it says yes */
    SG_XML_TEST,    /* a leaf inside a held element: is the element to be shown? */
};

struct sg_xml_rule {
    const char *path; /* "ListBucketResult/Contents/Size" */
    enum sg_xml_action action;
    sg_err (*rewrite)(const struct sg_req *req, struct sg_bytes text, struct sgc_buf *out);
    bool (*test)(const struct sg_req *req, struct sg_bytes text);
};

struct sg_xml_rules {
    const char *root;
    const struct sg_xml_rule *rows;
    size_t count;
};

#endif
