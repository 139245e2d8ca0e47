/*
 * ICMP echo on a raw socket, for where the kernel's own echo sockets are forbidden: what goes in
 * and out is the same as there, whole ICMP messages (RFC 792, RFC 4443) whose id is the socket's.
 *
 * Owner: the caller, who closes the descriptor.
 * Threads: any.
 * Lifetime: a call.
 */
#ifndef KS_FLOW_ICMP_H
#define KS_FLOW_ICMP_H

#include "flow_socket.h"

#include <sys/types.h>

/* 0 or -errno. Only echo replies with that id reach the socket. */
int ks_flow_icmp_open(int family, uint16_t identifier, struct ks_flow_socket *opened);
/* The octets sent, or -errno. */
ssize_t ks_flow_icmp_send(const struct ks_flow_socket *socket, const void *message, size_t length);
/* The octets of a message, cut at `room`, or -errno. */
ssize_t ks_flow_icmp_receive(const struct ks_flow_socket *socket, void *message, size_t room);

#endif
