/*
 * Objects made of parts: read through the engine, however the parts lie, and refused however they are changed. The
 * objects are sealed by tests/support/format_object.c, which shares nothing with the gateway above crypto/.
 */
#include "unit/engine/object.h"

#include "crypto/layout.h"
#include "ops/part_cache.h"
#include "support/check_main.h"
#include "support/format_object.h"

#include "common/banned.h"

#define S SGC_SEGMENT_PLAIN

static uint8_t text[24 << 20];

__attribute__((constructor)) static void fill_text(void)
{
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (uint8_t)(i * 11 + i / 257);
}

struct layout_row {
    struct format_part parts[4];
    uint32_t count;
};

#define UNIT (5u << 20)

static const struct layout_row layouts[] = {
    {{{1, 100}}, 1},
    {{{7, 0}}, 1},
    {{{1, UNIT}, {2, 1}}, 2},
    {{{1, UNIT + 1}, {2, UNIT + S - 1}, {9, 70000}}, 3},
    {{{3, UNIT}, {5, UNIT}, {6, UNIT + 12345}, {10000, 65537}}, 4},
};

static size_t total_of(const struct layout_row *row)
{
    size_t total = 0;
    for (uint32_t i = 0; i < row->count; i++)
        total += row->parts[i].plain;
    return total;
}

struct many {
    struct format_object object;
    size_t plain;
};

static void many_init(struct many *m, const struct layout_row *row, const char *key)
{
    static const char line[] = "main:1 active AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";
    struct sgc_keyring *keyring;
    struct sgc_metadata metadata = SGC_METADATA_NONE;
    m->object = FORMAT_OBJECT_NONE;
    m->plain = total_of(row);
    ck_ok(sgc_keyring_parse(sg_bytes_str(line), &keyring, NULL));
    ck_ok(sgc_metadata_add(&metadata, SGC_METADATA_USER, SG_BYTES_LIT("color"), SG_BYTES_LIT("green")));
    struct format_input input = {
        .names = {SG_BYTES_LIT("bucket"), sg_bytes_str(key)},
        .kek = sgc_keyring_at(keyring, 0),
        .parts = row->parts,
        .part_count = row->count,
        .many = true,
        .metadata = &metadata,
        .upload_digest = SG_BYTES_NONE,
        .plain = sg_bytes(text, m->plain),
    };
    ck_ok(format_object_seal(&input, &m->object));
    sgc_metadata_clear(&metadata);
    sgc_keyring_free(keyring);
}

/* The answers of a store that holds the object. */
struct answer {
    char length[32], range[96], envelope[3000], metadata[3000];
    const char *headers[11];
};

static void answer_init(struct answer *a, const struct many *m, size_t from, size_t len)
{
    bool partial = len < m->object.body.len;
    (void)snprintf(a->length, sizeof(a->length), "%zu", len);
    (void)snprintf(a->range, sizeof(a->range), "bytes %zu-%zu/%zu", from, from + len - 1, m->object.body.len);
    (void)snprintf(a->envelope, sizeof(a->envelope), "%.*s", SG_BYTES_FMT(sgc_buf_view(&m->object.envelope)));
    (void)snprintf(a->metadata, sizeof(a->metadata), "%.*s", SG_BYTES_FMT(sgc_buf_view(&m->object.metadata)));
    const char *const headers[] = {"Content-Length",
                                   a->length,
                                   "ETag",
                                   ETAG,
                                   "x-amz-meta-sealgate",
                                   a->envelope,
                                   "x-amz-meta-sealgate-meta",
                                   a->metadata,
                                   partial ? "Content-Range" : NULL,
                                   a->range};
    memcpy(a->headers, headers, sizeof(headers));
    a->headers[10] = NULL;
}

