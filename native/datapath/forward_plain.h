/*
 * Owner: nobody, functions over a worker. Threads: the worker alone. Lifetime: the program.
 *
 * The straight path of IPv4: a packet without options of a connection that it does not change, with
 * a next hop that is still good. Most packets are such; everything else takes forward.c's general
 * way, which does the same and more.
 */
#ifndef KS_DATAPATH_FORWARD_PLAIN_H
#define KS_DATAPATH_FORWARD_PLAIN_H

#include <netinet/in.h>

#include <rte_atomic.h>
#include <rte_branch_prediction.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "checksum.h"
#include "connection.h"
#include "forward_one_way.h"
#include "packet.h"
#include "worker.h"

/* Ports, and the checksum of TCP or UDP changed by the connection's constant (RFC 1624). */
static inline void
ks_rewrite_plain_l4(const struct ks_connection_half *half, uint8_t *l4)
{
	memcpy(l4, &half->source_port_be, 4);
	if (half->key.protocol == IPPROTO_TCP) {
		struct rte_tcp_hdr *tcp = (struct rte_tcp_hdr *)l4;

		tcp->cksum = ks_checksum_update(tcp->cksum, half->l4_delta);
	} else {
		struct rte_udp_hdr *udp = (struct rte_udp_hdr *)l4;

		if (udp->dgram_cksum != 0) {
			uint16_t sum = ks_checksum_update(udp->dgram_cksum, half->l4_delta);

			udp->dgram_cksum = sum == 0 ? UINT16_MAX : sum;
		}
	}
}

/* TTL one lower, and the checksum changed by the connection's constant (RFC 1624). */
static inline void
ks_rewrite_plain_ttl(const struct ks_connection_half *half, uint8_t *ip, uint8_t ttl)
{
	struct rte_ipv4_hdr *header = (struct rte_ipv4_hdr *)ip;

	header->time_to_live = (uint8_t)(ttl - 1);
	header->hdr_checksum = ks_checksum_update(header->hdr_checksum, half->ip_delta);
}

/* NAT44, whose constant also has the addresses. */
static inline void
ks_rewrite_plain(const struct ks_connection_half *half, uint8_t *ip, uint8_t ttl)
{
	ks_rewrite_plain_ttl(half, ip, ttl);
	memcpy(ip + offsetof(struct rte_ipv4_hdr, src_addr), &half->source_be, 8);
	ks_rewrite_plain_l4(half, ip + sizeof(struct rte_ipv4_hdr));
}

/* Both MAC addresses by two stores: a neighbour's word, and that of the port. */
static inline void
ks_put_macs(uint8_t *frame, uint64_t destination_word, uint64_t source_word)
{
	uint64_t first = (destination_word & UINT64_C(0xffffffffffff)) | source_word << 32;
	uint32_t rest = (uint32_t)(source_word >> 32);

	memcpy(frame, &first, sizeof(first));
	memcpy(frame + sizeof(first), &rest, sizeof(rest));
}

/*
 * What must hold of packet, half and tables beside the key: the state stays, the next hop is still
 * good, address and server may be used, and hops and MTU allow it.
 */
static inline bool
ks_plain_may_go(const struct ks_worker *worker, const struct ks_packet *packet,
	const struct ks_worker_port *port, uint64_t mac_word, uint8_t hops, uint32_t leaving_bytes)
{
	const struct ks_connection_half *half = packet->half;

	return likely((packet->tcp_flags & half->slow_flags) == 0 &&
		      mac_word >> KS_NEIGHBOR_GENERATION_SHIFT == half->neighbor_stamp &&
		      ks_address_is_held(worker->tables, half->address_id, worker->now_tsc) &&
		      ks_server_is_available(worker->tables, half->server_id) && hops > 1 &&
		      leaving_bytes <= port->mtu_bytes);
}

static inline void
ks_plain_count(struct ks_worker *worker, struct ks_connection_half *half, uint32_t ip_length_bytes)
{
	struct ks_traffic_counters *traffic =
		&worker->servers[half->server_id].traffic[half->direction];

	traffic->packets++;
	/* Else a vector is put together for two additions. */
	rte_compiler_barrier();
	traffic->bytes += ip_length_bytes;
	half->last_seen_ticks = worker->now_ticks;
}

/*
 * Sends on a packet of kind PLAIN whose half was looked up: rewritten, counted, out_port set.
 * False, and nothing done, when it must go the general way.
 */
static inline bool
ks_forward_plain(struct ks_worker *worker, struct ks_packet *packet)
{
	struct ks_connection_half *half = packet->half;
	uint8_t *ip = packet->frame + sizeof(struct rte_ether_hdr);
	uint32_t ip_length_bytes = packet->ip_length_bytes;
	uint8_t ttl = ip[offsetof(struct rte_ipv4_hdr, time_to_live)];
	uint64_t mac_word = ks_neighbor_word(worker->neighbors, half->neighbor);
	const struct ks_worker_port *port = &worker->ports[half->port];

	if (unlikely(!ks_flow_keys_equal(&half->key, &packet->key) ||
		     !ks_plain_may_go(worker, packet, port, mac_word, ttl, ip_length_bytes)))
		return false;
	if (likely(half->path == KS_PATH_NAT44))
		ks_rewrite_plain(half, ip, ttl);
	else if (half->path == KS_PATH_DIRECT)
		ks_rewrite_plain_ttl(half, ip, ttl);
	else if (half->path != KS_PATH_TUNNEL ||
		 !ks_encapsulate_plain(worker, packet, port->mtu_bytes))
		return false;
	ks_plain_count(worker, half, ip_length_bytes);
	ks_put_macs(packet->frame, mac_word, port->mac_word);
	ks_packet_trim(packet);
	packet->out_port = half->port;
	return true;
}

#endif
