/*
 * Bytes per second of CPU through whole pipes, without any network: what sealing, opening and checking cost by
 * themselves. Run it from a release build, on a quiet machine: bench_pipe [MiB].
 */
#include <time.h>

#include "pipe/pipe.h"
#include "support/fake_loop.h"

#include "common/banned.h"

#define PUSH SG_LIMIT_PUSH

struct bench {
    struct fake_loop loop;
    struct sg_env env;
    struct sg_req *req;
    struct sgc_object_keys keys;
    struct sg_pipe_facts facts;
    uint8_t bytes[PUSH];
    uint64_t total;
};

static double cpu_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void report(const char *name, uint64_t bytes, double seconds)
{
    (void)printf("%-40s %8.2f GiB/s  %6.3f CPU s/GiB\n", name, (double)bytes / (double)SG_GIB / seconds,
                 seconds * (double)SG_GIB / (double)bytes);
}

static void init(struct bench *b, uint64_t total)
{
    struct sgc_secret dek = SGC_SECRET_NONE;
    fake_loop_init(&b->loop);
    b->env.loop = &b->loop.loop;
    b->total = total;
    b->req = sgc_xalloc(sizeof(*b->req));
    b->req->env = &b->env;
    b->req->head.headers = SGS_HEADERS_NONE;
    sg_assert(sg_is_ok(sgc_secret_random(&dek, SGC_DEK_LEN)));
    sg_assert(sg_is_ok(sgc_object_keys_init(&b->keys, &dek)));
    sgc_secret_clear(&dek);
}

static void facts(struct bench *b, enum sg_payload payload)
{
    b->facts = (struct sg_pipe_facts){.req = b->req, .keys = &b->keys, .plain_len = b->total};
    b->req->auth.payload = payload;
    b->req->auth.payload_hash = SG_BYTES_LIT(SGS_EMPTY_SHA256);
}

static void drain(struct sg_pipe *pipe)
{
    struct sg_queue *queue = sg_pipe_queue(pipe);
    for (struct sg_bytes front; (front = sg_queue_front(queue)).len > 0;)
        sg_queue_consume(queue, front.len);
}

static void push(struct sg_pipe *pipe, struct sg_bytes bytes)
{
    size_t taken;
    sg_assert(sg_is_ok(sg_pipe_push(pipe, bytes, &taken)) && taken == bytes.len);
    drain(pipe);
}

/* The declared values are wrong, so finish() fails; that is as much work as when they are right. */
static void upload(struct bench *b, const char *name)
{
    struct sg_pipe *pipe;
    sg_assert(sg_is_ok(sg_pipe_new(&sg_pipe_upload, &b->facts, SGC_SEGMENT_SEALED, false, &pipe)));
    double begin = cpu_s();
    for (uint64_t left = b->total; left > 0; left -= PUSH)
        push(pipe, sg_bytes(b->bytes, PUSH));
    SG_UNUSED(sg_is_ok(sg_pipe_finish(pipe)));
    drain(pipe);
    report(name, b->total, cpu_s() - begin);
    sg_pipe_free(pipe);
}

/* One chunk as long as the whole body, or one for each push. */
static void upload_chunked(struct bench *b, const char *name, size_t chunk)
{
    struct sg_pipe *pipe;
    char line[64];
    facts(b, SG_PAYLOAD_CHUNKED_TRAILER);
    sg_assert(sg_is_ok(sg_pipe_new(&sg_pipe_upload, &b->facts, SGC_SEGMENT_SEALED, false, &pipe)));
    int line_len = snprintf(line, sizeof(line), "%zx\r\n", chunk);
    double begin = cpu_s();
    for (uint64_t left = b->total; left > 0; left -= chunk) {
        push(pipe, sg_bytes(line, (size_t)line_len));
        for (size_t at = 0; at < chunk; at += PUSH)
            push(pipe, sg_bytes(b->bytes, chunk < PUSH ? chunk : PUSH));
        push(pipe, SG_BYTES_LIT("\r\n"));
    }
    push(pipe, SG_BYTES_LIT("0\r\n\r\n"));
    sg_assert(sg_is_ok(sg_pipe_finish(pipe)));
    drain(pipe);
    report(name, b->total, cpu_s() - begin);
    sg_pipe_free(pipe);
}

