/*
 * Signals by number, for those that Node has no name for: the real-time ones.
 *
 * Owner: the environment of the thread that watches.
 * Threads: any; the callback runs on the loop of the thread that asked.
 * Lifetime: until that thread ends.
 */
#ifndef KS_SIGNAL_WATCH_H
#define KS_SIGNAL_WATCH_H

#include <node_api.h>

/* watchSignal(number, arrived): 0 or -errno; arrived() is called without arguments. */
napi_value ks_signal_watch(napi_env env, napi_callback_info call);

#endif
