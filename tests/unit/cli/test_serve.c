/* Does the gateway start, listen and stop as told, and not start at all when something is wrong? */
#include "served.h"

#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

#include "common/banned.h"

static bool answers(unsigned port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    (void)close(fd);
    return connected;
}

static bool answers_soon(unsigned port)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    for (int i = 0; i < 1000; i++) {
        if (answers(port))
            return true;
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

/* Not through the rig: the server is a process of its own, which can be told to stop. */
static pid_t start(const char *config)
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid > 0)
        return pid;
    char program[] = "sealgate", command[] = "serve", option[] = "--config", path[128];
    char *argv[] = {program, command, option, path, NULL};
    (void)snprintf(path, sizeof(path), "%s", config);
    _exit(sg_cli_run(4, argv));
}

START_TEST(it_serves_until_it_is_told_to_stop)
{
    struct rig rig;
    int status;
    rig_init(&rig);
    unsigned port = served_free_port();
    pid_t pid = start(served_put(&rig, port, ""));
    ck_assert(answers_soon(port));
    ck_assert_int_eq(kill(pid, SIGTERM), 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert(!answers(port));
    ck_assert(rig_has(&rig, "access.log"));
    rig_clear(&rig);
}
END_TEST

static const struct {
    const char *name, *text;
    const char *said;
} spoilt[] = {
    {"gateway.yaml", "unknown: 1\n", "gateway.yaml:1: unknown: there is no such option"},
    {"gateway.crt", "nothing\n", "gateway.crt"},
    {"gateway.key", "nothing\n", "gateway.key"},
    {"ca.crt", "nothing\n", "ca.crt: there is no certificate"},
    {"keyring", "", "bucket * names key main:1"},
    {"credentials", "id short\n", "credentials: line 1: the secret is shorter"},
    {"upstream", "one two\nthree four\n", "upstream: line 2: there is a second credential"},
};

START_TEST(it_does_not_start_when_something_is_wrong)
{
    struct rig rig;
    rig_init(&rig);
    unsigned port = served_free_port();
    const char *config = served_put(&rig, port, "");
    rig_put_text(&rig, spoilt[_i].name, spoilt[_i].text, 0600);
    ck_assert_int_eq(rig_run(&rig, "serve", "--config", config), 1);
    ck_contains(rig.err, spoilt[_i].said);
    ck_assert(!answers(port));
    rig_clear(&rig);
}
END_TEST

START_TEST(an_access_log_that_cannot_be_opened_stops_it)
{
    struct rig rig;
    rig_init(&rig);
    const char *config = served_put(&rig, served_free_port(), "");
    ck_assert_int_eq(symlink("/nonexistent/access.log", rig_path(&rig, "access.log")), 0);
    ck_assert_int_eq(rig_run(&rig, "serve", "--config", config), 1);
    ck_contains(rig.err, "access.log: the access log cannot be opened");
    rig_clear(&rig);
}
END_TEST

SG_TEST_MAIN("cli/serve", TEST(it_serves_until_it_is_told_to_stop),
             TEST_LOOP(it_does_not_start_when_something_is_wrong, SG_COUNT_OF(spoilt)),
             TEST(an_access_log_that_cannot_be_opened_stops_it))
