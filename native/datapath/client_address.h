/*
 * Owner: the connection table holds the state, a line per connection, in memory that is touched
 * only by those that need it. Threads: the worker alone. Lifetime: the connection's.
 *
 * Telling servers behind FNAT who the client is: TOA, UOA or a PROXY header, by what the service
 * wants. A connection takes the slow path (KS_PATH_SLOW) until the server knows, and for as long as
 * sequence numbers are shifted.
 */
#ifndef KS_DATAPATH_CLIENT_ADDRESS_H
#define KS_DATAPATH_CLIENT_ADDRESS_H

#include "connection.h"
#include "packet.h"
#include "proxy_header_tcp.h"
#include "toa.h"
#include "worker.h"

enum ks_client_teller {
	KS_TELL_TOA,
	KS_TELL_UOA,
	KS_TELL_PROXY_TCP,
	KS_TELL_PROXY_UDP,
};

struct ks_client_state {
	union {
		struct ks_proxy_connection proxy;
		struct ks_toa toa;
		uint8_t uoa_trails_left;
	};
	uint8_t teller; /* enum ks_client_teller */
	uint8_t keeps_toa;
	rte_be16_t client_port_be;
	struct ks_ip client;
} __rte_cache_aligned;

_Static_assert(sizeof(struct ks_client_state) == 128, "two cache lines");

/* A new connection by FNAT: marks both halves when its server is to be told. */
void ks_client_address_begin(struct ks_worker *worker, const struct ks_virtual_server *service,
	struct ks_connection_half *first, const struct ks_packet *packet);

/* Octets that a packet of a marked half will have more, for the MTU. */
uint32_t ks_client_address_growth(const struct ks_connection_table *table,
	const struct ks_connection_half *half, const struct ks_packet *packet);

/*
 * A packet of a marked half that is otherwise as it leaves: adds what tells, shifts what is
 * shifted. KS_VERDICT_UNDECIDED, or the drop. apart: set to a packet that must leave before this
 * one, or NULL.
 */
uint8_t ks_client_address_apply(struct ks_worker *worker, struct ks_connection_half *half,
	struct ks_packet *packet, struct rte_mbuf **apart);

/*
 * The MTU of a path towards the server as the client has to know it, whose segments are longer
 * behind us. Where it knows no smaller one than mtu_min_bytes, they are so no more.
 */
uint32_t ks_client_address_mtu(const struct ks_connection_table *table,
	const struct ks_connection_half *half, uint32_t mtu_bytes, uint32_t mtu_min_bytes);

/*
 * A quoted TCP header of a packet that left towards the server (ICMP errors): its sequence number
 * as the client had sent it. bytes: that are quoted.
 */
void ks_client_address_restore(const struct ks_connection_table *table,
	const struct ks_connection_half *half, uint8_t *l4, uint32_t bytes);

#endif
