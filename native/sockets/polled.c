#include "polled.h"

#include "values.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void
drop(struct ks_polled *polled)
{
	if (--polled->holders == 0)
		free(polled);
}

static void
release_callback(struct ks_polled *polled)
{
	if (polled->received == NULL)
		return;
	napi_delete_reference(polled->env, polled->received);
	napi_async_destroy(polled->env, polled->context);
	polled->received = NULL;
	polled->context = NULL;
}

static void
give_back(struct ks_polled *polled)
{
	if (polled->ended != NULL)
		polled->ended(polled);
	else
		close(polled->descriptor);
}

/* May run when the environment is gone already: only the hook's handle is still valid. */
static void
poll_closed(uv_handle_t *handle)
{
	struct ks_polled *polled = handle->data;

	napi_remove_async_cleanup_hook(polled->hook);
	drop(polled);
}

void
ks_polled_close(struct ks_polled *polled)
{
	if (polled->is_closing)
		return;
	polled->is_closing = true;
	uv_close((uv_handle_t *)&polled->poll, poll_closed);
	give_back(polled);
	/* The callback that is running now still needs its scope. */
	if (!polled->is_delivering)
		release_callback(polled);
}

void
ks_polled_stop(struct ks_polled *polled)
{
	uv_poll_stop(&polled->poll);
}

static void
environment_ending(napi_async_cleanup_hook_handle handle, void *argument)
{
	(void)handle;
	ks_polled_close(argument);
}

static void
collected(napi_env env, void *wrapped, void *hint)
{
	(void)env;
	(void)hint;
	ks_polled_close(wrapped);
	drop(wrapped);
}

static void
call_received(struct ks_polled *polled, const struct ks_polled_call *call)
{
	napi_env env = polled->env;
	napi_value arguments[KS_POLLED_ARGUMENTS_MAX], callback, global, exception;
	bool is_pending = false;

	if (napi_get_reference_value(env, polled->received, &callback) != napi_ok ||
		napi_get_global(env, &global) != napi_ok || !call->make(env, call->news, arguments))
		return;
	napi_call_function(env, global, callback, call->count, arguments, NULL);
	/* An exception in the callback is an uncaught one, as in any other callback of Node. */
	if (napi_is_exception_pending(env, &is_pending) == napi_ok && is_pending &&
		napi_get_and_clear_last_exception(env, &exception) == napi_ok)
		napi_fatal_exception(env, exception);
}

void
ks_polled_deliver(struct ks_polled *polled, const struct ks_polled_call *call)
{
	napi_env env = polled->env;
	napi_handle_scope handles;
	napi_callback_scope callbacks;

	if (napi_open_handle_scope(env, &handles) != napi_ok)
		return;
	polled->is_delivering = true;
	if (napi_open_callback_scope(env, NULL, polled->context, &callbacks) == napi_ok) {
		call_received(polled, call);
		napi_close_callback_scope(env, callbacks);
	}
	polled->is_delivering = false;
	napi_close_handle_scope(env, handles);
	if (polled->is_closing)
		release_callback(polled);
}

static void
readable(uv_poll_t *poll, int status, int events)
{
	struct ks_polled *polled = poll->data;

	(void)status;
	(void)events;
	for (unsigned int count = 0; count < polled->burst_max && !polled->is_closing; count++)
		if (!polled->receive(polled))
			return;
}

void
ks_polled_watch(struct ks_polled *polled, int events)
{
	if (events == 0)
		ks_polled_stop(polled);
	else
		uv_poll_start(&polled->poll, events, readable);
}

/* 0 or -errno; on success the poll handle holds the socket. */
static int
start(napi_env env, struct ks_polled *polled, const char *name, napi_value received)
{
	napi_value resource;
	uv_loop_t *loop;

	polled->env = env;
	if (napi_get_uv_event_loop(env, &loop) != napi_ok)
		return -EINVAL;
	if (napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &resource) != napi_ok ||
		napi_async_init(env, NULL, resource, &polled->context) != napi_ok)
		return -ENOMEM;
	if (napi_create_reference(env, received, 1, &polled->received) != napi_ok)
		goto undo_context;
	if (napi_add_async_cleanup_hook(env, environment_ending, polled, &polled->hook) != napi_ok)
		goto undo_reference;
	if (uv_poll_init(loop, &polled->poll, polled->descriptor) != 0)
		goto undo_hook;
	polled->poll.data = polled;
	polled->holders++;
	uv_poll_start(&polled->poll, UV_READABLE, readable);
	/* Waiting for a socket is no reason to keep the process alive. */
	uv_unref((uv_handle_t *)&polled->poll);
	return 0;

undo_hook:
	napi_remove_async_cleanup_hook(polled->hook);
undo_reference:
	napi_delete_reference(env, polled->received);
undo_context:
	napi_async_destroy(env, polled->context);
	return -ENOMEM;
}

napi_value
ks_polled_open(napi_env env, struct ks_polled *polled, const napi_type_tag *tag, const char *name,
	napi_value received)
{
	napi_value wrapper;
	int error;

	error = start(env, polled, name, received);
	if (error < 0) {
		give_back(polled);
		free(polled);
		return ks_number(env, error);
	}
	if (napi_create_object(env, &wrapper) == napi_ok &&
		napi_type_tag_object(env, wrapper, tag) == napi_ok &&
		napi_wrap(env, wrapper, polled, collected, NULL, NULL) == napi_ok) {
		polled->holders++;
		return wrapper;
	}
	ks_polled_close(polled);
	return ks_number(env, -ENOMEM);
}

void *
ks_polled_unwrap(napi_env env, napi_value value, const napi_type_tag *tag)
{
	void *polled;
	bool is_ours = false;

	if (napi_check_object_type_tag(env, value, tag, &is_ours) == napi_ok && is_ours &&
		napi_unwrap(env, value, &polled) == napi_ok)
		return polled;
	napi_throw_type_error(env, NULL, "not a socket of that kind");
	return NULL;
}
