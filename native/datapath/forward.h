/*
 * Owner: nobody, functions over a worker. Threads: the worker alone. Lifetime: the program.
 *
 * A packet of a known connection, the general way: next hop, hop limit and MTU, then state and
 * counters, then what its path makes of it (enum ks_path). The straight path (forward_plain.h) does
 * the same for most packets.
 */
#ifndef KS_DATAPATH_FORWARD_H
#define KS_DATAPATH_FORWARD_H

#include "connection.h"
#include "packet.h"
#include "worker.h"

/*
 * Makes the packet what it leaves as (KS_VERDICT_forwarded), all but its MAC addresses
 * (KS_VERDICT_punt_resolve), or an answer to its sender (a reply), or leaves packet and connection
 * as they were and names the drop.
 */
uint8_t ks_forward(
	struct ks_worker *worker, struct ks_connection_half *half, struct ks_packet *packet);

/* A packet that is for nobody here, by the routes alone. */
uint8_t ks_forward_by_route(struct ks_worker *worker, struct ks_packet *packet);

/* Takes one from the TTL or hop limit, the checksum with it. */
void ks_forward_lower_ttl(struct ks_packet *packet);

/*
 * What each path makes of a packet; none of these can fail, and the frame has room: its growth was
 * checked against MTU and headroom.
 */
void ks_rewrite_nat(const struct ks_connection_table *table, const struct ks_connection_half *half,
	struct ks_packet *packet);
void ks_rewrite_nat64(const struct ks_connection_table *table,
	const struct ks_connection_half *half, struct ks_packet *packet);
void ks_rewrite_nat46(const struct ks_connection_table *table,
	const struct ks_connection_half *half, struct ks_packet *packet);
void ks_rewrite_tunnel(const struct ks_connection_table *table,
	const struct ks_connection_half *half, struct ks_packet *packet);

/* Addresses that packets of the half leave with, source first, of a connection that has them. */
void ks_endpoints_leaving(const struct ks_connection_table *table,
	const struct ks_connection_half *half, struct ks_ip leaving[2]);

/* A tunnel's outer header: its protocol; and of GUE the source port, one for each flow. */
uint8_t ks_tunnel_protocol(enum ks_tunnel tunnel, bool is_inner_v6);
rte_be16_t ks_tunnel_source_port(const struct ks_flow_key *inner);

/* What a tunnel puts in front of a packet. */
uint32_t ks_tunnel_bytes(enum ks_tunnel tunnel, bool has_checksum, bool is_outer_v6);

#endif
