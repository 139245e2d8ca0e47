#include "tcp_socket.h"

#include "polled.h"
#include "tcp_options.h"
#include "values.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define EVENTS_MAX (UV_READABLE | UV_WRITABLE)

struct tcp_socket {
	struct ks_polled polled;
	bool is_ipv6;
	int events;
};

static const napi_type_tag tcp_tag = {0x6b65656c736f6e2d, 0x7463702d736f636b};

static bool
no_arguments(napi_env env, const void *news, napi_value *arguments)
{
	(void)env;
	(void)news;
	(void)arguments;
	return true;
}

static bool
happened(struct ks_polled *polled)
{
	struct tcp_socket *socket = (struct tcp_socket *)polled;

	/* libuv stops at an error; there may be octets to read before it. */
	if (!uv_is_active((uv_handle_t *)&polled->poll))
		ks_polled_watch(polled, socket->events);
	ks_polled_deliver(polled, &(struct ks_polled_call){.make = no_arguments});
	return false;
}

/* The descriptor is the socket's from here on, also when this fails. */
static napi_value
wrap(napi_env env, int descriptor, bool is_ipv6, napi_value callback)
{
	struct tcp_socket *socket = calloc(1, sizeof(*socket));

	if (socket == NULL) {
		close(descriptor);
		return ks_number(env, -ENOMEM);
	}
	socket->polled.descriptor = descriptor;
	socket->polled.burst_max = 1;
	socket->polled.receive = happened;
	socket->is_ipv6 = is_ipv6;
	socket->events = UV_READABLE;
	return ks_polled_open(env, &socket->polled, &tcp_tag, "keelson.tcp", callback);
}

/* NULL, with a TypeError thrown, when the arguments are not `count` or the first is no socket. */
static struct tcp_socket *
read_call(napi_env env, napi_callback_info call, size_t count, napi_value *arguments)
{
	if (!ks_arguments(env, call, count, arguments))
		return NULL;
	return ks_polled_unwrap(env, arguments[0], &tcp_tag);
}

/* -1 once closed: the kernel's answer is EBADF. */
static int
descriptor_of(const struct tcp_socket *socket)
{
	return socket->polled.is_closing ? -1 : socket->polled.descriptor;
}

static bool
read_address(napi_env env, napi_value value, struct ks_flow_address *address)
{
	char text[INET6_ADDRSTRLEN];

	if (!ks_read_text(env, value, text, sizeof(text)))
		return false;
	if (ks_flow_address_read(address, text, 0))
		return true;
	napi_throw_type_error(env, NULL, "not an address");
	return false;
}

/* Address, port and interface; false with a TypeError thrown. */
static bool
read_endpoint(napi_env env, const napi_value *arguments, struct ks_flow_address *endpoint)
{
	char interface[IFNAMSIZ];
	uint32_t port;

	if (!read_address(env, arguments[0], endpoint) ||
		!ks_read_uint32(env, arguments[1], &port) ||
		!ks_read_text(env, arguments[2], interface, sizeof(interface)))
		return false;
	endpoint->ipv4.sin_port = htons((uint16_t)port); /* The same place in both families. */
	if (interface[0] != '\0' && endpoint->any.sa_family == AF_INET6 &&
		IN6_IS_ADDR_LINKLOCAL(&endpoint->ipv6.sin6_addr))
		endpoint->ipv6.sin6_scope_id = if_nametoindex(interface);
	return true;
}

napi_value
ks_tcp_socket_open(napi_env env, napi_callback_info call)
{
	napi_value arguments[2];
	uint32_t version;
	int descriptor;

	if (!ks_arguments(env, call, 2, arguments) ||
		!ks_read_uint32(env, arguments[0], &version) || !ks_is_function(env, arguments[1]))
		return NULL;
	descriptor = ks_tcp_create(version == 6 ? AF_INET6 : AF_INET);
	if (descriptor < 0)
		return ks_number(env, descriptor);
	return wrap(env, descriptor, version == 6, arguments[1]);
}

napi_value
ks_tcp_socket_set(napi_env env, napi_callback_info call)
{
	napi_value arguments[3];
	struct tcp_socket *socket = read_call(env, call, 3, arguments);
	uint32_t option, value;

	if (socket == NULL || !ks_read_uint32(env, arguments[1], &option) ||
		!ks_read_uint32(env, arguments[2], &value))
		return NULL;
	if (option >= KS_TCP_OPTIONS)
		return ks_number(env, -EINVAL);
	return ks_number(env, ks_tcp_set(descriptor_of(socket), socket->is_ipv6,
				      (enum ks_tcp_option)option, (int)value));
}

