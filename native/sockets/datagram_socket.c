#include "datagram_socket.h"

#include "datagram_options.h"
#include "polled.h"
#include "values.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The longest that either family carries without jumbograms: nothing is ever cut off. */
#define DATAGRAM_BYTES_MAX 65536
/* A flood leaves room for the timers after so many, which take well under a millisecond. */
#define BURST_MAX 16
#define TOS_CONTROL 0xc0

struct datagram_socket {
	struct ks_polled polled;
	int family;
	uint32_t protocol;
	uint32_t index;
	unsigned char room[DATAGRAM_BYTES_MAX];
};

/* A datagram, or why there is none. */
struct arrival {
	const void *payload;
	size_t length;
	size_t stated;
	char source[INET6_ADDRSTRLEN];
	char destination[INET6_ADDRSTRLEN];
	int hops;
	uint32_t protocol;
	uint16_t identification; /* IPv4; else 0 */
	int error;
};

static const napi_type_tag datagram_socket_tag = {0x6b65656c736f6e02, 0x646174616772616d};

static bool
make_arguments(napi_env env, const void *argument, napi_value *arguments)
{
	const struct arrival *arrival = argument;

	arguments[7] = ks_number(env, arrival->error);
	if (arrival->error != 0) {
		for (int i = 0; i < 7; i++)
			if (napi_get_null(env, &arguments[i]) != napi_ok)
				return false;
		return true;
	}
	arguments[1] = ks_text(env, arrival->source);
	arguments[2] = ks_text(env, arrival->destination);
	arguments[3] = ks_number(env, arrival->hops);
	arguments[4] = ks_number(env, (int)arrival->protocol);
	arguments[5] = ks_number(env, (int)arrival->stated);
	arguments[6] = ks_number(env, arrival->identification);
	arguments[0] = ks_bytes(env, arrival->payload, arrival->length);
	return arguments[0] != NULL;
}

static void
deliver(struct datagram_socket *socket, const struct arrival *arrival)
{
	struct ks_polled_call call = {.count = 8, .make = make_arguments, .news = arrival};

	ks_polled_deliver(&socket->polled, &call);
}

/* The kernel has checked the header: its length, its checksum, that all of it is there. */
static bool
read_ipv4(const struct datagram_socket *socket, size_t length, struct arrival *arrival)
{
	const struct iphdr *header = (const struct iphdr *)(const void *)socket->room;
	size_t header_bytes, total_bytes;

	if (length < sizeof(*header))
		return false;
	header_bytes = header->ihl * 4u;
	total_bytes = ntohs(header->tot_len);
	if (header_bytes < sizeof(*header) || header_bytes > length || total_bytes < header_bytes)
		return false;
	arrival->payload = socket->room + header_bytes;
	arrival->length = length - header_bytes;
	arrival->stated = total_bytes - header_bytes;
	arrival->hops = header->ttl;
	arrival->protocol = header->protocol;
	arrival->identification = ntohs(header->id);
	return inet_ntop(AF_INET, &header->saddr, arrival->source, sizeof(arrival->source)) &&
	       inet_ntop(
		       AF_INET, &header->daddr, arrival->destination, sizeof(arrival->destination));
}

static bool
read_ipv6(const struct datagram_socket *socket, size_t length, struct msghdr *message,
	struct arrival *arrival)
{
	const struct sockaddr_in6 *from = message->msg_name;
	bool has_destination = false;
	struct in6_pktinfo packet;

	arrival->payload = socket->room;
	arrival->length = length;
	arrival->stated = length;
	arrival->hops = -1;
	arrival->protocol = socket->protocol;
	for (struct cmsghdr *word = CMSG_FIRSTHDR(message); word != NULL;
		word = CMSG_NXTHDR(message, word)) {
		if (word->cmsg_level != IPPROTO_IPV6)
			continue;
		if (word->cmsg_type == IPV6_HOPLIMIT)
			memcpy(&arrival->hops, CMSG_DATA(word), sizeof(arrival->hops));
		if (word->cmsg_type != IPV6_PKTINFO)
			continue;
		memcpy(&packet, CMSG_DATA(word), sizeof(packet));
		has_destination = inet_ntop(AF_INET6, &packet.ipi6_addr, arrival->destination,
			sizeof(arrival->destination));
	}
	return arrival->hops >= 0 && has_destination &&
	       inet_ntop(AF_INET6, &from->sin6_addr, arrival->source, sizeof(arrival->source));
}