static void asked_range(const struct sgs_headers *headers, size_t total, size_t *from, size_t *len)
{
    struct sg_bytes value;
    unsigned long long a = 0, b = 0;
    char asked[64];
    *from = 0;
    *len = total;
    if (!sgs_headers_find(headers, "range", &value))
        return;
    (void)snprintf(asked, sizeof(asked), "%.*s", SG_BYTES_FMT(value));
    if (sscanf(asked, "bytes=%llu-%llu", &a, &b) == 2)
        *len = (b + 1 < total ? b + 1 : total) - a, *from = a;
    else if (sscanf(asked, "bytes=-%llu", &b) == 1)
        *len = b < total ? b : total, *from = total - *len;
    else if (sscanf(asked, "bytes=%llu-", &a) == 1)
        *len = total - a, *from = a;
}

static void answer_side(struct world *w, const struct many *m)
{
    struct answer a;
    size_t from, len;
    asked_range(&w->side.headers, m->object.body.len, &from, &len);
    answer_init(&a, m, from, len);
    /* An object that is all footer: the range is still a range. */
    if (a.headers[8] == NULL) {
        a.headers[8] = "Content-Range";
        a.headers[9] = a.range;
    }
    world_answer_side(w, 206, a.headers, sg_bytes_slice(sgc_buf_view(&m->object.body), from, len));
}

/* Plays the upstream until the request has its reply. */
static void serve(struct world *w, const struct many *m)
{
    for (unsigned rounds = 0; rounds < 4 && !w->replied; rounds++) {
        struct answer a;
        size_t from, len;
        unsigned sides = w->side_count, asked = w->exchange_count;
        asked_range(&w->exchange.headers, m->object.body.len, &from, &len);
        if (from >= m->object.body.len) {
            world_answer_head(w, 416, NULL);
            continue;
        }
        answer_init(&a, m, from, len);
        bool is_head = strcmp(w->exchange.method, "HEAD") == 0;
        world_answer_head(w, a.headers[8] == NULL ? 200 : 206, a.headers);
        if (w->side_count > sides)
            answer_side(w, m);
        if (w->exchange_count > asked)
            continue;
        if (!is_head)
            world_answer_body(w, sg_bytes_slice(sgc_buf_view(&m->object.body), from, len), 16384);
        world_answer_end(w, SG_OK);
    }
}

START_TEST(a_whole_object_costs_one_more_request) /* FMT-49 */
{
    struct many m;
    struct world w;
    struct sg_bytes value;
    many_init(&m, &layouts[_i], "key");
    world_init(&w);
    world_ask(&w, "GET", "/bucket/key", NULL, 0);
    serve(&w, &m);
    ck_assert_int_eq(w.status, 200);
    ck_assert(w.reply_complete && w.exchange_count == 1 && w.side_count == 1);
    ck_assert(sg_bytes_eq(sgc_buf_view(&w.reply), sg_bytes(text, m.plain)));
    ck_assert(sgs_headers_find(&w.reply_headers, "x-amz-meta-color", &value) && sg_bytes_eq_str(value, "green"));
    ck_assert(sgs_headers_find(&w.side.headers, "if-match", &value) && sg_bytes_eq_str(value, ETAG));
    world_clear(&w);
    format_object_clear(&m.object);
}
END_TEST

START_TEST(a_known_part_table_costs_nothing) /* FMT-22, FMT-51 */
{
    struct many m;
    struct sg_part_cache *cache = sg_part_cache_new(4096, 4);
    many_init(&m, &layouts[3], "key");
    for (int round = 0; round < 2; round++) {
        struct world w;
        world_init(&w);
        w.env.part_cache = cache;
        world_ask(&w, "GET", "/bucket/key", NULL, 0);
        serve(&w, &m);
        ck_assert(w.reply_complete && w.exchange_count == 1);
        ck_assert_uint_eq(w.side_count, round == 0);
        ck_assert(sg_bytes_eq(sgc_buf_view(&w.reply), sg_bytes(text, m.plain)));
        world_clear(&w);
    }
    sg_part_cache_free(cache);
    format_object_clear(&m.object);
}
END_TEST

START_TEST(head_tells_the_length_that_the_footer_says) /* FMT-49, FMT-51 */
{
    struct many m;
    struct world w;
    many_init(&m, &layouts[_i], "key");
    world_init(&w);
    world_ask(&w, "HEAD", "/bucket/key", NULL, 0);
    ck_assert_uint_ge(w.budget.used, SGC_FOOTER_MAX);
    serve(&w, &m);
    ck_assert_int_eq(w.status, 200);
    ck_assert(w.reply_complete && w.reply_len == m.plain && w.exchange_count == 2);
    world_clear(&w);
    format_object_clear(&m.object);
}
END_TEST

