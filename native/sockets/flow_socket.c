#include "flow_socket.h"

#include "flow_icmp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

bool
ks_flow_address_read(struct ks_flow_address *address, const char *text, uint16_t port)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &address->ipv4.sin_addr) == 1) {
		address->ipv4.sin_family = AF_INET;
		address->ipv4.sin_port = htons(port);
		address->length = sizeof(address->ipv4);
		return true;
	}
	if (inet_pton(AF_INET6, text, &address->ipv6.sin6_addr) != 1)
		return false;
	address->ipv6.sin6_family = AF_INET6;
	address->ipv6.sin6_port = htons(port);
	address->length = sizeof(address->ipv6);
	return true;
}

static int
set_option(int descriptor, int level, int name, int value)
{
	return setsockopt(descriptor, level, name, &value, sizeof(value)) == 0 ? 0 : -errno;
}

/* A link-local address means nothing without its link. */
static struct ks_flow_address
scoped(const struct ks_flow_address *address, const char *interface)
{
	struct ks_flow_address with_link = *address;

	if (interface[0] != '\0' && address->any.sa_family == AF_INET6 &&
		IN6_IS_ADDR_LINKLOCAL(&address->ipv6.sin6_addr))
		with_link.ipv6.sin6_scope_id = if_nametoindex(interface);
	return with_link;
}

static int
bind_source(int descriptor, const struct ks_flow_settings *settings)
{
	struct ks_flow_address source = scoped(&settings->source, settings->interface);
	bool has_port = source.ipv4.sin_port != 0; /* The same place in both families. */
	int error;

	if (settings->protocol != KS_FLOW_ICMP) {
		/* Without a port, the kernel chooses one that is free for this target only. */
		error = has_port ? set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
				 : set_option(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
		if (error != 0)
			return error;
	}
	return bind(descriptor, &source.any, source.length) == 0 ? 0 : -errno;
}

/* ICMP errors of every kind are told at once, also those that TCP would take for passing. */
static int
want_errors(int descriptor, const struct ks_flow_settings *settings)
{
	if (settings->protocol == KS_FLOW_TCP)
		return 0;
	if (settings->target.any.sa_family == AF_INET)
		return set_option(descriptor, IPPROTO_IP, IP_RECVERR, 1);
	return set_option(descriptor, IPPROTO_IPV6, IPV6_RECVERR, 1);
}

static int
prepare(int descriptor, const struct ks_flow_settings *settings)
{
	size_t length = strnlen(settings->interface, sizeof(settings->interface));
	int error = 0;

	if (settings->mark != 0)
		error = set_option(descriptor, SOL_SOCKET, SO_MARK, (int)settings->mark);
	if (error == 0 && length > 0 &&
		setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, settings->interface,
			(socklen_t)length) != 0)
		error = -errno;
	if (error == 0)
		error = want_errors(descriptor, settings);
	if (error == 0 && settings->source.length != 0)
		error = bind_source(descriptor, settings);
	return error;
}

static int
create(const struct ks_flow_settings *settings, uint16_t identifier, struct ks_flow_socket *opened)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_DGRAM};
	int family = settings->target.any.sa_family;
	int type = types[settings->protocol] | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int protocol = 0;

	if (settings->protocol == KS_FLOW_ICMP)
		protocol = family == AF_INET ? IPPROTO_ICMP : (int)IPPROTO_ICMPV6;
	*opened = (struct ks_flow_socket){
		.descriptor = socket(family, type, protocol),
		.is_ipv6 = family == AF_INET6,
	};
	if (opened->descriptor >= 0)
		return 0;
	/* Whose group net.ipv4.ping_group_range does not name. */
	if (settings->protocol == KS_FLOW_ICMP && (errno == EACCES || errno == EPERM))
		return ks_flow_icmp_open(family, identifier, opened);
	return -errno;
}

int
ks_flow_socket_open(
	const struct ks_flow_settings *settings, uint16_t identifier, struct ks_flow_socket *opened)
{
	struct ks_flow_address target = scoped(&settings->target, settings->interface);
	int error;

	if (settings->source.length != 0 &&
		settings->source.any.sa_family != settings->target.any.sa_family)
		return -EAFNOSUPPORT;
	error = create(settings, identifier, opened);
	if (error != 0)
		return error;
	/* A raw IPv6 socket takes a port for a protocol. */
	if (settings->protocol == KS_FLOW_ICMP)
		target.ipv4.sin_port = 0;
	error = prepare(opened->descriptor, settings);
	if (error == 0 && connect(opened->descriptor, &target.any, target.length) != 0)
		error = -errno;
	if (error == -EINPROGRESS)
		error = 0;
	opened->is_connecting = settings->protocol == KS_FLOW_TCP;
	if (error != 0)
		close(opened->descriptor);
	return error;
}
