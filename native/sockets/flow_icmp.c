#include "flow_icmp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <unistd.h>

/* What a probe sends is short; an answer is as long as the question. */
#define MESSAGE_BYTES_MAX 2048
#define IPV4_HEADER_BYTES_MAX 60
#define ECHO_HEADER_BYTES 8
#define IDENTIFIER_OFFSET 4

/* IPv4's raw sockets see the IP header, IPv6's do not: X is where the ICMP message begins. */
static int
attach_filter(int descriptor, bool is_ipv6, uint16_t identifier)
{
	const struct sock_filter to_message =
		is_ipv6 ? (struct sock_filter)BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 0)
			: (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0);
	const uint32_t reply = is_ipv6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY;
	struct sock_filter code[] = {
		to_message,
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, reply, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, IDENTIFIER_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, identifier, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0
		       ? 0
		       : -errno;
}

int
ks_flow_icmp_open(int family, uint16_t identifier, struct ks_flow_socket *opened)
{
	bool is_ipv6 = family == AF_INET6;
	int protocol = is_ipv6 ? (int)IPPROTO_ICMPV6 : IPPROTO_ICMP;
	int descriptor = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	int error;

	if (descriptor < 0)
		return -errno;
	error = attach_filter(descriptor, is_ipv6, identifier);
	if (error != 0) {
		close(descriptor);
		return error;
	}
	*opened = (struct ks_flow_socket){
		.descriptor = descriptor,
		.is_ipv6 = is_ipv6,
		.is_raw = true,
		.identifier_be = htons(identifier),
	};
	return 0;
}

/* RFC 1071. */
static uint16_t
checksum_be(const unsigned char *octets, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)octets[i] << 8 | octets[i + 1];
	if (length % 2 == 1)
		sum += (uint32_t)octets[length - 1] << 8;
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

ssize_t
ks_flow_icmp_send(const struct ks_flow_socket *socket, const void *message, size_t length)
{
	unsigned char octets[MESSAGE_BYTES_MAX];
	uint16_t sum_be = 0;
	ssize_t sent;

	if (length < ECHO_HEADER_BYTES)
		return -EINVAL;
	if (length > sizeof(octets))
		return -EMSGSIZE;
	memcpy(octets, message, length);
	memcpy(octets + IDENTIFIER_OFFSET, &socket->identifier_be, sizeof(socket->identifier_be));
	memcpy(octets + 2, &sum_be, sizeof(sum_be));
	/* ICMPv6's covers addresses as well: the kernel fills it in. */
	if (!socket->is_ipv6) {
		sum_be = checksum_be(octets, length);
		memcpy(octets + 2, &sum_be, sizeof(sum_be));
	}
	sent = send(socket->descriptor, octets, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	return sent < 0 ? -errno : sent;
}

/* Where the message begins, behind its IPv4 header; `length` when it is none of ours. */
static size_t
message_start(const struct ks_flow_socket *socket, const unsigned char *octets, size_t length)
{
	size_t start = 0;

	if (!socket->is_ipv6 && length > 0)
		start = (size_t)(octets[0] & 0x0f) * 4;
	if (start + ECHO_HEADER_BYTES > length ||
		octets[start] != (socket->is_ipv6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) ||
		memcmp(octets + start + IDENTIFIER_OFFSET, &socket->identifier_be,
			sizeof(socket->identifier_be)) != 0)
		return length;
	return start;
}

ssize_t
ks_flow_icmp_receive(const struct ks_flow_socket *socket, void *message, size_t room)
{
	unsigned char octets[MESSAGE_BYTES_MAX + IPV4_HEADER_BYTES_MAX];
	ssize_t received;

	/* Others' messages are only those that came before the filter: a few. */
	while ((received = recv(socket->descriptor, octets, sizeof(octets), MSG_DONTWAIT)) >= 0) {
		size_t length = (size_t)received;
		size_t start = message_start(socket, octets, length);

		if (start == length)
			continue;
		length -= start;
		if (length > room)
			length = room;
		memcpy(message, octets + start, length);
		return (ssize_t)length;
	}
	return -errno;
}
