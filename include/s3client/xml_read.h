/*
 * xml_read.h - a bounded, streaming XML reader: events from pieces of any size, nothing kept but the path.
 *
 * Idea       libxml2's push parser behind three callbacks. No DTD, no entities but the five of XML, no network; depth,
 *            text and name lengths, and the total are bounded. Namespaces are dropped: S3 clients send any or none.
 *            UTF-8 only; comments are skipped, processing instructions refused.
 * Ownership  The reader owns its parser until free(). Views given to callbacks are valid during the call.
 * Not here   Characters that XML 1.0 cannot carry, such as &#x1;: the document is refused. Listings that may hold such
 *            keys must be asked for with encoding-type=url.
 * Errors     MALFORMED_XML for whatever is not well-formed or passes a bound. An error of a callback stops the reader
 *            and is returned by feed(). After any error the reader is dead.
 * Tests      tests/unit/s3client/test_xml_read.c, tests/vectors/xml_bad/, tests/fuzz/fuzz_xml.c
 */
#ifndef SG_S3CLIENT_XML_READ_H
#define SG_S3CLIENT_XML_READ_H

#include "common/bytes.h"
#include "common/err.h"
#include "common/limits.h"

struct sgs_xml_events {
    /* `path` is "ListBucketResult/Contents/Key". */
    sg_err (*on_open)(void *ctx, struct sg_bytes path, struct sg_bytes name);
    /* The whole text of a leaf element, decoded; called before its on_close, for elements without child elements only.
     * Elements with children have their text (white space) dropped. */
    sg_err (*on_text)(void *ctx, struct sg_bytes path, struct sg_bytes text);
    sg_err (*on_close)(void *ctx, struct sg_bytes path, struct sg_bytes name);
};

struct sgs_xml_reader;

/* `max_total` bounds the document's bytes. Any of the callbacks may be NULL. */
SG_MUST sg_err sgs_xml_reader_new(const struct sgs_xml_events *events, void *ctx, uint64_t max_total,
                                  struct sgs_xml_reader **out);
SG_MUST sg_err sgs_xml_reader_feed(struct sgs_xml_reader *r, struct sg_bytes bytes);
/* The document must be complete. */
SG_MUST sg_err sgs_xml_reader_finish(struct sgs_xml_reader *r);
void sgs_xml_reader_free(struct sgs_xml_reader *r);

#endif
