#include "datagram_options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* Linux 4.20 has it, the C library of Debian 12 does not name it. */
#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29
#endif
/* TC_PRIO_CONTROL: a full transmit queue must not hold up an advertisement. */
#define PRIORITY_CONTROL 7
/* Internetwork control (RFC 791), as a traffic class. */
#define CLASS_CONTROL 0xc0
#define EARLY_MAX 10000

struct option {
	int level;
	int name;
	int value;
};

static int
set_all(int descriptor, const struct option *options, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (setsockopt(descriptor, options[i].level, options[i].name, &options[i].value,
			    sizeof(options[i].value)) != 0)
			return -errno;
	return 0;
}

static int
set_ipv4(int descriptor, uint32_t index)
{
	static const struct option options[] = {
		{IPPROTO_IP, IP_HDRINCL, 1},
		{IPPROTO_IP, IP_MULTICAST_LOOP, 0},
		{IPPROTO_IP, IP_MULTICAST_ALL, 0},
	};
	struct ip_mreqn leaving = {.imr_ifindex = (int)index};
	int error = set_all(descriptor, options, sizeof(options) / sizeof(options[0]));

	if (error != 0 || index == 0)
		return error;
	if (setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &leaving, sizeof(leaving)) != 0)
		return -errno;
	return 0;
}

static int
set_ipv6(int descriptor, uint32_t index)
{
	const struct option options[] = {
		{IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0},
		{IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0},
		{IPPROTO_IPV6, IPV6_RECVPKTINFO, 1},
		{IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1},
		{IPPROTO_IPV6, IPV6_TCLASS, CLASS_CONTROL},
		/* The last one: an index of 0 is not set. */
		{IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)index},
	};
	size_t count = sizeof(options) / sizeof(options[0]);

	return set_all(descriptor, options, index == 0 ? count - 1 : count);
}

/* What came in through other interfaces before the socket was bound to its own. */
static void
discard_early(int descriptor)
{
	char octet;

	for (int count = 0; count < EARLY_MAX; count++)
		if (recv(descriptor, &octet, sizeof(octet), MSG_DONTWAIT) < 0)
			return;
}

int
ks_datagram_options_set(int descriptor, int family, uint32_t index, const char *name)
{
	static const struct option urgent = {SOL_SOCKET, SO_PRIORITY, PRIORITY_CONTROL};
	int error;

	if (index != 0 && setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name,
				  (socklen_t)strlen(name) + 1) != 0)
		return -errno;
	error = family == AF_INET ? set_ipv4(descriptor, index) : set_ipv6(descriptor, index);
	if (error == 0)
		error = set_all(descriptor, &urgent, 1);
	if (error == 0)
		discard_early(descriptor);
	return error;
}

int
ks_datagram_options_join(int descriptor, int family, const char *group, uint32_t index)
{
	struct ip_mreqn four = {.imr_ifindex = (int)index};
	struct ipv6_mreq six = {.ipv6mr_interface = index};
	int status;

	if (family == AF_INET) {
		if (inet_pton(AF_INET, group, &four.imr_multiaddr) != 1)
			return -EINVAL;
		status = setsockopt(descriptor, IPPROTO_IP, IP_ADD_MEMBERSHIP, &four, sizeof(four));
	} else {
		if (inet_pton(AF_INET6, group, &six.ipv6mr_multiaddr) != 1)
			return -EINVAL;
		status = setsockopt(descriptor, IPPROTO_IPV6, IPV6_JOIN_GROUP, &six, sizeof(six));
	}
	return status == 0 ? 0 : -errno;
}

int
ks_datagram_options_set_buffer(int descriptor, uint32_t bytes)
{
	int size = bytes > INT_MAX ? INT_MAX : (int)bytes;

	/* Past the limit of the system for those who may, else up to it. */
	if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) == 0 ||
		setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) == 0)
		return 0;
	return -errno;
}
