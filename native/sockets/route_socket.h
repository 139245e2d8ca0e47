/*
 * A netlink socket that is read on Node's loop: of links, addresses and routes, or of processes
 * (the connector). Knows nothing of the messages' contents.
 *
 * Owner, threads and lifetime are those of every polled socket (polled.h).
 */
#ifndef KS_ROUTE_SOCKET_H
#define KS_ROUTE_SOCKET_H

#include <node_api.h>

/* openRoute(groups, received): the wrapped socket, or -errno. */
napi_value ks_route_socket_open(napi_env env, napi_callback_info call);

/* openProcesses(received): the same for the news of processes, once they are asked for. */
napi_value ks_route_socket_open_processes(napi_env env, napi_callback_info call);

/* sendRoute(socket, bytes): 0 or -errno. */
napi_value ks_route_socket_send(napi_env env, napi_callback_info call);

/* closeRoute(socket): nothing is received after it; closing twice does nothing. */
napi_value ks_route_socket_close(napi_env env, napi_callback_info call);

#endif
