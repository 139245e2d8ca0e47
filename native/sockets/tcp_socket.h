/*
 * TCP connections and listeners of routing protocols for JavaScript, which says what to set
 * (tcp_options.h), when to read and how long to linger. Numbers are 0 or more, or -errno.
 *
 * Owner, threads, lifetime: as polled.h says.
 */
#ifndef KS_TCP_SOCKET_H
#define KS_TCP_SOCKET_H

#include <node_api.h>

/* openTcp(ipVersion, happened): the socket. happened() when it may be read, written, accepted. */
napi_value ks_tcp_socket_open(napi_env env, napi_callback_info call);
/* setTcp(socket, option, value), option as enum ks_tcp_option. */
napi_value ks_tcp_socket_set(napi_env env, napi_callback_info call);
/* bindTcpDevice(socket, name) */
napi_value ks_tcp_socket_bind_device(napi_env env, napi_callback_info call);
/* signTcp(socket, address, key) */
napi_value ks_tcp_socket_sign(napi_env env, napi_callback_info call);
/* bindTcp(socket, address, port, interface): the interface is the scope of a link-local address. */
napi_value ks_tcp_socket_bind(napi_env env, napi_callback_info call);
/* connectTcp(socket, address, port, interface): 0 also while it is being made. */
napi_value ks_tcp_socket_connect(napi_env env, napi_callback_info call);
/* listenTcp(socket, backlog) */
napi_value ks_tcp_socket_listen(napi_env env, napi_callback_info call);
/* acceptTcp(listener, happened): the socket of a connection. */
napi_value ks_tcp_socket_accept(napi_env env, napi_callback_info call);
/* tcpSynHops(socket) */
napi_value ks_tcp_socket_syn_hops(napi_env env, napi_callback_info call);
/* tcpLink(socket): the name of the link that a connection came over; empty: not known. */
napi_value ks_tcp_socket_link(napi_env env, napi_callback_info call);
/* tcpAddress(socket, isRemote): the text. */
napi_value ks_tcp_socket_address(napi_env env, napi_callback_info call);
/* tcpError(socket): 0 when it is connected. */
napi_value ks_tcp_socket_error(napi_env env, napi_callback_info call);
/* sendTcp(socket, bytes, offset): octets taken. */
napi_value ks_tcp_socket_send(napi_env env, napi_callback_info call);
/* receiveTcp(socket, room): octets; 0 is the end. */
napi_value ks_tcp_socket_receive(napi_env env, napi_callback_info call);
/* tcpUnacknowledged(socket): octets. */
napi_value ks_tcp_socket_unacknowledged(napi_env env, napi_callback_info call);
/* shutTcp(socket): a FIN behind what is queued. */
napi_value ks_tcp_socket_shut(napi_env env, napi_callback_info call);
/* watchTcp(socket, events): 1 reading, 2 writing, 3 both, 0 neither. */
napi_value ks_tcp_socket_watch(napi_env env, napi_callback_info call);
/* closeTcp(socket, isReset) */
napi_value ks_tcp_socket_close(napi_env env, napi_callback_info call);

#endif
