/* The general way through a connection; and, for packets of nobody's, through the routes. */
#include <netinet/in.h>

#include <rte_branch_prediction.h>

#include "checksum.h"
#include "client_address.h"
#include "connect.h"
#include "forward.h"
#include "forward_plain.h"
#include "icmp_reply.h"
#include "next_hop.h"

static __rte_always_inline void
note_packet(
	struct ks_worker *worker, struct ks_connection_half *half, const struct ks_packet *packet)
{
	uint8_t side = half->direction | (half->marks & KS_MARK_ONE_WAY);
	uint8_t state;

	ks_plain_count(worker, half, packet->ip_length_bytes);
	if ((packet->tcp_flags & half->slow_flags) == 0)
		return;
	state = ks_tcp_state_next(half->state, side, packet->tcp_flags);
	if (state != half->state)
		ks_connection_set_state(worker, half, state);
}

static uint8_t
ttl_of(const struct ks_packet *packet)
{
	return ks_packet_ip(
		packet)[ks_packet_is_v6(packet) ? offsetof(struct rte_ipv6_hdr, hop_limits)
						: offsetof(struct rte_ipv4_hdr, time_to_live)];
}

void
ks_forward_lower_ttl(struct ks_packet *packet)
{
	if (ks_packet_is_v6(packet)) {
		((struct rte_ipv6_hdr *)ks_packet_ip(packet))->hop_limits--;
	} else {
		struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)ks_packet_ip(packet);

		ip->time_to_live--;
		ip->hdr_checksum = ks_checksum_update(ip->hdr_checksum, KS_CHECKSUM_DELTA_TTL);
	}
}

/* Ethernet header of a packet that leaves through out_port, where its frame begins now. */
static void
put_ethernet(const struct ks_worker *worker, struct ks_packet *packet, uint64_t mac_word)
{
	ks_put_macs(packet->frame, mac_word, worker->ports[packet->out_port].mac_word);
}

static inline void
rewrite(const struct ks_connection_table *table, const struct ks_connection_half *half,
	struct ks_packet *packet)
{
	switch (ks_connection_path(half)) {
	case KS_PATH_NAT44:
	case KS_PATH_NAT66:
		ks_rewrite_nat(table, half, packet);
		break;
	case KS_PATH_NAT64:
		ks_rewrite_nat64(table, half, packet);
		break;
	case KS_PATH_NAT46:
		ks_rewrite_nat46(table, half, packet);
		break;
	case KS_PATH_TUNNEL:
		ks_rewrite_tunnel(table, half, packet);
		break;
	case KS_PATH_DIRECT:
	case KS_PATHS:
		ks_forward_lower_ttl(packet);
		break;
	}
}

/* Of the IP packet, when it leaves. */
static uint32_t
leaving_bytes(const struct ks_connection_half *half, const struct ks_packet *packet)
{
	if (ks_connection_path(half) == KS_PATH_NAT64)
		return ks_packet_l4_bytes(packet) + (uint32_t)sizeof(struct rte_ipv4_hdr);
	if (ks_connection_path(half) == KS_PATH_NAT46)
		return ks_packet_l4_bytes(packet) + (uint32_t)sizeof(struct rte_ipv6_hdr);
	return packet->ip_length_bytes + half->growth_bytes;
}

/* A packet of our own that goes where this one goes, before it. */
static void
send_apart(struct ks_worker *worker, const struct ks_packet *packet, uint8_t verdict,
	struct rte_mbuf *apart)
{
	uint8_t port = packet->out_port;

	if (verdict == KS_VERDICT_forwarded) {
		worker->tx[port][worker->tx_count[port]++] = apart;
		worker->injected++;
		return;
	}
	*ks_packet_note(apart) = *ks_packet_note(packet->mbuf);
	ks_packet_note(apart)->verdict = verdict;
	ks_packet_note(apart)->port = port;
	if (rte_ring_enqueue(worker->punt, apart) != 0) {
		rte_pktmbuf_free(apart);
		worker->inject_failed++;
	}
}

static __rte_noinline uint8_t
tell_client_address(struct ks_worker *worker, struct ks_connection_half *half,
	struct ks_packet *packet, uint8_t verdict)
{
	struct rte_mbuf *apart;
	uint8_t refusal = ks_client_address_apply(worker, half, packet, &apart);

	if (apart != NULL)
		send_apart(worker, packet, verdict, apart);
	return refusal == KS_VERDICT_UNDECIDED ? verdict : refusal;
}