static bool
receive_one(struct ks_polled *polled)
{
	struct datagram_socket *socket = (struct datagram_socket *)polled;
	struct sockaddr_in6 from = {0};
	union {
		struct cmsghdr alignment;
		char room[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec piece = {.iov_base = socket->room, .iov_len = sizeof(socket->room)};
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct arrival arrival = {0};
	ssize_t length = recvmsg(polled->descriptor, &message, MSG_DONTWAIT);

	if (length < 0 && errno == EINTR)
		return true;
	if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return false;
	if (length < 0) {
		arrival.error = errno;
		deliver(socket, &arrival);
		return false;
	}
	if (socket->family == AF_INET ? read_ipv4(socket, (size_t)length, &arrival)
				      : read_ipv6(socket, (size_t)length, &message, &arrival))
		deliver(socket, &arrival);
	return true;
}

/* The descriptor, or -errno. */
static int
open_descriptor(int family, uint32_t protocol, uint32_t index, const char *name)
{
	int descriptor, error;

	descriptor = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, (int)protocol);
	if (descriptor < 0)
		return -errno;
	error = ks_datagram_options_set(descriptor, family, index, name);
	if (error == 0)
		return descriptor;
	close(descriptor);
	return error;
}

napi_value
ks_datagram_socket_open(napi_env env, napi_callback_info call)
{
	struct datagram_socket *socket;
	napi_value arguments[5];
	uint32_t version, protocol, index;
	char name[IF_NAMESIZE];
	int family, descriptor;

	if (!ks_arguments(env, call, 5, arguments) ||
		!ks_read_uint32(env, arguments[0], &version) ||
		!ks_read_uint32(env, arguments[1], &protocol) ||
		!ks_read_uint32(env, arguments[2], &index) ||
		!ks_read_text(env, arguments[3], name, sizeof(name)) ||
		!ks_is_function(env, arguments[4]))
		return NULL;
	family = version == 6 ? AF_INET6 : AF_INET;
	descriptor = open_descriptor(family, protocol, index, name);
	if (descriptor < 0)
		return ks_number(env, descriptor);
	socket = calloc(1, sizeof(*socket));
	if (socket == NULL) {
		close(descriptor);
		return ks_number(env, -ENOMEM);
	}
	socket->polled.descriptor = descriptor;
	socket->polled.burst_max = BURST_MAX;
	socket->polled.receive = receive_one;
	socket->family = family;
	socket->protocol = protocol;
	socket->index = index;
	return ks_polled_open(
		env, &socket->polled, &datagram_socket_tag, "keelson.datagrams", arguments[4]);
}

napi_value
ks_datagram_socket_join(napi_env env, napi_callback_info call)
{
	struct datagram_socket *socket;
	napi_value arguments[3];
	char group[INET6_ADDRSTRLEN];
	uint32_t index;

	if (!ks_arguments(env, call, 3, arguments))
		return NULL;
	socket = ks_polled_unwrap(env, arguments[0], &datagram_socket_tag);
	if (socket == NULL || !ks_read_text(env, arguments[1], group, sizeof(group)) ||
		!ks_read_uint32(env, arguments[2], &index))
		return NULL;
	if (socket->polled.is_closing)
		return ks_number(env, -EBADF);
	return ks_number(env,
		ks_datagram_options_join(socket->polled.descriptor, socket->family, group, index));
}

napi_value
ks_datagram_socket_set_buffer(napi_env env, napi_callback_info call)
{
	struct datagram_socket *socket;
	napi_value arguments[2];
	uint32_t bytes;

	if (!ks_arguments(env, call, 2, arguments))
		return NULL;
	socket = ks_polled_unwrap(env, arguments[0], &datagram_socket_tag);
	if (socket == NULL || !ks_read_uint32(env, arguments[1], &bytes))
		return NULL;
	if (socket->polled.is_closing)
		return ks_number(env, -EBADF);
	return ks_number(env, ks_datagram_options_set_buffer(socket->polled.descriptor, bytes));
}

struct departure {
	const void *payload;
	size_t length;
	const char *source;
	const char *destination;
	uint32_t hops;
	uint32_t identification;
};

static int
send_message(const struct datagram_socket *socket, const struct msghdr *message)
{
	if (sendmsg(socket->polled.descriptor, message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

/* The kernel fills in the length and the checksum of the header; an identification, too, for 0. */
static int
send_ipv4(struct datagram_socket *socket, const struct departure *departure)
{
	struct iphdr header = {
		.version = 4,
		.ihl = sizeof(header) / 4,
		.tos = TOS_CONTROL,
		.ttl = (uint8_t)departure->hops,
		.protocol = (uint8_t)socket->protocol,
	};
	struct sockaddr_in to = {.sin_family = AF_INET};
	struct iovec pieces[] = {
		{.iov_base = &header, .iov_len = sizeof(header)},
		{.iov_base = (void *)(uintptr_t)departure->payload, .iov_len = departure->length},
	};
	const struct msghdr message = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = pieces, .msg_iovlen = 2};

	if (inet_pton(AF_INET, departure->source, &header.saddr) != 1 ||
		inet_pton(AF_INET, departure->destination, &header.daddr) != 1)
		return -EAFNOSUPPORT;
	to.sin_addr.s_addr = header.daddr;
	header.id = htons((uint16_t)departure->identification);
	return send_message(socket, &message);
}

static void
put_control(struct cmsghdr *word, int type, const void *value, size_t length)
{
	word->cmsg_level = IPPROTO_IPV6;
	word->cmsg_type = type;
	word->cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(word), value, length);
}

static int
send_ipv6(struct datagram_socket *socket, const struct departure *departure)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_scope_id = socket->index};
	struct in6_pktinfo from = {.ipi6_ifindex = socket->index};
	struct iovec piece = {
		.iov_base = (void *)(uintptr_t)departure->payload, .iov_len = departure->length};
	int hops = (int)departure->hops;
	union {
		struct cmsghdr alignment;
		char room[CMSG_SPACE(sizeof(from)) + CMSG_SPACE(sizeof(hops))];
	} control = {0};
	struct msghdr message = {
		.msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	if (inet_pton(AF_INET6, departure->source, &from.ipi6_addr) != 1 ||
		inet_pton(AF_INET6, departure->destination, &to.sin6_addr) != 1)
		return -EAFNOSUPPORT;
	put_control(CMSG_FIRSTHDR(&message), IPV6_PKTINFO, &from, sizeof(from));
	put_control(
		CMSG_NXTHDR(&message, CMSG_FIRSTHDR(&message)), IPV6_HOPLIMIT, &hops, sizeof(hops));
	return send_message(socket, &message);
}

napi_value
ks_datagram_socket_send(napi_env env, napi_callback_info call)
{
	struct datagram_socket *socket;
	struct departure departure;
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN];
	napi_value arguments[6];
	int error;

	if (!ks_arguments(env, call, 6, arguments))
		return NULL;
	socket = ks_polled_unwrap(env, arguments[0], &datagram_socket_tag);
	if (socket == NULL ||
		!ks_read_bytes(env, arguments[1], &departure.payload, &departure.length) ||
		!ks_read_text(env, arguments[2], source, sizeof(source)) ||
		!ks_read_text(env, arguments[3], destination, sizeof(destination)) ||
		!ks_read_uint32(env, arguments[4], &departure.hops) ||
		!ks_read_uint32(env, arguments[5], &departure.identification))
		return NULL;
	departure.source = source;
	departure.destination = destination;
	if (socket->polled.is_closing)
		return ks_number(env, -EBADF);
	error = socket->family == AF_INET ? send_ipv4(socket, &departure)
					  : send_ipv6(socket, &departure);
	return ks_number(env, error);
}

napi_value
ks_datagram_socket_close(napi_env env, napi_callback_info call)
{
	struct datagram_socket *socket;
	napi_value argument;

	if (!ks_arguments(env, call, 1, &argument))
		return NULL;
	socket = ks_polled_unwrap(env, argument, &datagram_socket_tag);
	if (socket != NULL)
		ks_polled_close(&socket->polled);
	return NULL;
}