/* Positions that lie around the borders of parts and segments. */
static const size_t edges[] = {0,    1,        S - 1,    S,        S + 1,        UNIT - 1,
                               UNIT, UNIT + 1, UNIT + 2, 2 * UNIT, 2 * UNIT + S, 3 * UNIT};

START_TEST(every_range_near_a_border_is_right) /* FMT-47, FMT-49 */
{
    struct many m;
    struct sg_part_cache *cache = sg_part_cache_new(4096, 4);
    many_init(&m, &layouts[_i], "key");
    for (size_t a = 0; a < SG_COUNT_OF(edges); a++) {
        for (size_t b = a; b < SG_COUNT_OF(edges); b++) {
            struct world w;
            char range[64];
            const char *const headers[] = {"Range", range, NULL};
            (void)snprintf(range, sizeof(range), "bytes=%zu-%zu", edges[a], edges[b]);
            world_init(&w);
            w.env.part_cache = cache;
            world_ask(&w, "GET", "/bucket/key", headers, 0);
            serve(&w, &m);
            ck_assert_int_eq(w.status, edges[a] < m.plain ? 206 : 416);
            size_t end = edges[b] + 1 < m.plain ? edges[b] + 1 : m.plain;
            if (edges[a] < m.plain)
                ck_assert(sg_bytes_eq(sgc_buf_view(&w.reply), sg_bytes(text + edges[a], end - edges[a])));
            ck_assert(w.reply_complete && w.exchange_count <= 2);
            world_clear(&w);
        }
    }
    sg_part_cache_free(cache);
    format_object_clear(&m.object);
}
END_TEST

START_TEST(a_suffix_is_right)
{
    static const size_t counts[] = {1, 2, 70000, 70001, UNIT, UNIT + 70000, 3 * UNIT, 5 * UNIT};
    struct many m;
    many_init(&m, &layouts[3], "key");
    for (size_t i = 0; i < SG_COUNT_OF(counts); i++) {
        struct world w;
        char range[64];
        const char *const headers[] = {"Range", range, NULL};
        size_t count = counts[i] < m.plain ? counts[i] : m.plain;
        (void)snprintf(range, sizeof(range), "bytes=-%zu", counts[i]);
        world_init(&w);
        world_ask(&w, "GET", "/bucket/key", headers, 0);
        serve(&w, &m);
        ck_assert(w.status == 206 && w.reply_complete);
        ck_assert(sg_bytes_eq(sgc_buf_view(&w.reply), sg_bytes(text + m.plain - count, count)));
        world_clear(&w);
    }
    format_object_clear(&m.object);
}
END_TEST

/* --- changed objects --- */

/* Reads it whole; the reply is an error, or broken before its end, and no byte of it is wrong. */
static void check_refused(const struct many *m, const char *what)
{
    struct world w;
    world_init(&w);
    world_ask(&w, "GET", "/bucket/key", NULL, 0);
    serve(&w, m);
    ck_assert_msg(w.status >= 400 || !w.reply_complete, "%s", what);
    if (w.status == 200)
        ck_assert_msg(w.reply.len < m->plain && sg_bytes_eq(sgc_buf_view(&w.reply), sg_bytes(text, w.reply.len)), "%s",
                      what);
    world_clear(&w);
}

#define PART_ONE (UNIT + 1)
#define PART_TWO (UNIT + S - 1)

static void cut_out(struct sgc_buf *body, size_t from, size_t len)
{
    memmove(body->ptr + from, body->ptr + from + len, body->len - from - len);
    sgc_buf_truncate(body, body->len - len);
}

