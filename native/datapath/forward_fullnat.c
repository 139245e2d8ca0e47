/*
 * FNAT of one packet of a known connection, when the straight path (forward_plain.h) does not take
 * it: next hop, TTL and MTU, then state and counters, then
 * the rewrite. Checksums change by constants of the connection (RFC 1624); no payload is read.
 */
#include <netinet/in.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "checksum.h"
#include "connect.h"
#include "forward_fullnat.h"
#include "next_hop.h"

static void
note_packet(
	struct ks_worker *worker, struct ks_connection_half *half, const struct ks_packet *packet)
{
	struct ks_traffic_counters *traffic =
		&worker->servers[half->server_id].traffic[half->direction];

	traffic->packets++;
	traffic->bytes += packet->ip_length_bytes;
	half->last_seen_ticks = worker->now_ticks;
	if (packet->tcp_flags != 0) {
		uint8_t state = half->state;

		if (unlikely(state != KS_STATE_ESTABLISHED ||
			     (packet->tcp_flags & (KS_TCP_SYN | KS_TCP_FIN | KS_TCP_RST)) != 0))
			state = ks_tcp_state_next(state, half->direction, packet->tcp_flags);
		if (unlikely(state != half->state))
			ks_connection_set_state(worker, half, state);
	}
}

static void
rewrite_udp_checksum(struct rte_udp_hdr *udp, uint16_t delta)
{
	uint16_t checksum = udp->dgram_cksum;

	if (checksum == 0)
		return;
	checksum = ks_checksum_update(checksum, delta);
	udp->dgram_cksum = checksum == 0 ? UINT16_MAX : checksum;
}

static void
rewrite(const struct ks_connection_half *half, const struct ks_packet *packet)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)ks_packet_ip(packet);
	uint8_t *l4 = ks_packet_l4(packet);

	ip->time_to_live--;
	ip->hdr_checksum = ks_checksum_update(ip->hdr_checksum, half->ip_delta);
	memcpy((uint8_t *)ip + offsetof(struct rte_ipv4_hdr, src_addr), &half->source_be,
		sizeof(ip->src_addr) + sizeof(ip->dst_addr));
	memcpy(l4, &half->source_port_be, 2 * sizeof(half->source_port_be));
	if (half->key.protocol == IPPROTO_TCP) {
		struct rte_tcp_hdr *tcp = (struct rte_tcp_hdr *)l4;

		tcp->cksum = ks_checksum_update(tcp->cksum, half->l4_delta);
	} else {
		rewrite_udp_checksum((struct rte_udp_hdr *)l4, half->l4_delta);
	}
}

uint8_t
ks_forward_fullnat(
	struct ks_worker *worker, struct ks_connection_half *half, struct ks_packet *packet)
{
	struct rte_ether_hdr *ethernet = (struct rte_ether_hdr *)packet->frame;
	const struct rte_ipv4_hdr *ip = (const struct rte_ipv4_hdr *)ks_packet_ip(packet);
	uint64_t mac_word;
	uint8_t verdict;

	if (unlikely(ip->time_to_live <= 1))
		return KS_VERDICT_drop_ttl_expired;
	verdict = ks_next_hop(worker, half, packet, &mac_word);
	if (unlikely(verdict == KS_VERDICT_drop_no_route))
		return verdict;
	if (unlikely(packet->ip_length_bytes > worker->ports[packet->out_port].mtu_bytes))
		return KS_VERDICT_drop_too_big;

	note_packet(worker, half, packet);
	rewrite(half, packet);
	ks_packet_trim(packet);
	if (likely(verdict == KS_VERDICT_forwarded)) {
		ks_neighbor_copy_mac(mac_word, &ethernet->dst_addr);
		ethernet->src_addr = worker->ports[packet->out_port].mac;
	}
	return verdict;
}
