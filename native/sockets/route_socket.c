#include "route_socket.h"

#include "polled.h"
#include "values.h"

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel builds dumps in pieces of at most 32 KiB. */
#define MESSAGE_BYTES_MAX 65536
#define BURST_MAX 32
#define RECEIVE_BUFFER_BYTES (1 << 20)

struct route_socket {
	struct ks_polled polled;
	char message[MESSAGE_BYTES_MAX];
};

/* Messages, or why there are none. */
struct news {
	const void *messages;
	size_t length;
	int error;
};

static const napi_type_tag route_socket_tag = {0x6b65656c736f6e01, 0x726f757465736f63};

static bool
make_arguments(napi_env env, const void *argument, napi_value *arguments)
{
	const struct news *news = argument;

	if (napi_create_int32(env, news->error, &arguments[1]) != napi_ok)
		return false;
	if (news->error != 0)
		return napi_get_null(env, &arguments[0]) == napi_ok;
	return napi_create_buffer_copy(env, news->length, news->messages, NULL, &arguments[0]) ==
	       napi_ok;
}

static void
deliver(struct route_socket *socket, size_t length, int error)
{
	struct news news = {.messages = socket->message, .length = length, .error = error};
	struct ks_polled_call call = {.count = 2, .make = make_arguments, .news = &news};

	ks_polled_deliver(&socket->polled, &call);
}

static bool
receive_one(struct ks_polled *polled)
{
	struct route_socket *socket = (struct route_socket *)polled;
	struct sockaddr_nl sender;
	socklen_t sender_length = sizeof(sender);
	ssize_t length;

	length = recvfrom(polled->descriptor, socket->message, sizeof(socket->message),
		MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&sender, &sender_length);
	if (length < 0 && errno == EINTR)
		return true;
	if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return false;
	if (length < 0 && errno != ENOBUFS) {
		int error = errno;

		ks_polled_stop(polled);
		deliver(socket, 0, error);
		return false;
	}
	if (length < 0 || (size_t)length > sizeof(socket->message)) {
		deliver(socket, 0, ENOBUFS);
		return true;
	}
	/* Other processes can write to the socket too; only the kernel's word counts. */
	if (sender_length == sizeof(sender) && sender.nl_pid == 0)
		deliver(socket, (size_t)length, 0);
	return true;
}

/* The descriptor, or -errno. */
static int
open_descriptor(int protocol, uint32_t groups)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int descriptor, bytes = RECEIVE_BUFFER_BYTES, on = 1, error;

	descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	if (descriptor < 0)
		return -errno;
	/* All three are improvements that an old kernel or a plain user may be refused. */
	if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0)
		setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	setsockopt(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	if (bind(descriptor, (struct sockaddr *)&address, sizeof(address)) == 0)
		return descriptor;
	error = errno;
	close(descriptor);
	return -error;
}

static napi_value
open_socket(napi_env env, int protocol, uint32_t groups, napi_value received)
{
	struct route_socket *socket;
	int descriptor;

	descriptor = open_descriptor(protocol, groups);
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
	return ks_polled_open(env, &socket->polled, &route_socket_tag, "keelson.route", received);
}

napi_value
ks_route_socket_open(napi_env env, napi_callback_info call)
{
	napi_value arguments[2];
	uint32_t groups;

	if (!ks_arguments(env, call, 2, arguments) || !ks_read_uint32(env, arguments[0], &groups) ||
		!ks_is_function(env, arguments[1]))
		return NULL;
	return open_socket(env, NETLINK_ROUTE, groups, arguments[1]);
}

napi_value
ks_route_socket_open_processes(napi_env env, napi_callback_info call)
{
	napi_value received;

	if (!ks_arguments(env, call, 1, &received) || !ks_is_function(env, received))
		return NULL;
	return open_socket(env, NETLINK_CONNECTOR, CN_IDX_PROC, received);
}

napi_value
ks_route_socket_send(napi_env env, napi_callback_info call)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct route_socket *socket;
	napi_value arguments[2];
	const void *bytes;
	size_t length;

	if (!ks_arguments(env, call, 2, arguments))
		return NULL;
	socket = ks_polled_unwrap(env, arguments[0], &route_socket_tag);
	if (socket == NULL || !ks_read_bytes(env, arguments[1], &bytes, &length))
		return NULL;
	if (socket->polled.is_closing)
		return ks_number(env, -EBADF);
	if (sendto(socket->polled.descriptor, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL,
		    (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return ks_number(env, -errno);
	return ks_number(env, 0);
}

napi_value
ks_route_socket_close(napi_env env, napi_callback_info call)
{
	struct route_socket *socket;
	napi_value argument;

	if (!ks_arguments(env, call, 1, &argument))
		return NULL;
	socket = ks_polled_unwrap(env, argument, &route_socket_tag);
	if (socket != NULL)
		ks_polled_close(&socket->polled);
	return NULL;
}
