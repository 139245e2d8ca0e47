#include "packet_socket.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
ks_packet_socket_send(
	struct ks_packet_socket *packet_socket, uint32_t index, const void *frame, size_t length)
{
	struct sockaddr_ll port = {.sll_family = AF_PACKET, .sll_ifindex = (int)index};
	const struct ethhdr *header = frame;

	if (length < sizeof(*header))
		return -EINVAL;
	if (packet_socket->descriptor < 0) {
		/* Protocol 0: nothing is received. */
		packet_socket->descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
		if (packet_socket->descriptor < 0)
			return -errno;
	}
	memcpy(&port.sll_protocol, &header->h_proto, sizeof(port.sll_protocol));
	if (sendto(packet_socket->descriptor, frame, length, MSG_DONTWAIT | MSG_NOSIGNAL,
		    (struct sockaddr *)&port, sizeof(port)) < 0)
		return -errno;
	return 0;
}

void
ks_packet_socket_close(struct ks_packet_socket *packet_socket)
{
	if (packet_socket->descriptor >= 0)
		close(packet_socket->descriptor);
	packet_socket->descriptor = -1;
}
