/*
 * rig.h - requests that are signed by the test: what a client would send, and small lies about it.
 *
 * Idea       A request is described by a struct of texts with defaults for a good one; a test changes a text before the
 *            signature is made (a client's choice) or changes the head after it (somebody on the way).
 * Usage      rig_init(&rig, "GET", "/bucket/key"); rig_header(...); rig_sign(&rig, RIG_SIGN_DEFAULT);
 *            rig_authenticate(&rig); rig_clear(&rig).
 */
#ifndef SG_TESTS_AUTH_RIG_H
#define SG_TESTS_AUTH_RIG_H

#include "support/check_main.h"
#include "support/fake_req.h"

#define RIG_ID       "AKIAIOSFODNN7EXAMPLE"
#define RIG_SECRET   "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define RIG_ID_2     "team/user/1"
#define RIG_SECRET_2 "another-secret-of-somebody"
#define RIG_DATE     "20130524T000000Z"

struct rig {
    struct fake_req f;
    struct sgc_buf target; /* terminated */
};

/* NULL takes the default. */
struct rig_sign {
    const char *access_key_id, *secret, *amz_date, *scope_date, *region, *signed_headers, *payload_hash;
    const char *expires; /* presigned */
    const char *more;    /* presigned: appended to the query before it is signed, with its '&' */
    bool no_region;      /* an empty region */
    bool raw_path;       /* sign the path as it stands in the target */
};

#define RIG_SIGN_DEFAULT ((struct rig_sign){.access_key_id = NULL})

/* Knows RIG_ID and RIG_ID_2. Host is set. */
void rig_init(struct rig *rig, const char *method, const char *target);
void rig_header(struct rig *rig, const char *name, const char *value);
/* Adds x-amz-date, x-amz-content-sha256 (unless they are there) and Authorization. */
void rig_sign(struct rig *rig, struct rig_sign sign);
/* Adds the parameters of a presigned URL to the target. */
void rig_presign(struct rig *rig, struct rig_sign sign);
/* Parses the target and authenticates. */
SG_MUST sg_err rig_authenticate(struct rig *rig);
void rig_clear(struct rig *rig);

#endif
