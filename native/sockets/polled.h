/*
 * A socket that is read on Node's loop: its poll handle, its callback into JavaScript, its end.
 * Every kind of socket has it as its first member and brings its own way to receive.
 *
 * Owner: the JavaScript object that wraps it and its poll handle, freed when both are gone.
 * Threads: only the thread whose loop it was opened on; each thread may open its own.
 * Lifetime: until closed, collected, or the end of the thread, whichever comes first.
 */
#ifndef KS_POLLED_H
#define KS_POLLED_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

/* Arguments that the callback of any kind of socket takes. */
#define KS_POLLED_ARGUMENTS_MAX 8

struct ks_polled {
	/* The owner sets these before the start. */
	int descriptor;
	/* Messages taken per wake-up: a flood must leave time for timers and other sockets. */
	unsigned int burst_max;
	/* Takes one message; true when there may be more. */
	bool (*receive)(struct ks_polled *polled);
	/* Gives back the descriptor and what else there is; NULL: the descriptor is all. */
	void (*ended)(struct ks_polled *polled);

	uv_poll_t poll;
	napi_env env;
	napi_ref received;
	napi_async_context context;
	napi_async_cleanup_hook_handle hook;
	/* The wrapping object and the poll handle. */
	unsigned int holders;
	bool is_closing;
	bool is_delivering;
};

/*
 * Calls `received` from now on and gives the object that wraps the socket. On failure -errno; the
 * descriptor and all memory, `polled` too (from malloc or its like), are given back either way.
 */
napi_value ks_polled_open(napi_env env, struct ks_polled *polled, const napi_type_tag *tag,
	const char *name, napi_value received);

/* `make` fills in the arguments, false when it cannot: then nothing is called. */
struct ks_polled_call {
	size_t count;
	bool (*make)(napi_env env, const void *news, napi_value *arguments);
	const void *news;
};

void ks_polled_deliver(struct ks_polled *polled, const struct ks_polled_call *call);

/* UV_READABLE is what it begins with; 0 is `ks_polled_stop`. */
void ks_polled_watch(struct ks_polled *polled, int events);
/* Nothing more is received, and the descriptor stays open. */
void ks_polled_stop(struct ks_polled *polled);
/* Closing twice does nothing. */
void ks_polled_close(struct ks_polled *polled);

/* NULL, with a TypeError thrown, when the value wraps no socket of that kind. */
void *ks_polled_unwrap(napi_env env, napi_value value, const napi_type_tag *tag);

#endif