napi_value
ks_tcp_socket_bind_device(napi_env env, napi_callback_info call)
{
	napi_value arguments[2];
	struct tcp_socket *socket = read_call(env, call, 2, arguments);
	char name[256];

	if (socket == NULL || !ks_read_text(env, arguments[1], name, sizeof(name)))
		return NULL;
	return ks_number(env, ks_tcp_bind_device(descriptor_of(socket), name));
}

napi_value
ks_tcp_socket_sign(napi_env env, napi_callback_info call)
{
	napi_value arguments[3];
	struct tcp_socket *socket = read_call(env, call, 3, arguments);
	struct ks_flow_address neighbor;
	const void *key;
	size_t octets;

	if (socket == NULL || !read_address(env, arguments[1], &neighbor) ||
		!ks_read_bytes(env, arguments[2], &key, &octets))
		return NULL;
	return ks_number(env, ks_tcp_sign(descriptor_of(socket), &neighbor, key, octets));
}

napi_value
ks_tcp_socket_bind(napi_env env, napi_callback_info call)
{
	napi_value arguments[4];
	struct tcp_socket *socket = read_call(env, call, 4, arguments);
	struct ks_flow_address source;

	if (socket == NULL || !read_endpoint(env, arguments + 1, &source))
		return NULL;
	return ks_number(env, ks_tcp_bind(descriptor_of(socket), &source));
}

napi_value
ks_tcp_socket_connect(napi_env env, napi_callback_info call)
{
	napi_value arguments[4];
	struct tcp_socket *socket = read_call(env, call, 4, arguments);
	struct ks_flow_address target;

	if (socket == NULL || !read_endpoint(env, arguments + 1, &target))
		return NULL;
	if (connect(descriptor_of(socket), &target.any, target.length) == 0 || errno == EINPROGRESS)
		return ks_number(env, 0);
	return ks_number(env, -errno);
}

napi_value
ks_tcp_socket_listen(napi_env env, napi_callback_info call)
{
	napi_value arguments[2];
	struct tcp_socket *socket = read_call(env, call, 2, arguments);
	uint32_t backlog;

	if (socket == NULL || !ks_read_uint32(env, arguments[1], &backlog))
		return NULL;
	return ks_number(env, listen(descriptor_of(socket), (int)backlog) == 0 ? 0 : -errno);
}

