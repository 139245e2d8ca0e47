/*
 * The AF_PACKET socket that Ethernet frames leave through. It receives nothing.
 *
 * Owner: the environment of the thread that sends, as its instance data.
 * Threads: only the owner's.
 * Lifetime: opened by the first frame, closed when the thread ends.
 */
#ifndef KS_PACKET_SOCKET_H
#define KS_PACKET_SOCKET_H

#include <stddef.h>
#include <stdint.h>

struct ks_packet_socket {
	/* -1: not open. */
	int descriptor;
};

/* `frame` starts with its Ethernet header. 0 or -errno; never blocks. */
int ks_packet_socket_send(
	struct ks_packet_socket *socket, uint32_t index, const void *frame, size_t length);
void ks_packet_socket_close(struct ks_packet_socket *socket);

#endif
