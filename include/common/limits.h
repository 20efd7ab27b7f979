/*
 * limits.h - every fixed limit of the program, its unit, and where it comes from.
 *
 * Units      Bytes, unless the name ends in _COUNT, _MS or _S.
 * Source     [S3] docs.aws.amazon.com/AmazonS3/latest/userguide/{qfacts,UsingMetadata}.html; [format] docs/format.md;
 *            [own] our choice.
 * Not here   What an operator may change: gateway/core/config.def.
 */
#ifndef SG_COMMON_LIMITS_H
#define SG_COMMON_LIMITS_H

#define SG_KIB 1024ULL
#define SG_MIB (1024ULL * SG_KIB)
#define SG_GIB (1024ULL * SG_MIB)

/* --- the request head --- */
#define SG_LIMIT_HEAD            (64 * SG_KIB) /* [own] request line and headers */
#define SG_LIMIT_HEADER_COUNT    100           /* [own] also libh2o's H2O_MAX_HEADERS */
#define SG_LIMIT_TARGET          (16 * SG_KIB) /* [own] percent-encoded path and query; presigned: below 4 KiB */
#define SG_LIMIT_QUERY_COUNT     64            /* [own] query parameters */
#define SG_LIMIT_KEY             1024          /* [S3] object key, UTF-8 */
#define SG_LIMIT_BUCKET_MIN      3             /* [S3] */
#define SG_LIMIT_BUCKET_MAX      63            /* [S3] */
#define SG_LIMIT_CHUNK_LINE      (4 * SG_KIB)  /* [own] size line of an HTTP or aws chunk, extensions included */
#define SG_LIMIT_TRAILER         (4 * SG_KIB)  /* [own] all trailers of a body */
#define SG_LIMIT_XML_BODY        (8 * SG_MIB)  /* [own] of a request: 10,000 parts with checksums are about 4 MB */
#define SG_LIMIT_DELETE_COUNT    1000          /* [S3] keys in DeleteObjects */
#define SG_LIMIT_ERROR_BODY      (64 * SG_KIB) /* [own] an error body of the upstream; more is not read */
#define SG_LIMIT_XML_DEPTH       16            /* [own] */
#define SG_LIMIT_XML_TEXT        (16 * SG_KIB) /* [own] one text node */
#define SG_LIMIT_XML_NAME        128           /* [own] one element name */
#define SG_LIMIT_XML_PENDING     (16 * SG_KIB) /* [own] one tag or comment that has not ended */
#define SG_LIMIT_XML_DECLARATION 256           /* [own] the <?xml ?> line */
#define SG_LIMIT_XML_DICTIONARY  (64 * SG_KIB) /* [own] all different names of a document, as the parser keeps them */
#define SG_LIMIT_DNS_NAME        253           /* [own] RFC 1035, in text form */
#define SG_LIMIT_DNS_LABEL       63            /* [own] RFC 1035 */

/* --- sealed objects --- */
#define SG_LIMIT_ENVELOPE         2048         /* [format] the envelope header value */
#define SG_LIMIT_METADATA         2048         /* [S3] user metadata, names and values */
#define SG_LIMIT_UPSTREAM_PUT     (5 * SG_GIB) /* [S3] one PutObject or UploadPart, sealed */
#define SG_LIMIT_PART_COUNT       10000        /* [S3] */
#define SG_LIMIT_PART_MIN         (5 * SG_MIB) /* [S3] every part but the last */
#define SG_LIMIT_FOOTER_CHECKSUMS 111          /* [format] bytes of checksums in a footer */
#define SG_LIMIT_KEYRING_COUNT    512          /* [own] keys of one key file, each in a slot of locked memory */

/* --- authentication --- */
#define SG_LIMIT_SKEW_S     900    /* [S3] */
#define SG_LIMIT_PRESIGN_S  604800 /* [S3] seven days */
#define SG_LIMIT_ACCESS_KEY 128    /* [S3] */
#define SG_LIMIT_SECRET_KEY 128    /* [own] */

/* --- flow --- */
#define SG_LIMIT_PUSH        (64 * SG_KIB) /* [own] the largest piece that a source pushes into a pipe */
#define SG_QUEUE_BLOCK_COUNT 8             /* [own] blocks of one queue; see gateway/pipe/queue.h */
#define SG_LIMIT_REPLAY      (64 * SG_KIB) /* [own] sealed bodies up to this are kept and replayed once */

#endif