napi_value
ks_tcp_socket_accept(napi_env env, napi_callback_info call)
{
	napi_value arguments[2];
	struct tcp_socket *listener = read_call(env, call, 2, arguments);
	int descriptor;

	if (listener == NULL || !ks_is_function(env, arguments[1]))
		return NULL;
	descriptor = accept4(descriptor_of(listener), NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (descriptor < 0)
		return ks_number(env, -errno);
	return wrap(env, descriptor, listener->is_ipv6, arguments[1]);
}

napi_value
ks_tcp_socket_syn_hops(napi_env env, napi_callback_info call)
{
	napi_value argument;
	struct tcp_socket *socket = read_call(env, call, 1, &argument);

	if (socket == NULL)
		return NULL;
	return ks_number(env, ks_tcp_syn_hops(descriptor_of(socket), socket->is_ipv6));
}

napi_value
ks_tcp_socket_link(napi_env env, napi_callback_info call)
{
	napi_value argument;
	struct tcp_socket *socket = read_call(env, call, 1, &argument);
	char name[IF_NAMESIZE] = "";
	int index;

	if (socket == NULL)
		return NULL;
	index = ks_tcp_link(descriptor_of(socket), socket->is_ipv6);
	if (index < 0)
		return ks_number(env, index);
	if (index > 0 && if_indextoname((unsigned int)index, name) == NULL)
		name[0] = '\0';
	return ks_text(env, name);
}

napi_value
ks_tcp_socket_address(napi_env env, napi_callback_info call)
{
	napi_value arguments[2];
	struct tcp_socket *socket = read_call(env, call, 2, arguments);
	struct ks_flow_address address = {.length = sizeof(struct sockaddr_in6)};
	char text[INET6_ADDRSTRLEN];
	bool is_remote;
	const void *octets;
	int status;

	if (socket == NULL)
		return NULL;
	if (napi_get_value_bool(env, arguments[1], &is_remote) != napi_ok) {
		napi_throw_type_error(env, NULL, "not a boolean");
		return NULL;
	}
	status = is_remote ? getpeername(descriptor_of(socket), &address.any, &address.length)
			   : getsockname(descriptor_of(socket), &address.any, &address.length);
	if (status != 0)
		return ks_number(env, -errno);
	octets = socket->is_ipv6 ? (const void *)&address.ipv6.sin6_addr
				 : (const void *)&address.ipv4.sin_addr;
	inet_ntop(address.any.sa_family, octets, text, sizeof(text));
	return ks_text(env, text);
}

napi_value
ks_tcp_socket_error(napi_env env, napi_callback_info call)
{
	napi_value argument;
	struct tcp_socket *socket = read_call(env, call, 1, &argument);
	struct ks_flow_address peer;
	socklen_t length = sizeof(peer.ipv6), room = sizeof(int);
	int error = 0;

	if (socket == NULL)
		return NULL;
	if (getsockopt(descriptor_of(socket), SOL_SOCKET, SO_ERROR, &error, &room) != 0)
		return ks_number(env, -errno);
	if (error == 0 && getpeername(descriptor_of(socket), &peer.any, &length) != 0)
		error = errno;
	return ks_number(env, -error);
}

napi_value
ks_tcp_socket_send(napi_env env, napi_callback_info call)
{
	napi_value arguments[3];
	struct tcp_socket *socket = read_call(env, call, 3, arguments);
	const void *bytes;
	uint32_t offset;
	size_t length;
	ssize_t sent;

	if (socket == NULL || !ks_read_bytes(env, arguments[1], &bytes, &length) ||
		!ks_read_uint32(env, arguments[2], &offset))
		return NULL;
	if (offset > length)
		return ks_number(env, -EINVAL);
	length -= offset;
	sent = send(descriptor_of(socket), (const char *)bytes + offset,
		length > INT_MAX ? INT_MAX : length, MSG_DONTWAIT | MSG_NOSIGNAL);
	return ks_number(env, sent < 0 ? -errno : (int)sent);
}

napi_value
ks_tcp_socket_receive(napi_env env, napi_callback_info call)
{
	napi_value arguments[2];
	struct tcp_socket *socket = read_call(env, call, 2, arguments);
	const void *room;
	size_t length;
	ssize_t received;

	if (socket == NULL || !ks_read_bytes(env, arguments[1], &room, &length))
		return NULL;
	received = recv(descriptor_of(socket), (void *)room, length > INT_MAX ? INT_MAX : length,
		MSG_DONTWAIT);
	return ks_number(env, received < 0 ? -errno : (int)received);
}

napi_value
ks_tcp_socket_unacknowledged(napi_env env, napi_callback_info call)
{
	napi_value argument;
	struct tcp_socket *socket = read_call(env, call, 1, &argument);

	if (socket == NULL)
		return NULL;
	return ks_number(env, ks_tcp_unacknowledged(descriptor_of(socket)));
}

napi_value
ks_tcp_socket_shut(napi_env env, napi_callback_info call)
{
	napi_value argument;
	struct tcp_socket *socket = read_call(env, call, 1, &argument);

	if (socket == NULL)
		return NULL;
	return ks_number(env, shutdown(descriptor_of(socket), SHUT_WR) == 0 ? 0 : -errno);
}

napi_value
ks_tcp_socket_watch(napi_env env, napi_callback_info call)
{
	napi_value arguments[2];
	struct tcp_socket *socket = read_call(env, call, 2, arguments);
	uint32_t events;

	if (socket == NULL || !ks_read_uint32(env, arguments[1], &events))
		return NULL;
	if (socket->polled.is_closing)
		return ks_number(env, -EBADF);
	if (events > EVENTS_MAX)
		return ks_number(env, -EINVAL);
	socket->events = (int)events;
	ks_polled_watch(&socket->polled, socket->events);
	return ks_number(env, 0);
}

napi_value
ks_tcp_socket_close(napi_env env, napi_callback_info call)
{
	napi_value arguments[2];
	struct tcp_socket *socket = read_call(env, call, 2, arguments);
	bool is_reset = false;

	if (socket == NULL || socket->polled.is_closing)
		return NULL;
	if (napi_get_value_bool(env, arguments[1], &is_reset) == napi_ok && is_reset)
		ks_tcp_end_with_reset(socket->polled.descriptor);
	ks_polled_close(&socket->polled);
	return NULL;
}
