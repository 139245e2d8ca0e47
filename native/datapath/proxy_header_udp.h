/*
 * Owner: nobody, a function over a packet. Threads: the worker alone. Lifetime: one packet's way.
 *
 * PROXY headers (version 2) for UDP: in the first datagram of a flow, and in no other, as DPVS does
 * it: a server that reads it once per flow would take a second one for payload.
 */
#ifndef KS_DATAPATH_PROXY_HEADER_UDP_H
#define KS_DATAPATH_PROXY_HEADER_UDP_H

#include "proxy_header.h"

/*
 * The first datagram of a client's flow. Too large with the header: that leaves in a datagram of
 * its own before it, `apart`, an empty mbuf or NULL. client: what the client itself had put there.
 */
enum ks_proxy_result ks_proxy_udp_first(const struct ks_proxy_addresses *addresses,
	enum ks_proxy_protocol protocol, struct ks_headers *headers, uint32_t mtu_bytes,
	struct rte_mbuf *apart, enum ks_proxy_client *client);

#endif
