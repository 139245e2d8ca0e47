#include "route_socket.h"

#include "values.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

/* The kernel builds dumps in pieces of at most 32 KiB. */
#define MESSAGE_BYTES_MAX 65536
/* Messages taken per wake-up, so that a storm of notifications leaves time for the other sockets.
 */
#define BURST_MAX 32
#define RECEIVE_BUFFER_BYTES (1 << 20)

struct route_socket {
	uv_poll_t poll;
	napi_env env;
	napi_ref received;
	napi_async_context context;
	napi_async_cleanup_hook_handle hook;
	int descriptor;
	/* The wrapping object and the poll handle. */
	unsigned int holders;
	bool is_closing;
	bool is_delivering;
	char message[MESSAGE_BYTES_MAX];
};

static const napi_type_tag route_socket_tag = {0x6b65656c736f6e01, 0x726f757465736f63};

static void
drop(struct route_socket *socket)
{
	if (--socket->holders == 0)
		free(socket);
}

static void
release_callback(struct route_socket *socket)
{
	if (socket->received == NULL)
		return;
	napi_delete_reference(socket->env, socket->received);
	napi_async_destroy(socket->env, socket->context);
	socket->received = NULL;
	socket->context = NULL;
}

/* May run when the environment is gone already: only the hook's handle is still valid. */
static void
poll_closed(uv_handle_t *handle)
{
	struct route_socket *socket = handle->data;

	napi_remove_async_cleanup_hook(socket->hook);
	drop(socket);
}

static void
begin_close(struct route_socket *socket)
{
	if (socket->is_closing)
		return;
	socket->is_closing = true;
	uv_close((uv_handle_t *)&socket->poll, poll_closed);
	close(socket->descriptor);
	/* The callback that is running now still needs its scope. */
	if (!socket->is_delivering)
		release_callback(socket);
}

static void
environment_ending(napi_async_cleanup_hook_handle handle, void *argument)
{
	(void)handle;
	begin_close(argument);
}

static void
collected(napi_env env, void *wrapped, void *hint)
{
	(void)env;
	(void)hint;
	begin_close(wrapped);
	drop(wrapped);
}

static void
call_received(struct route_socket *socket, size_t length, int error)
{
	napi_env env = socket->env;
	napi_value arguments[2], callback, global, exception;
	bool is_pending = false;

	if (napi_get_reference_value(env, socket->received, &callback) != napi_ok ||
		napi_get_global(env, &global) != napi_ok ||
		napi_create_int32(env, error, &arguments[1]) != napi_ok)
		return;
	if (error != 0)
		napi_get_null(env, &arguments[0]);
	else if (napi_create_buffer_copy(env, length, socket->message, NULL, &arguments[0]) !=
		 napi_ok)
		return;
	napi_call_function(env, global, callback, 2, arguments, NULL);
	/* An exception in the callback is an uncaught one, as in any other callback of Node. */
	if (napi_is_exception_pending(env, &is_pending) == napi_ok && is_pending &&
		napi_get_and_clear_last_exception(env, &exception) == napi_ok)
		napi_fatal_exception(env, exception);
}

static void
deliver(struct route_socket *socket, size_t length, int error)
{
	napi_env env = socket->env;
	napi_handle_scope handles;
	napi_callback_scope callbacks;

	if (napi_open_handle_scope(env, &handles) != napi_ok)
		return;
	socket->is_delivering = true;
	if (napi_open_callback_scope(env, NULL, socket->context, &callbacks) == napi_ok) {
		call_received(socket, length, error);
		napi_close_callback_scope(env, callbacks);
	}
	socket->is_delivering = false;
	napi_close_handle_scope(env, handles);
	if (socket->is_closing)
		release_callback(socket);
}

