#include "udp_socket.h"

#include "values.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Internetwork control (RFC 791), as a traffic class. */
#define CLASS_CONTROL 0xc0
/* TC_PRIO_CONTROL: a full transmit queue must not hold up a packet. */
#define PRIORITY_CONTROL 7

union address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

struct udp_sender {
	int descriptor; /* -1: closed */
	union address to;
};

struct departure {
	char source[INET6_ADDRSTRLEN];
	uint32_t source_port;
	char interface[IF_NAMESIZE];
	char destination[INET6_ADDRSTRLEN];
	uint32_t port;
	uint32_t hops;
};

static const napi_type_tag udp_sender_tag = {0x6b65656c736f6e08, 0x75647073656e6465};

static bool
read_address(union address *address, const char *text, uint32_t port, const char *interface)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &address->ipv4.sin_addr) == 1) {
		address->ipv4.sin_family = AF_INET;
		address->ipv4.sin_port = htons((uint16_t)port);
		return true;
	}
	if (inet_pton(AF_INET6, text, &address->ipv6.sin6_addr) != 1)
		return false;
	address->ipv6.sin6_family = AF_INET6;
	address->ipv6.sin6_port = htons((uint16_t)port);
	/* A link-local address means nothing without its link. */
	if (interface[0] != '\0' && IN6_IS_ADDR_LINKLOCAL(&address->ipv6.sin6_addr))
		address->ipv6.sin6_scope_id = if_nametoindex(interface);
	return true;
}

static socklen_t
length_of(const union address *address)
{
	return address->any.sa_family == AF_INET ? sizeof(address->ipv4) : sizeof(address->ipv6);
}

static int
set_option(int descriptor, int level, int name, int value)
{
	return setsockopt(descriptor, level, name, &value, sizeof(value)) == 0 ? 0 : -errno;
}

/* Nothing is ever read here: what arrives must not even wait. */
static int
refuse_all(int descriptor)
{
	struct sock_filter refusal = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {.len = 1, .filter = &refusal};

	return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0
		       ? 0
		       : -errno;
}

static int
set_leaving(int descriptor, int family, const struct departure *departure)
{
	int hops = (int)departure->hops;
	int error = refuse_all(descriptor);

	if (error == 0 && departure->interface[0] != '\0' &&
		setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, departure->interface,
			(socklen_t)strlen(departure->interface) + 1) != 0)
		error = -errno;
	if (error != 0)
		return error;
	if (family == AF_INET) {
		error = set_option(descriptor, IPPROTO_IP, IP_TTL, hops);
		if (error == 0)
			error = set_option(descriptor, IPPROTO_IP, IP_TOS, CLASS_CONTROL);
	} else {
		error = set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
		if (error == 0)
			error = set_option(descriptor, IPPROTO_IPV6, IPV6_UNICAST_HOPS, hops);
		if (error == 0)
			error = set_option(descriptor, IPPROTO_IPV6, IPV6_TCLASS, CLASS_CONTROL);
	}
	/* IP_TOS has changed it. */
	return error != 0 ? error
			  : set_option(descriptor, SOL_SOCKET, SO_PRIORITY, PRIORITY_CONTROL);
}

/* The descriptor, or -errno. Not connected: an ICMP error must not cost the next packet. */
static int
open_sender(const struct departure *departure, union address *to)
{
	const char *any;
	union address from;
	int descriptor, error;

	if (!read_address(to, departure->destination, departure->port, departure->interface))
		return -EAFNOSUPPORT;
	any = to->any.sa_family == AF_INET ? "0.0.0.0" : "::";
	if (!read_address(&from, departure->source[0] == '\0' ? any : departure->source,
		    departure->source_port, departure->interface) ||
		from.any.sa_family != to->any.sa_family)
		return -EAFNOSUPPORT;
	descriptor = socket(to->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (descriptor < 0)
		return -errno;
	error = set_leaving(descriptor, to->any.sa_family, departure);
	if (error == 0 && bind(descriptor, &from.any, length_of(&from)) != 0)
		error = -errno;
	if (error == 0)
		return descriptor;
	close(descriptor);
	return error;
}

static void
close_sender(struct udp_sender *sender)
{
	if (sender->descriptor >= 0)
		close(sender->descriptor);
	sender->descriptor = -1;
}

static void
collected(napi_env env, void *wrapped, void *hint)
{
	(void)env;
	(void)hint;
	close_sender(wrapped);
	free(wrapped);
}

static napi_value
wrap_sender(napi_env env, int descriptor, const union address *to)
{
	struct udp_sender *sender = malloc(sizeof(*sender));
	napi_value wrapper;

	if (sender == NULL) {
		close(descriptor);
		return ks_number(env, -ENOMEM);
	}
	sender->descriptor = descriptor;
	sender->to = *to;
	if (napi_create_object(env, &wrapper) == napi_ok &&
		napi_type_tag_object(env, wrapper, &udp_sender_tag) == napi_ok &&
		napi_wrap(env, wrapper, sender, collected, NULL, NULL) == napi_ok)
		return wrapper;
	close_sender(sender);
	free(sender);
	return ks_number(env, -ENOMEM);
}

static struct udp_sender *
unwrap_sender(napi_env env, napi_value value)
{
	void *sender;
	bool is_ours = false;

	if (napi_check_object_type_tag(env, value, &udp_sender_tag, &is_ours) == napi_ok &&
		is_ours && napi_unwrap(env, value, &sender) == napi_ok)
		return sender;
	napi_throw_type_error(env, NULL, "not a sender of datagrams");
	return NULL;
}

napi_value
ks_udp_sender_open(napi_env env, napi_callback_info call)
{
	struct departure departure;
	napi_value arguments[6];
	union address to;
	int descriptor;

	if (!ks_arguments(env, call, 6, arguments) ||
		!ks_read_text(env, arguments[0], departure.source, sizeof(departure.source)) ||
		!ks_read_uint32(env, arguments[1], &departure.source_port) ||
		!ks_read_text(
			env, arguments[2], departure.interface, sizeof(departure.interface)) ||
		!ks_read_text(
			env, arguments[3], departure.destination, sizeof(departure.destination)) ||
		!ks_read_uint32(env, arguments[4], &departure.port) ||
		!ks_read_uint32(env, arguments[5], &departure.hops))
		return NULL;
	descriptor = open_sender(&departure, &to);
	return descriptor < 0 ? ks_number(env, descriptor) : wrap_sender(env, descriptor, &to);
}

napi_value
ks_udp_sender_send(napi_env env, napi_callback_info call)
{
	struct udp_sender *sender;
	napi_value arguments[2];
	const void *payload;
	size_t length;

	if (!ks_arguments(env, call, 2, arguments))
		return NULL;
	sender = unwrap_sender(env, arguments[0]);
	if (sender == NULL || !ks_read_bytes(env, arguments[1], &payload, &length))
		return NULL;
	if (sender->descriptor < 0)
		return ks_number(env, -EBADF);
	if (sendto(sender->descriptor, payload, length, MSG_DONTWAIT | MSG_NOSIGNAL,
		    &sender->to.any, length_of(&sender->to)) < 0)
		return ks_number(env, -errno);
	return ks_number(env, 0);
}

napi_value
ks_udp_sender_close(napi_env env, napi_callback_info call)
{
	struct udp_sender *sender;
	napi_value argument;

	if (!ks_arguments(env, call, 1, &argument))
		return NULL;
	sender = unwrap_sender(env, argument);
	if (sender != NULL)
		close_sender(sender);
	return NULL;
}
