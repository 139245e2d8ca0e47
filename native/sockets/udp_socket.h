/*
 * UDP for BFD (RFC 5881 section 4 and 5): a listener that tells of each datagram how many hops it
 * has left and where it came in, and senders with a fixed source port, which hear nothing.
 *
 * Owner, threads and lifetime of a listener are those of every polled socket (polled.h). A sender
 * belongs to the JavaScript object that wraps it, on one thread, until closed or collected.
 */
#ifndef KS_UDP_SOCKET_H
#define KS_UDP_SOCKET_H

#include <node_api.h>

/*
 * openUdpListener(family, port, received): the wrapped socket, or -errno. `received` takes the
 * payload (cut at 2048 octets), source, its port, destination, index of the interface, TTL or hop
 * limit; or null for all and an errno in the last place.
 */
napi_value ks_udp_listener_open(napi_env env, napi_callback_info call);

/* closeUdpListener(socket): nothing is received after it; closing twice does nothing. */
napi_value ks_udp_listener_close(napi_env env, napi_callback_info call);

/*
 * openUdpSender(source, source port, interface, destination, port, hops): the wrapped socket, or
 * -errno. Empty text: any source, any interface.
 */
napi_value ks_udp_sender_open(napi_env env, napi_callback_info call);

/* sendUdp(sender, payload): 0 or -errno; never blocks. */
napi_value ks_udp_sender_send(napi_env env, napi_callback_info call);

/* closeUdpSender(sender): closing twice does nothing. */
napi_value ks_udp_sender_close(napi_env env, napi_callback_info call);

#endif