/* True when there may be more to read. */
static bool
receive_one(struct route_socket *socket)
{
	struct sockaddr_nl sender;
	socklen_t sender_length = sizeof(sender);
	ssize_t length;

	length = recvfrom(socket->descriptor, socket->message, sizeof(socket->message),
		MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&sender, &sender_length);
	if (length < 0 && errno == EINTR)
		return true;
	if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return false;
	if (length < 0 && errno != ENOBUFS) {
		int error = errno;

		uv_poll_stop(&socket->poll);
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

static void
readable(uv_poll_t *poll, int status, int events)
{
	struct route_socket *socket = poll->data;

	(void)status;
	(void)events;
	for (int count = 0; count < BURST_MAX && !socket->is_closing; count++)
		if (!receive_one(socket))
			return;
}

/* The descriptor, or -errno. */
static int
open_descriptor(uint32_t groups)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int descriptor, bytes = RECEIVE_BUFFER_BYTES, on = 1, error;

	descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
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

/* 0 or -errno; on success the poll handle holds the socket. */
static int
start_polling(struct route_socket *socket, napi_value callback)
{
	napi_env env = socket->env;
	napi_value name;
	uv_loop_t *loop;

	if (napi_get_uv_event_loop(env, &loop) != napi_ok)
		return -EINVAL;
	if (napi_create_string_utf8(env, "keelson.route", NAPI_AUTO_LENGTH, &name) != napi_ok ||
		napi_async_init(env, NULL, name, &socket->context) != napi_ok)
		return -ENOMEM;
	if (napi_create_reference(env, callback, 1, &socket->received) != napi_ok)
		goto undo_context;
	if (napi_add_async_cleanup_hook(env, environment_ending, socket, &socket->hook) != napi_ok)
		goto undo_reference;
	if (uv_poll_init(loop, &socket->poll, socket->descriptor) != 0)
		goto undo_hook;
	socket->poll.data = socket;
	socket->holders++;
	uv_poll_start(&socket->poll, UV_READABLE, readable);
	/* Waiting for the kernel is no reason to keep the process alive. */
	uv_unref((uv_handle_t *)&socket->poll);
	return 0;

undo_hook:
	napi_remove_async_cleanup_hook(socket->hook);
undo_reference:
	napi_delete_reference(env, socket->received);
undo_context:
	napi_async_destroy(env, socket->context);
	return -ENOMEM;
}

napi_value
ks_route_socket_open(napi_env env, napi_callback_info call)
{
	struct route_socket *socket;
	napi_value arguments[2], wrapper;
	uint32_t groups;
	int error;

	if (!ks_arguments(env, call, 2, arguments) || !ks_read_uint32(env, arguments[0], &groups) ||
		!ks_is_function(env, arguments[1]))
		return NULL;
	socket = calloc(1, sizeof(*socket));
	if (socket == NULL)
		return ks_number(env, -ENOMEM);
	socket->env = env;
	socket->descriptor = open_descriptor(groups);
	error = socket->descriptor;
	if (error < 0)
		goto undo_memory;
	error = start_polling(socket, arguments[1]);
	if (error < 0)
		goto undo_descriptor;
	if (napi_create_object(env, &wrapper) == napi_ok &&
		napi_type_tag_object(env, wrapper, &route_socket_tag) == napi_ok &&
		napi_wrap(env, wrapper, socket, collected, NULL, NULL) == napi_ok) {
		socket->holders++;
		return wrapper;
	}
	begin_close(socket);
	return ks_number(env, -ENOMEM);

undo_descriptor:
	close(socket->descriptor);
undo_memory:
	free(socket);
	return ks_number(env, error);
}

/* NULL, with a TypeError thrown, when the value is not one of our sockets. */
static struct route_socket *
unwrap(napi_env env, napi_value value)
{
	void *socket;
	bool is_ours = false;

	if (napi_check_object_type_tag(env, value, &route_socket_tag, &is_ours) == napi_ok &&
		is_ours && napi_unwrap(env, value, &socket) == napi_ok)
		return socket;
	napi_throw_type_error(env, NULL, "not a route socket");
	return NULL;
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
	socket = unwrap(env, arguments[0]);
	if (socket == NULL || !ks_read_bytes(env, arguments[1], &bytes, &length))
		return NULL;
	if (socket->is_closing)
		return ks_number(env, -EBADF);
	if (sendto(socket->descriptor, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL,
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
	socket = unwrap(env, argument);
	if (socket != NULL)
		begin_close(socket);
	return NULL;
}
