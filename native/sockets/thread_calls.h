/*
 * How the kernel treats the calling thread: its scheduling and its processors.
 *
 * Owner: nobody; nothing is kept.
 * Threads: each for itself. Threads and processes that it starts later are scheduled as usual, but
 * inherit its processors.
 * Lifetime: of the call.
 */
#ifndef KS_THREAD_CALLS_H
#define KS_THREAD_CALLS_H

#include <node_api.h>

/* setRealTime(priority): SCHED_RR of 1..99; 0: SCHED_OTHER. 0 or -errno. */
napi_value ks_set_real_time(napi_env env, napi_callback_info call);

/* setProcessors(mask): bit N of the octets, least first, is CPU N. 0 or -errno. */
napi_value ks_set_processors(napi_env env, napi_callback_info call);

#endif
