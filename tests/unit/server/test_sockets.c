/*
 * Addresses as an operator writes them, and questions to the kernel.
 */
#include "support/check_main.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/sockets.h"

static const char *const bad[] = {
    "",
    "localhost",
    "127.0.0.1:",
    ":",
    "127.0.0.1:http",
    "127.0.0.1:65536",
    "127.0.0.1:-1",
    "999.1.1.1:1",
    "192.0.2.1:1",
    "[::1:1",
    "a host with blanks:1",
    "127.0.0.1:1:2",
};

START_TEST(bad_addresses_are_named_in_the_message)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(4096);
    int fd = -1;
    ck_fails(sg_socket_listen(bad[_i], false, &fd, &message), CONFIG);
    ck_assert(sg_bytes_has_prefix(sgc_buf_view(&message), sg_bytes_str(bad[_i])));
    ck_assert_int_eq(fd, -1);
}
END_TEST

static int listen_at(const char *address, bool another)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(4096);
    int fd = -1;
    ck_ok(sg_socket_listen(address, another, &fd, &message));
    ck_assert_uint_gt(sg_socket_port(fd), 0);
    return fd;
}

static int connect_to(int listener, int *accepted)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)sg_socket_port(listener)),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    *accepted = accept(listener, NULL, NULL);
    ck_assert_int_ge(*accepted, 0);
    return fd;
}

START_TEST(every_address_takes_ipv4_too)
{
    static const char *const any[] = {":0", "*:0", "0.0.0.0:0", "127.0.0.1:0"};
    char name[SG_ADDRESS_SIZE];
    int accepted;
    int listener = listen_at(any[_i], false);
    int fd = connect_to(listener, &accepted);
    sg_socket_print_peer(accepted, name);
    ck_assert_int_eq(strncmp(name, "127.0.0.1:", 10), 0);
    (void)close(fd);
    (void)close(accepted);
    (void)close(listener);
}
END_TEST

START_TEST(two_sockets_may_share_an_address_when_they_know)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(4096);
    char address[64];
    int third = -1;
    int first = listen_at("127.0.0.1:0", false);
    (void)snprintf(address, sizeof(address), "127.0.0.1:%u", sg_socket_port(first));
    int second = listen_at(address, true);
    ck_assert_uint_eq(sg_socket_port(first), sg_socket_port(second));
    ck_fails(sg_socket_listen(address, false, &third, &message), CONFIG);
    ck_ok(sgc_buf_append_u8(&message, '\0'));
    ck_assert_ptr_nonnull(strstr((const char *)message.ptr, "Address already in use"));
    (void)close(first);
    (void)close(second);
}
END_TEST

START_TEST(a_peer_that_does_not_exist_is_a_dash)
{
    char name[SG_ADDRESS_SIZE];
    sg_socket_print_peer(-1, name);
    ck_assert_str_eq(name, "-");
    ck_assert_uint_eq(sg_socket_port(-1), 0);
    ck_assert_uint_eq(sg_socket_acked(-1), 0);
}
END_TEST

START_TEST(acknowledged_bytes_grow_and_a_reset_is_noticed)
{
    int accepted;
    int listener = listen_at("127.0.0.1:0", false);
    int fd = connect_to(listener, &accepted);
    uint64_t before = sg_socket_acked(accepted);
    ck_assert_int_eq(write(accepted, "hello", 5), 5);
    usleep(100000);
    ck_assert_uint_ge(sg_socket_acked(accepted), before + 5);
    ck_assert(!sg_socket_is_dead(accepted));
    ck_assert_int_eq(write(fd, "unread", 6), 6);
    sg_socket_break(fd);
    (void)close(fd);
    usleep(100000);
    ck_assert(sg_socket_is_dead(accepted));
    (void)close(accepted);
    (void)close(listener);
}
END_TEST

SG_TEST_MAIN("server/sockets", TEST_LOOP(bad_addresses_are_named_in_the_message, SG_COUNT_OF(bad)),
             TEST_LOOP(every_address_takes_ipv4_too, 4), TEST(two_sockets_may_share_an_address_when_they_know),
             TEST(a_peer_that_does_not_exist_is_a_dash), TEST(acknowledged_bytes_grow_and_a_reset_is_noticed))