/*
 * NAT of IPv4 as in forward_plain.h, but with states and next hops that may change: what most
 * connections begin and end with.
 */
static inline uint8_t
forward_nat44(struct ks_worker *worker, struct ks_connection_half *half, struct ks_packet *packet)
{
	uint8_t *ip = ks_packet_ip(packet);
	uint8_t ttl = ip[offsetof(struct rte_ipv4_hdr, time_to_live)];
	uint64_t mac_word;
	uint32_t mtu_bytes;
	uint8_t verdict;

	if (unlikely(ttl <= 1))
		return ks_icmp_reply(worker, packet, KS_REPLY_TTL, 0);
	verdict = ks_next_hop(worker, half, packet, &mac_word);
	if (unlikely(verdict == KS_VERDICT_drop_no_route))
		return verdict;
	mtu_bytes = worker->ports[packet->out_port].mtu_bytes;
	if (unlikely(packet->ip_length_bytes > mtu_bytes))
		return ks_icmp_reply(worker, packet, KS_REPLY_TOO_BIG, mtu_bytes);
	note_packet(worker, half, packet);
	ks_packet_trim(packet);
	ks_rewrite_plain(half, ip, ttl);
	if (likely(verdict == KS_VERDICT_forwarded))
		put_ethernet(worker, packet, mac_word);
	return verdict;
}

/* Every path, and every kind of packet. */
static __rte_noinline uint8_t
forward_any(struct ks_worker *worker, struct ks_connection_half *half, struct ks_packet *packet)
{
	uint64_t mac_word;
	uint32_t mtu_bytes, left_bytes;
	uint8_t verdict;

	if (unlikely(ttl_of(packet) <= 1))
		return ks_icmp_reply(worker, packet, KS_REPLY_TTL, 0);
	verdict = ks_next_hop(worker, half, packet, &mac_word);
	if (unlikely(verdict == KS_VERDICT_drop_no_route))
		return verdict;
	mtu_bytes = worker->ports[packet->out_port].mtu_bytes;
	left_bytes = leaving_bytes(half, packet);
	if (unlikely((half->marks & KS_MARK_CLIENT_ADDRESS) != 0))
		left_bytes += ks_client_address_growth(worker->connections, half, packet);
	if (unlikely(left_bytes > mtu_bytes))
		return ks_icmp_reply(worker, packet, KS_REPLY_TOO_BIG,
			mtu_bytes + packet->ip_length_bytes - left_bytes);
	if (unlikely(half->growth_bytes > 0 &&
		     rte_pktmbuf_headroom(packet->mbuf) < half->growth_bytes))
		return KS_VERDICT_drop_too_big;

	note_packet(worker, half, packet);
	ks_packet_trim(packet);
	rewrite(worker->connections, half, packet);
	if (likely(verdict == KS_VERDICT_forwarded))
		put_ethernet(worker, packet, mac_word);
	return likely((half->marks & KS_MARK_CLIENT_ADDRESS) == 0)
		       ? verdict
		       : tell_client_address(worker, half, packet, verdict);
}

uint8_t
ks_forward(struct ks_worker *worker, struct ks_connection_half *half, struct ks_packet *packet)
{
	if (likely(packet->kind == KS_PACKET_PLAIN && half->path == KS_PATH_NAT44))
		return forward_nat44(worker, half, packet);
	return forward_any(worker, half, packet);
}

uint8_t
ks_forward_by_route(struct ks_worker *worker, struct ks_packet *packet)
{
	uint64_t mac_word;
	uint32_t mtu_bytes;
	uint8_t verdict;

	if (unlikely(ttl_of(packet) <= 1))
		return ks_icmp_reply(worker, packet, KS_REPLY_TTL, 0);
	verdict = ks_next_hop_find(worker, packet, ks_packet_destination(packet), &mac_word);
	if (unlikely(verdict == KS_VERDICT_drop_no_route))
		return ks_icmp_reply(worker, packet, KS_REPLY_NO_ROUTE, 0);
	mtu_bytes = worker->ports[packet->out_port].mtu_bytes;
	if (unlikely(packet->ip_length_bytes > mtu_bytes))
		return ks_icmp_reply(worker, packet, KS_REPLY_TOO_BIG, mtu_bytes);
	ks_forward_lower_ttl(packet);
	ks_packet_trim(packet);
	if (likely(verdict == KS_VERDICT_forwarded))
		put_ethernet(worker, packet, mac_word);
	return verdict;
}
