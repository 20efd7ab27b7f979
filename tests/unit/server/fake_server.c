/*
 * fake_server CERTIFICATE KEY PORT WORKERS [NAME=VALUE...]: the real server with the fake engine, on loopback.
 * Prints "https PORT" when it serves. Names: idle_ms head_ms stall_ms shutdown_ms max_connections refuse admin (ports).
 */
#include <stdio.h>
#include <string.h>

#include "server/server.h"

static bool is_ready(void *ctx)
{
    SG_UNUSED(ctx);
    return true;
}

static void on_serving(void *ctx, unsigned port)
{
    SG_UNUSED(ctx);
    (void)printf("https %u\n", port);
    (void)fflush(stdout);
}

static char *loopback(const char *port, char *out, size_t size)
{
    (void)snprintf(out, size, "127.0.0.1:%s", port);
    return out;
}

static void set(struct sg_config *config, const char *name, const char *value)
{
    static char refuse[32], admin[32];
    const struct {
        const char *name;
        uint64_t *number;
    } numbers[] = {
        {"idle_ms", &config->server.idle_timeout_ms},
        {"head_ms", &config->server.head_timeout_ms},
        {"stall_ms", &config->server.stall_timeout_ms},
        {"shutdown_ms", &config->server.shutdown_timeout_ms},
    };
    for (size_t i = 0; i < SG_COUNT_OF(numbers); i++) {
        if (strcmp(name, numbers[i].name) == 0)
            sg_assert(sg_bytes_to_u64(sg_bytes_str(value), numbers[i].number));
    }
    uint64_t number = 0;
    if (strcmp(name, "max_connections") == 0 && sg_bytes_to_u64(sg_bytes_str(value), &number))
        config->server.max_connections = (unsigned)number;
    if (strcmp(name, "refuse") == 0)
        config->server.refuse_http = loopback(value, refuse, sizeof(refuse));
    if (strcmp(name, "admin") == 0)
        config->server.admin = loopback(value, admin, sizeof(admin));
}

int main(int argc, char **argv)
{
    char address[32] = "127.0.0.1:0";
    char *addresses[] = {address};
    struct sg_config config = {.server = {.addresses = addresses,
                                          .address_count = 1,
                                          .idle_timeout_ms = 20000,
                                          .head_timeout_ms = 10000,
                                          .stall_timeout_ms = 10000,
                                          .shutdown_timeout_ms = 5000,
                                          .max_connections = 1000},
                               .limits = {.memory = 1 << 30, .wait_ms = 1000}};
    struct sg_clock clock = SG_CLOCK_SYSTEM;
    struct sgc_buf message = SGC_BUF_INIT(4096);
    struct sg_server_options options = {
        .env = {.config = &config, .clock = &clock}, .ready = is_ready, .on_serving = on_serving, .message = &message};
    uint64_t workers = 0;
    if (argc < 5 || !sg_bytes_to_u64(sg_bytes_str(argv[4]), &workers))
        return 2;
    config.server.certificate = argv[1];
    config.server.key = argv[2];
    (void)loopback(argv[3], address, sizeof(address));
    config.server.workers = (unsigned)workers;
    for (int i = 5; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (equals == NULL)
            return 2;
        *equals = '\0';
        set(&config, argv[i], equals + 1);
    }
    sg_err err = sg_server_run(&options);
    if (!sg_is_ok(err))
        (void)fprintf(stderr, "%s: %.*s\n", sg_err_row(err)->name, (int)message.len, (const char *)message.ptr);
    sgc_buf_clear(&message);
    return sg_is_ok(err) ? 0 : 1;
}