START_TEST(parts_cannot_be_dropped_swapped_or_cut)
{
    struct many m;
    size_t one = sgc_layout_body_sealed(PART_ONE), two = sgc_layout_body_sealed(PART_TWO);
    many_init(&m, &layouts[3], "key");
    switch (_i) {
    case 0:
        cut_out(&m.object.body, 0, one);
        break;
    case 1:
        cut_out(&m.object.body, one, two);
        break;
    case 2: /* the first segments of both, which are equally long */
        for (size_t i = 0; i < SGC_SEGMENT_SEALED; i++) {
            uint8_t byte = m.object.body.ptr[i];
            m.object.body.ptr[i] = m.object.body.ptr[one + i];
            m.object.body.ptr[one + i] = byte;
        }
        break;
    case 3: /* two segments of one part */
        for (size_t i = 0; i < SGC_SEGMENT_SEALED; i++) {
            uint8_t byte = m.object.body.ptr[i];
            m.object.body.ptr[i] = m.object.body.ptr[SGC_SEGMENT_SEALED + i];
            m.object.body.ptr[SGC_SEGMENT_SEALED + i] = byte;
        }
        break;
    case 4:
        cut_out(&m.object.body, one - SGC_SEGMENT_SEALED, SGC_SEGMENT_SEALED);
        break;
    case 5:
        sgc_buf_truncate(&m.object.body, m.object.body.len - 1);
        break;
    case 6:
        sgc_buf_truncate(&m.object.body, one);
        break;
    default: /* one bit somewhere: bodies, borders, footer */
        m.object.body.ptr[(size_t)(_i - 7) * (m.object.body.len - 1) / 40] ^= 0x10;
        break;
    }
    check_refused(&m, "changed");
    format_object_clear(&m.object);
}
END_TEST

START_TEST(the_end_of_another_object_is_no_footer)
{
    struct many m, other;
    size_t footer = 400;
    many_init(&m, &layouts[3], "key");
    many_init(&other, &layouts[3], "key");
    memcpy(m.object.body.ptr + m.object.body.len - footer, other.object.body.ptr + other.object.body.len - footer,
           footer);
    check_refused(&m, "footer of an earlier upload");
    format_object_clear(&m.object);
    format_object_clear(&other.object);
}
END_TEST

START_TEST(an_object_that_changes_between_the_requests_is_asked_for_again) /* FMT-49 */
{
    struct many m;
    struct world w;
    struct answer a;
    many_init(&m, &layouts[2], "key");
    answer_init(&a, &m, 0, m.object.body.len);
    world_init(&w);
    world_ask(&w, "GET", "/bucket/key", NULL, 0);
    world_answer_head(&w, 200, a.headers);
    world_answer_side(&w, 412, NULL, SG_BYTES_LIT("<Error><Code>PreconditionFailed</Code></Error>"));
    ck_assert_int_eq(w.status, 503);
    ck_assert_str_eq(world_error_code(&w), "SlowDown");
    world_clear(&w);
    format_object_clear(&m.object);
}
END_TEST

START_TEST(a_client_that_goes_ends_both_exchanges)
{
    struct many m;
    struct world w;
    struct answer a;
    many_init(&m, &layouts[2], "key");
    answer_init(&a, &m, 0, m.object.body.len);
    world_init(&w);
    world_ask(&w, "GET", "/bucket/key", NULL, 0);
    world_answer_head(&w, 200, a.headers);
    ck_assert_uint_eq(w.side_count, 1);
    world_gone(&w);
    ck_assert(w.exchange.cancelled && w.side.cancelled);
    world_clear(&w);
    format_object_clear(&m.object);
}
END_TEST

SG_TEST_MAIN("engine/many", TEST_LOOP(a_whole_object_costs_one_more_request, SG_COUNT_OF(layouts)),
             TEST(a_known_part_table_costs_nothing),
             TEST_LOOP(head_tells_the_length_that_the_footer_says, SG_COUNT_OF(layouts)),
             TEST_LOOP(every_range_near_a_border_is_right, SG_COUNT_OF(layouts)), TEST(a_suffix_is_right),
             TEST_LOOP(parts_cannot_be_dropped_swapped_or_cut, 7 + 41), TEST(the_end_of_another_object_is_no_footer),
             TEST(an_object_that_changes_between_the_requests_is_asked_for_again),
             TEST(a_client_that_goes_ends_both_exchanges))
