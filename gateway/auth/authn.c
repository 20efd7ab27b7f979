/*
 * Idea: first find every place where the request brings credentials, then demand that there is exactly one. What a
 * request is checked by can so never differ from what it is taken for.
 */
#include "auth/authn.h"

#include "auth/sigv4_parse.h"
#include "auth/sigv4_verify.h"

#include "common/banned.h"

enum form {
    FORM_HEADER = 1 << 0, /* Authorization */
    FORM_QUERY = 1 << 1,  /* X-Amz-Signature and its companions */
    FORM_V2 = 1 << 2,     /* AWSAccessKeyId and Signature in the query */
};

/* Without regard to case, although only the exact spelling is accepted later: a request must not carry a second set of
 * credentials under a name that some other reader would take for one. */
static unsigned form_of_param(struct sg_bytes name)
{
    static const struct {
        const char *name;
        enum form form;
    } rows[] = {
        {"X-Amz-Algorithm", FORM_QUERY}, {"X-Amz-Credential", FORM_QUERY}, {"X-Amz-Signature", FORM_QUERY},
        {"AWSAccessKeyId", FORM_V2},     {"Signature", FORM_V2},
    };
    for (size_t i = 0; i < SG_COUNT_OF(rows); i++) {
        if (sg_bytes_eq_nocase(name, sg_bytes_str(rows[i].name)))
            return rows[i].form;
    }
    return 0;
}

static unsigned forms_of(const struct sg_req *req)
{
    unsigned forms = sgs_headers_count_of(&req->head.headers, "authorization") > 0 ? FORM_HEADER : 0;
    for (size_t i = 0; i < req->target.query.count; i++)
        forms |= form_of_param(sgs_query_at(&req->target.query, i).name);
    return forms;
}

sg_err sg_authenticate(struct sg_req *req)
{
    struct sg_sigv4 sig;
    req->auth.who = NULL;
    switch (forms_of(req)) {
    case 0:
        SG_FAIL(ACCESS_DENIED);
    case FORM_HEADER:
        SG_TRY(sg_sigv4_parse_header(req, &sig));
        return sg_sigv4_verify(req, &sig);
    case FORM_QUERY:
        SG_TRY(sg_sigv4_parse_query(req, &sig));
        return sg_sigv4_verify(req, &sig);
    case FORM_V2:
        SG_FAIL(AUTH_UNSUPPORTED);
    default:
        SG_FAIL(AUTH_AMBIGUOUS);
    }
}