static void uploads(struct bench *b)
{
    facts(b, SG_PAYLOAD_UNSIGNED);
    upload(b, "upload, sealed");
    b->facts.checksum = sgc_checksum_row(SGC_CHECKSUM_CRC32);
    upload(b, "upload, sealed, CRC32");
    b->facts.checksum = sgc_checksum_row(SGC_CHECKSUM_CRC64NVME);
    upload(b, "upload, sealed, CRC64NVME");
    facts(b, SG_PAYLOAD_UNSIGNED);
    b->facts.has_md5 = true;
    upload(b, "upload, sealed, Content-MD5");
    facts(b, SG_PAYLOAD_SHA256);
    upload(b, "upload, sealed, payload SHA-256");
    upload_chunked(b, "upload, sealed, aws-chunked of 1 MiB", (size_t)SG_MIB);
    upload_chunked(b, "upload, sealed, aws-chunked of 1 KiB", (size_t)SG_KIB);
}

/* Seals 64 MiB into memory, then opens that as often as it takes. */
static void downloads(struct bench *b)
{
    struct sg_pipe *pipe;
    uint64_t len = b->total < 64 * SG_MIB ? b->total : 64 * SG_MIB;
    struct sgc_buf sealed = SGC_BUF_INIT(sgc_layout_sealed(len));
    facts(b, SG_PAYLOAD_UNSIGNED);
    b->facts.plain_len = len;
    sg_assert(sg_is_ok(sg_pipe_new_collecting(&sg_pipe_upload, &b->facts, &sealed, &pipe)));
    size_t taken;
    for (uint64_t left = len; left > 0; left -= PUSH)
        sg_assert(sg_is_ok(sg_pipe_push(pipe, sg_bytes(b->bytes, PUSH), &taken)));
    sg_assert(sg_is_ok(sg_pipe_finish(pipe)));
    sg_pipe_free(pipe);
    b->facts = (struct sg_pipe_facts){.req = b->req, .keys = &b->keys, .object_plain = len, .whole = true};
    sg_assert(sgc_layout_span(len, 0, len, &b->facts.span));
    double begin = cpu_s();
    for (uint64_t left = b->total; left > 0; left -= len) {
        sg_assert(sg_is_ok(sg_pipe_new(&sg_pipe_download, &b->facts, SGC_SEGMENT_PLAIN, false, &pipe)));
        for (struct sg_bytes rest = sgc_buf_view(&sealed); rest.len > 0; rest = sg_bytes_skip(rest, 16384))
            push(pipe, sg_bytes_slice(rest, 0, 16384));
        sg_assert(sg_is_ok(sg_pipe_finish(pipe)));
        drain(pipe);
        sg_pipe_free(pipe);
    }
    report("download, opened, 16 KiB at a time", b->total, cpu_s() - begin);
    sgc_buf_clear(&sealed);
}

static void small(struct bench *b)
{
    struct sg_pipe *pipe;
    unsigned count = 100000;
    facts(b, SG_PAYLOAD_UNSIGNED);
    b->facts.plain_len = 4096;
    double begin = cpu_s();
    for (unsigned i = 0; i < count; i++) {
        sg_assert(sg_is_ok(sg_pipe_new(&sg_pipe_upload, &b->facts, (size_t)sgc_layout_sealed(4096), true, &pipe)));
        push(pipe, sg_bytes(b->bytes, 4096));
        sg_assert(sg_is_ok(sg_pipe_finish(pipe)));
        drain(pipe);
        sg_pipe_free(pipe);
    }
    (void)printf("%-40s %8.2f us each\n", "upload, sealed, 4 KiB", (cpu_s() - begin) / count * 1e6);
}

int main(int argc, char **argv)
{
    uint64_t mib = 1024;
    if (argc > 1 && (!sg_bytes_to_u64(sg_bytes_str(argv[1]), &mib) || mib == 0 || mib % 64 != 0)) {
        (void)fprintf(stderr, "usage: %s [MiB, a multiple of 64]\n", argv[0]);
        return EXIT_FAILURE;
    }
    struct bench *b = sgc_xalloc(sizeof(*b));
    init(b, mib * SG_MIB);
    uploads(b);
    downloads(b);
    small(b);
    (void)fake_loop_run(&b->loop);
    sgc_object_keys_clear(&b->keys);
    fake_loop_clear(&b->loop);
    sgc_xfree(b->req);
    sgc_xfree(b);
    return EXIT_SUCCESS;
}
