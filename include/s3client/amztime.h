/*
 * amztime.h - the date forms of S3: 20130524T000000Z, Fri, 24 May 2013 00:00:00 GMT, 2013-05-24T00:00:00.000Z.
 *
 * Units      Seconds since 1970, UTC. Years 1970 to 9999.
 * Errors     INVALID_ARGUMENT for anything but exactly one of the forms.
 * Source     RFC 9110 section 5.6.7; https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
 * Tests      tests/unit/s3client/test_amztime.c
 */
#ifndef SG_S3CLIENT_AMZTIME_H
#define SG_S3CLIENT_AMZTIME_H

#include "common/bytes.h"
#include "common/err.h"

#define SGS_AMZ_DATE_SIZE  17 /* "20130524T000000Z" and its terminator */
#define SGS_HTTP_DATE_SIZE 30 /* "Fri, 24 May 2013 00:00:00 GMT" and its terminator */
#define SGS_ISO_DATE_SIZE  25 /* "2013-05-24T00:00:00.000Z" and its terminator */

void sgs_amz_date_print(int64_t wall_s, char out[SGS_AMZ_DATE_SIZE]);
void sgs_http_date_print(int64_t wall_s, char out[SGS_HTTP_DATE_SIZE]);
void sgs_iso_date_print(int64_t wall_s, char out[SGS_ISO_DATE_SIZE]);
SG_MUST sg_err sgs_amz_date_parse(struct sg_bytes text, int64_t *wall_s_out);
SG_MUST sg_err sgs_http_date_parse(struct sg_bytes text, int64_t *wall_s_out);

#endif
