#include "signal_watch.h"

#include "values.h"

#include <errno.h>
#include <stdlib.h>
#include <uv.h>

struct signal_watch {
	uv_signal_t signal;
	napi_env env;
	napi_ref arrived;
	napi_async_context context;
	napi_async_cleanup_hook_handle hook;
};

/* The environment may be gone already: only the hook's handle is still valid. */
static void
signal_closed(uv_handle_t *handle)
{
	struct signal_watch *watch = handle->data;

	napi_remove_async_cleanup_hook(watch->hook);
	free(watch);
}

static void
environment_ending(napi_async_cleanup_hook_handle handle, void *argument)
{
	struct signal_watch *watch = argument;

	(void)handle;
	if (uv_is_closing((uv_handle_t *)&watch->signal))
		return;
	napi_delete_reference(watch->env, watch->arrived);
	napi_async_destroy(watch->env, watch->context);
	uv_close((uv_handle_t *)&watch->signal, signal_closed);
}

static void
call_arrived(struct signal_watch *watch)
{
	napi_env env = watch->env;
	napi_value callback, global, exception;
	bool is_pending = false;

	if (napi_get_reference_value(env, watch->arrived, &callback) != napi_ok ||
		napi_get_global(env, &global) != napi_ok)
		return;
	napi_call_function(env, global, callback, 0, NULL, NULL);
	/* An exception in the callback is an uncaught one, as in any other callback of Node. */
	if (napi_is_exception_pending(env, &is_pending) == napi_ok && is_pending &&
		napi_get_and_clear_last_exception(env, &exception) == napi_ok)
		napi_fatal_exception(env, exception);
}

static void
arrived(uv_signal_t *signal, int number)
{
	struct signal_watch *watch = signal->data;
	napi_handle_scope handles;
	napi_callback_scope callbacks;

	(void)number;
	if (napi_open_handle_scope(watch->env, &handles) != napi_ok)
		return;
	if (napi_open_callback_scope(watch->env, NULL, watch->context, &callbacks) == napi_ok) {
		call_arrived(watch);
		napi_close_callback_scope(watch->env, callbacks);
	}
	napi_close_handle_scope(watch->env, handles);
}

/* 0 or -errno; on success the environment holds the watch. */
static int
start_watching(struct signal_watch *watch, uint32_t number, napi_value callback)
{
	napi_env env = watch->env;
	napi_value name;
	uv_loop_t *loop;
	int error;

	if (napi_get_uv_event_loop(env, &loop) != napi_ok)
		return -EINVAL;
	if (napi_create_string_utf8(env, "keelson.signal", NAPI_AUTO_LENGTH, &name) != napi_ok ||
		napi_async_init(env, NULL, name, &watch->context) != napi_ok)
		return -ENOMEM;
	if (napi_create_reference(env, callback, 1, &watch->arrived) != napi_ok)
		goto undo_context;
	if (napi_add_async_cleanup_hook(env, environment_ending, watch, &watch->hook) != napi_ok)
		goto undo_reference;
	uv_signal_init(loop, &watch->signal);
	watch->signal.data = watch;
	error = uv_signal_start(&watch->signal, arrived, (int)number);
	if (error != 0) {
		/* The hook's end frees it, as it would at the end of the thread. */
		environment_ending(watch->hook, watch);
		return error;
	}
	/* Waiting for a signal is no reason to keep the process alive. */
	uv_unref((uv_handle_t *)&watch->signal);
	return 0;

undo_reference:
	napi_delete_reference(env, watch->arrived);
undo_context:
	napi_async_destroy(env, watch->context);
	free(watch);
	return -ENOMEM;
}

napi_value
ks_signal_watch(napi_env env, napi_callback_info call)
{
	struct signal_watch *watch;
	napi_value arguments[2];
	uint32_t number;

	if (!ks_arguments(env, call, 2, arguments) || !ks_read_uint32(env, arguments[0], &number) ||
		!ks_is_function(env, arguments[1]))
		return NULL;
	if (number == 0 || number > 64)
		return ks_number(env, -EINVAL);
	watch = calloc(1, sizeof(*watch));
	if (watch == NULL)
		return ks_number(env, -ENOMEM);
	watch->env = env;
	return ks_number(env, start_watching(watch, number, arguments[1]));
}
