/*
 * Options are set on the listener where accepted sockets inherit them: one call instead of one for each connection.
 */
#include "server/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h> /* for tcpi_bytes_acked; <netinet/tcp.h> declares an older struct */
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/limits.h"

#include "common/banned.h"

enum {
    BACKLOG = 1024,
    /* One read event of libh2o empties the receive buffer, so this bounds what a connection holds in memory. */
    RECEIVE_BUFFER = 512 * 1024,
    /* Bytes that wait in the kernel unsent; more would only be memory. */
    UNSENT_MAX = 256 * 1024,
    ALIVE_IDLE_S = 60,
    ALIVE_EVERY_S = 15,
    ALIVE_TIMES = 4,
};

static void free_addrinfo(struct addrinfo **list)
{
    if (*list != NULL)
        freeaddrinfo(*list);
}

static bool set_option(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

/* Splits at the last colon; brackets around the host are taken off. */
static bool split(const char *address, char *host, size_t host_size, const char **port_out)
{
    const char *colon = strrchr(address, ':');
    uint64_t number = 0;
    if (colon == NULL || (size_t)(colon - address) >= host_size)
        return false;
    if (!sg_bytes_to_u64(sg_bytes_str(colon + 1), &number) || number > UINT16_MAX)
        return false;
    size_t len = (size_t)(colon - address);
    if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
        address++;
        len -= 2;
    }
    memcpy(host, address, len);
    host[len] = '\0';
    *port_out = colon + 1;
    return true;
}

struct wish {
    bool any;     /* every address of the machine */
    bool another; /* besides sockets of our own */
};

static bool bind_to(int fd, const struct addrinfo *where, bool any)
{
    if (where->ai_family == AF_INET6 && !set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, any ? 0 : 1))
        return false;
    return set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) && bind(fd, where->ai_addr, where->ai_addrlen) == 0;
}

static bool bind_and_listen(int fd, const struct addrinfo *where, bool any)
{
    if (!set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1))
        return false;
    /* These are wishes: a kernel without them still serves. */
    (void)set_option(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
    (void)set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_MAX);
    (void)set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    (void)set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, ALIVE_IDLE_S);
    (void)set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, ALIVE_EVERY_S);
    (void)set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, ALIVE_TIMES);
    return bind_to(fd, where, any) && listen(fd, BACKLOG) == 0;
}

static void close_quietly(int fd)
{
    int why = errno;
    (void)close(fd);
    errno = why;
}

static int new_socket(const struct addrinfo *where)
{
    return socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* With SO_REUSEPORT a second gateway, started by mistake, would silently get half of the connections. A socket without
 * it can only be bound while nobody has the address. */
static bool is_free(const struct addrinfo *where, bool any)
{
    int fd = new_socket(where);
    bool bound = fd >= 0 && bind_to(fd, where, any);
    if (fd >= 0)
        close_quietly(fd);
    return bound;
}

static int open_one(const struct addrinfo *where, struct wish wish)
{
    if (!wish.another && !is_free(where, wish.any))
        return -1;
    int fd = new_socket(where);
    if (fd < 0 || bind_and_listen(fd, where, wish.any))
        return fd;
    close_quietly(fd);
    return -1;
}

static int open_first(const struct addrinfo *list, struct wish wish, int family)
{
    int fd = -1;
    for (const struct addrinfo *at = list; at != NULL && fd < 0; at = at->ai_next) {
        if (family == AF_UNSPEC || at->ai_family == family)
            fd = open_one(at, wish);
    }
    return fd;
}

sg_err sg_socket_listen(const char *address, bool another, int *fd_out, struct sgc_buf *message)
{
    char host[256];
    const char *port = NULL;
    if (!split(address, host, sizeof(host), &port)) {
        SG_TRY(sgc_buf_appendf(message, "%s: not an address; write HOST:PORT", address));
        SG_FAIL(CONFIG);
    }
    bool any = host[0] == '\0' || strcmp(host, "*") == 0;
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    SG_CLEANUP(free_addrinfo) struct addrinfo *list = NULL;
    int failed = getaddrinfo(any ? NULL : host, port, &hints, &list);
    if (failed != 0) {
        SG_TRY(sgc_buf_appendf(message, "%s: not an address of this machine: %s", address, gai_strerror(failed)));
        SG_FAIL(CONFIG);
    }
    struct wish wish = {.any = any, .another = another};
    /* For every address: IPv6 first, whose sockets take IPv4 as well. */
    int fd = any ? open_first(list, wish, AF_INET6) : -1;
    if (fd < 0)
        fd = open_first(list, wish, AF_UNSPEC);
    if (fd < 0) {
        SG_TRY(sgc_buf_appendf(message, "%s: cannot listen there: %s", address, strerror(errno)));
        SG_FAIL(CONFIG);
    }
    *fd_out = fd;
    return SG_OK;
}

/* --- names --- */

union any_address {
    struct sockaddr_storage storage;
    struct sockaddr plain;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

unsigned sg_socket_port(int fd)
{
    union any_address at = {.storage = {0}};
    socklen_t len = sizeof(at);
    if (getsockname(fd, &at.plain, &len) != 0)
        return 0;
    return ntohs(at.plain.sa_family == AF_INET6 ? at.v6.sin6_port : at.v4.sin_port);
}

void sg_socket_print_peer(int fd, char out[SG_ADDRESS_SIZE])
{
    char host[INET6_ADDRSTRLEN];
    union any_address at = {.storage = {0}};
    socklen_t len = sizeof(at);
    (void)snprintf(out, SG_ADDRESS_SIZE, "-");
    if (getpeername(fd, &at.plain, &len) != 0)
        return;
    if (at.plain.sa_family == AF_INET && inet_ntop(AF_INET, &at.v4.sin_addr, host, sizeof(host)) != NULL)
        (void)snprintf(out, SG_ADDRESS_SIZE, "%s:%u", host, ntohs(at.v4.sin_port));
    if (at.plain.sa_family != AF_INET6)
        return;
    if (IN6_IS_ADDR_V4MAPPED(&at.v6.sin6_addr)) {
        const uint8_t *v4 = &at.v6.sin6_addr.s6_addr[12];
        (void)snprintf(out, SG_ADDRESS_SIZE, "%u.%u.%u.%u:%u", v4[0], v4[1], v4[2], v4[3], ntohs(at.v6.sin6_port));
    } else if (inet_ntop(AF_INET6, &at.v6.sin6_addr, host, sizeof(host)) != NULL) {
        (void)snprintf(out, SG_ADDRESS_SIZE, "[%s]:%u", host, ntohs(at.v6.sin6_port));
    }
}

/* --- is anybody there? --- */

uint64_t sg_socket_acked(int fd)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_bytes_acked : 0;
}

bool sg_socket_is_dead(int fd)
{
    struct pollfd one = {.fd = fd, .events = 0};
    return poll(&one, 1, 0) == 1 && (one.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

void sg_socket_break(int fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    (void)shutdown(fd, SHUT_RDWR);
}
