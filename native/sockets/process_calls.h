/*
 * What a daemon asks of the system for itself: namespaces, another program in its place, a notice
 * to its service manager.
 *
 * Owner: nobody; nothing is kept.
 * Threads: namespaces change for the calling thread alone, and for what it starts from then on.
 * Lifetime: of the call.
 */
#ifndef KS_PROCESS_CALLS_H
#define KS_PROCESS_CALLS_H

#include <node_api.h>

/* enterNetworkNamespace(path): 0 or -errno. */
napi_value ks_enter_network_namespace(napi_env env, napi_callback_info call);

/* mountPrivately(source, target): `target` shows `source` to us alone. 0 or -errno. */
napi_value ks_mount_privately(napi_env env, napi_callback_info call);

/* replaceProcess(program, arguments, environment): does not return, or -errno. */
napi_value ks_replace_process(napi_env env, napi_callback_info call);

/* sendNotice(path, text): one datagram to a UNIX socket, "@" for an abstract name. 0 or -errno. */
napi_value ks_send_notice(napi_env env, napi_callback_info call);

#endif
