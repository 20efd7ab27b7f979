/*
 * fake_req.h - a request without a connection, in a world of its own: loop, clock and configuration turned by hand.
 *
 * Usage      Add the source to the test, `sg_unit_test(core target ${SG_FAKE_REQ})`. fake_req_init();
 *            fake_req_header()...; call what is tested with &f.req; fake_req_clear().
 * Ownership  The struct owns everything in it. The method and the target must outlive it.
 */
#ifndef SG_TESTS_FAKE_REQ_H
#define SG_TESTS_FAKE_REQ_H

#include "support/fake_clock.h"
#include "support/fake_loop.h"

#include "core/req.h"

struct fake_req {
    struct fake_loop loop;
    struct fake_clock clock;
    struct sg_config config; /* all zeros but for the region us-east-1 */
    struct sg_env env;
    struct sg_req req;
};

#define FAKE_REQ_ID     "0123456789ABCDEF"
#define FAKE_REQ_WALL_S 1369353600 /* 2013-05-24T00:00:00Z, the day of the published signatures */

/* No headers yet, not even Host. */
void fake_req_init(struct fake_req *f, const char *method, const char *target);
void fake_req_header(struct fake_req *f, const char *name, const char *value);
void fake_req_clear(struct fake_req *f);

#endif
