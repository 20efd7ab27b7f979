/* The certificate is made by scripts/pki, as everywhere in tests. */
#include "served.h"

#include <arpa/inet.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(char *const words[])
{
    pid_t pid;
    int status;
    ck_assert_int_eq(posix_spawnp(&pid, words[0], NULL, NULL, words, environ), 0);
    ck_assert(waitpid(pid, &status, 0) == pid && status == 0);
}

static void put_certificate(struct rig *rig)
{
    char script[] = SG_SOURCE_DIR "/scripts/pki", name[] = "gateway", shell[] = "sh";
    char *words[] = {shell, script, rig->folder, name, NULL};
    run(words);
}

const char *served_put(struct rig *rig, unsigned port, const char *more)
{
    char text[2048];
    put_certificate(rig);
    (void)snprintf(
        text, sizeof(text),
        "server:\n  addresses: [\"127.0.0.1:%u\"]\n  certificate: gateway.crt\n  key: gateway.key\n  admin: off\n"
        "  workers: 1\nupstream: {endpoint: \"https://127.0.0.1:1\", ca_file: ca.crt, credentials: upstream}\n"
        "credentials: credentials\nkeyring: keyring\nstate_bucket: state\nlog: {access: access.log}\n"
        "buckets:\n- {name: \"*\", keys: [\"main:1\"], active_key: \"main:1\"}\n%s",
        port, more);
    rig_put_text(rig, "gateway.yaml", text, 0600);
    rig_put_text(rig, "keyring", "main:1 active AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\n", 0600);
    rig_put_text(rig, "credentials", "client a-secret-of-some-length\n", 0600);
    rig_put_text(rig, "upstream", "minio minioadmin\n", 0600);
    return rig_path(rig, "gateway.yaml");
}

unsigned served_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    (void)close(fd);
    return ntohs(address.sin_port);
}
