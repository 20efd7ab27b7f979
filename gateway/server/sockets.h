/*
 * sockets.h - what the kernel is asked about sockets: listening, names, and whether anybody is still there.
 *
 * Errors     CONFIG with a message for an address that cannot be used.
 * Tests      tests/unit/server/test_sockets.c
 */
#ifndef SG_SERVER_SOCKETS_H
#define SG_SERVER_SOCKETS_H

#include "crypto/buf.h"

#define SG_ADDRESS_SIZE 64

/* `address` is HOST:PORT, [IPV6]:PORT, or :PORT for every address of the machine. `another`: this process listens there
 * already, and the kernel spreads connections over its sockets (SO_REUSEPORT); otherwise nobody else may. */
SG_MUST sg_err sg_socket_listen(const char *address, bool another, int *fd_out, struct sgc_buf *message);
/* The port a socket is bound to; 0 when there is none. */
unsigned sg_socket_port(int fd);
/* "address:port" of the other side, or "-". */
void sg_socket_print_peer(int fd, char out[SG_ADDRESS_SIZE]);

/* Bytes that the peer has acknowledged since the connection began. */
uint64_t sg_socket_acked(int fd);
/* True after a reset, also while nobody reads. */
bool sg_socket_is_dead(int fd);
/* Nothing more goes out, not even TLS's own goodbye, and the close that follows resets the connection. */
void sg_socket_break(int fd);

#endif
