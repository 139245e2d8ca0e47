/*
 * A raw IP socket of one protocol, either family: datagrams with a source and a TTL (hop limit) of
 * our choice leave, datagrams arrive with what their header said. Knows nothing of what is inside.
 *
 * Owner, threads and lifetime are those of every polled socket (polled.h).
 */
#ifndef KS_DATAGRAM_SOCKET_H
#define KS_DATAGRAM_SOCKET_H

#include <node_api.h>

/*
 * openDatagrams(family, protocol, index, name, received): the wrapped socket, or -errno. The family
 * is 4 or 6, index 0 is no interface. `received` takes the payload, source and destination as text,
 * TTL or hop limit, protocol, and how long the header says that the payload is; or null for all and
 * an errno in the last place.
 */
napi_value ks_datagram_socket_open(napi_env env, napi_callback_info call);

/* joinGroup(socket, group, index): 0 or -errno. */
napi_value ks_datagram_socket_join(napi_env env, napi_callback_info call);

/* setReceiveBuffer(socket, bytes): 0 or -errno. */
napi_value ks_datagram_socket_set_buffer(napi_env env, napi_callback_info call);

/* sendDatagram(socket, payload, source, destination, hops): 0 or -errno; never blocks. */
napi_value ks_datagram_socket_send(napi_env env, napi_callback_info call);

/* closeDatagrams(socket): nothing is received after it; closing twice does nothing. */
napi_value ks_datagram_socket_close(napi_env env, napi_callback_info call);

#endif
