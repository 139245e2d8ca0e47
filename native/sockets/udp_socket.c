#include "udp_socket.h"

#include "polled.h"
#include "values.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Far more than any BFD packet. */
#define DATAGRAM_BYTES_MAX 2048
/* A flood leaves room for the timers after so many. */
#define BURST_MAX 32

struct udp_listener {
	struct ks_polled polled;
	unsigned char room[DATAGRAM_BYTES_MAX];
};

/* A datagram, or why there is none. */
struct arrival {
	const void *payload;
	size_t length;
	char source[INET6_ADDRSTRLEN];
	char destination[INET6_ADDRSTRLEN];
	int source_port;
	int index;
	int hops;
	int error;
};

static const napi_type_tag udp_listener_tag = {0x6b65656c736f6e07, 0x7564706c69737465};

static bool
make_arguments(napi_env env, const void *argument, napi_value *arguments)
{
	const struct arrival *arrival = argument;

	arguments[6] = ks_number(env, arrival->error);
	if (arrival->error != 0) {
		for (int i = 0; i < 6; i++)
			if (napi_get_null(env, &arguments[i]) != napi_ok)
				return false;
		return true;
	}
	arguments[1] = ks_text(env, arrival->source);
	arguments[2] = ks_number(env, arrival->source_port);
	arguments[3] = ks_text(env, arrival->destination);
	arguments[4] = ks_number(env, arrival->index);
	arguments[5] = ks_number(env, arrival->hops);
	arguments[0] = ks_bytes(env, arrival->payload, arrival->length);
	return arguments[0] != NULL;
}

static void
deliver(struct udp_listener *listener, const struct arrival *arrival)
{
	struct ks_polled_call call = {.count = 7, .make = make_arguments, .news = arrival};

	ks_polled_deliver(&listener->polled, &call);
}

static bool
read_source(const struct sockaddr_storage *from, struct arrival *arrival)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)from;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)from;

	if (from->ss_family == AF_INET) {
		arrival->source_port = ntohs(four->sin_port);
		return inet_ntop(AF_INET, &four->sin_addr, arrival->source,
			       sizeof(arrival->source)) != NULL;
	}
	arrival->source_port = ntohs(six->sin6_port);
	return inet_ntop(AF_INET6, &six->sin6_addr, arrival->source, sizeof(arrival->source)) !=
	       NULL;
}

static void
read_ipv4_word(struct cmsghdr *word, struct arrival *arrival)
{
	struct in_pktinfo packet;

	if (word->cmsg_type == IP_TTL)
		memcpy(&arrival->hops, CMSG_DATA(word), sizeof(arrival->hops));
	if (word->cmsg_type != IP_PKTINFO)
		return;
	memcpy(&packet, CMSG_DATA(word), sizeof(packet));
	arrival->index = packet.ipi_ifindex;
	inet_ntop(AF_INET, &packet.ipi_addr, arrival->destination, sizeof(arrival->destination));
}

static void
read_ipv6_word(struct cmsghdr *word, struct arrival *arrival)
{
	struct in6_pktinfo packet;

	if (word->cmsg_type == IPV6_HOPLIMIT)
		memcpy(&arrival->hops, CMSG_DATA(word), sizeof(arrival->hops));
	if (word->cmsg_type != IPV6_PKTINFO)
		return;
	memcpy(&packet, CMSG_DATA(word), sizeof(packet));
	arrival->index = (int)packet.ipi6_ifindex;
	inet_ntop(AF_INET6, &packet.ipi6_addr, arrival->destination, sizeof(arrival->destination));
}

/* False without all that the header said. */
static bool
read_words(struct msghdr *message, struct arrival *arrival)
{
	arrival->hops = -1;
	for (struct cmsghdr *word = CMSG_FIRSTHDR(message); word != NULL;
		word = CMSG_NXTHDR(message, word)) {
		if (word->cmsg_level == IPPROTO_IP)
			read_ipv4_word(word, arrival);
		if (word->cmsg_level == IPPROTO_IPV6)
			read_ipv6_word(word, arrival);
	}
	return arrival->hops >= 0 && arrival->destination[0] != '\0';
}

static bool
receive_one(struct ks_polled *polled)
{
	struct udp_listener *listener = (struct udp_listener *)polled;
	struct sockaddr_storage from = {0};
	union {
		struct cmsghdr alignment;
		char room[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec piece = {.iov_base = listener->room, .iov_len = sizeof(listener->room)};
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
		deliver(listener, &arrival);
		return false;
	}
	arrival.payload = listener->room;
	arrival.length = (size_t)length;
	if (read_source(&from, &arrival) && read_words(&message, &arrival))
		deliver(listener, &arrival);
	return true;
}

static int
set_option(int descriptor, int level, int name, int value)
{
	return setsockopt(descriptor, level, name, &value, sizeof(value)) == 0 ? 0 : -errno;
}

static int
set_listening(int descriptor, int family)
{
	int error;

	if (family == AF_INET) {
		error = set_option(descriptor, IPPROTO_IP, IP_RECVTTL, 1);
		return error != 0 ? error : set_option(descriptor, IPPROTO_IP, IP_PKTINFO, 1);
	}
	error = set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (error == 0)
		error = set_option(descriptor, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	return error != 0 ? error : set_option(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

/* The descriptor, or -errno. */
static int
open_listening(int family, uint32_t port)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	int descriptor = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error, status;

	if (descriptor < 0)
		return -errno;
	/* First the options: what arrives without them has no hop limit. */
	error = set_listening(descriptor, family);
	if (error == 0) {
		status = family == AF_INET
				 ? bind(descriptor, (struct sockaddr *)&four, sizeof(four))
				 : bind(descriptor, (struct sockaddr *)&six, sizeof(six));
		error = status == 0 ? 0 : -errno;
	}
	if (error == 0)
		return descriptor;
	close(descriptor);
	return error;
}

napi_value
ks_udp_listener_open(napi_env env, napi_callback_info call)
{
	struct udp_listener *listener;
	napi_value arguments[3];
	uint32_t version, port;
	int descriptor;

	if (!ks_arguments(env, call, 3, arguments) ||
		!ks_read_uint32(env, arguments[0], &version) ||
		!ks_read_uint32(env, arguments[1], &port) || !ks_is_function(env, arguments[2]))
		return NULL;
	descriptor = open_listening(version == 6 ? AF_INET6 : AF_INET, port);
	if (descriptor < 0)
		return ks_number(env, descriptor);
	listener = calloc(1, sizeof(*listener));
	if (listener == NULL) {
		close(descriptor);
		return ks_number(env, -ENOMEM);
	}
	listener->polled.descriptor = descriptor;
	listener->polled.burst_max = BURST_MAX;
	listener->polled.receive = receive_one;
	return ks_polled_open(
		env, &listener->polled, &udp_listener_tag, "keelson.udp", arguments[2]);
}

napi_value
ks_udp_listener_close(napi_env env, napi_callback_info call)
{
	struct udp_listener *listener;
	napi_value argument;

	if (!ks_arguments(env, call, 1, &argument))
		return NULL;
	listener = ks_polled_unwrap(env, argument, &udp_listener_tag);
	if (listener != NULL)
		ks_polled_close(&listener->polled);
	return NULL;
}
