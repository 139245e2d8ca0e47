/*
 * ICMP errors about the outer packets of our tunnels. Whoever sent them knows nothing of the packet
 * inside; its sender is told here what became of it: too large, or its server out of reach
 * (RFC 2003, 4; RFC 2473, 8; IPVS does the same). A quote that ends before the inner transport
 * header tells nothing.
 */
#include <netinet/in.h>

#include <rte_ip.h>
#include <rte_udp.h>

#include "connection.h"
#include "icmp_error.h"
#include "icmp_reply.h"
#include "next_hop.h"
#include "source_address.h"

#define GRE_BYTES 4u
#define GRE_CHECKSUM_BYTES 4u
#define GRE_HAS_CHECKSUM 0x80u
#define GUE_BYTES 4u
/* No smaller MTU is believed: of IPv6 there is none, of IPv4 Linux takes no smaller one. */
#define IPV6_MTU_MIN 1280u
#define IPV4_MTU_MIN 552u

/* What stands between the outer IP header and the inner one. */
struct carrier {
	enum ks_tunnel tunnel;
	uint32_t bytes;
	bool is_inner_v6;
};

static bool
read_gre(const struct ks_icmp_quote *outer, struct carrier *carrier)
{
	uint32_t type = (uint32_t)outer->l4[2] << 8 | outer->l4[3];
	bool has_checksum = (outer->l4[0] & GRE_HAS_CHECKSUM) != 0;

	carrier->tunnel = KS_TUNNEL_GRE;
	carrier->bytes = GRE_BYTES + (has_checksum ? GRE_CHECKSUM_BYTES : 0);
	carrier->is_inner_v6 = type == RTE_ETHER_TYPE_IPV6;
	return (outer->l4[0] & ~GRE_HAS_CHECKSUM) == 0 && outer->l4[1] == 0 &&
	       (carrier->is_inner_v6 || type == RTE_ETHER_TYPE_IPV4);
}

static bool
read_gue(const struct ks_icmp_quote *outer, struct carrier *carrier)
{
	const uint8_t *gue = outer->l4 + sizeof(struct rte_udp_hdr);

	carrier->tunnel = KS_TUNNEL_GUE;
	carrier->bytes = (uint32_t)sizeof(struct rte_udp_hdr) + GUE_BYTES;
	if (outer->l4_bytes < carrier->bytes)
		return false;
	carrier->is_inner_v6 = gue[1] == IPPROTO_IPV6;
	return gue[0] == 0 && gue[2] == 0 && gue[3] == 0 &&
	       (carrier->is_inner_v6 || gue[1] == IPPROTO_IPIP);
}

static bool
read_carrier(const struct ks_icmp_quote *outer, struct carrier *carrier)
{
	switch (outer->protocol) {
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		*carrier = (struct carrier){KS_TUNNEL_IPIP, 0, outer->protocol == IPPROTO_IPV6};
		return true;
	case IPPROTO_GRE:
		return read_gre(outer, carrier);
	case IPPROTO_UDP:
		return read_gue(outer, carrier);
	}
	return false;
}

/* The half that sent the inner packet through this tunnel, or NULL. */
static const struct ks_connection_half *
find_sender(const struct ks_connection_table *table, const struct ks_icmp_quote *outer,
	const struct carrier *carrier, const struct ks_icmp_quote *inner)
{
	const struct ks_connection_half *half;
	const struct ks_endpoints *of;
	rte_be16_t ports_be[2];
	struct ks_flow flow;

	if (!ks_icmp_quote_ports(inner, ports_be))
		return NULL;
	flow = ks_flow_between(
		&table->secret, inner->addresses, ports_be[0], ports_be[1], inner->protocol);
	half = ks_connection_find(table, &flow.key, flow.hash);
	if (half == NULL || ks_connection_path(half) != KS_PATH_TUNNEL ||
		half->tunnel != carrier->tunnel ||
		(inner->is_v6 && !ks_connection_is_of(table, half, inner->addresses)))
		return NULL;
	of = ks_connection_endpoints(table, half);
	return ks_ip_equal(of->local, outer->addresses[0]) &&
			       ks_ip_equal(of->server, outer->addresses[1])
		       ? half
		       : NULL;
}

/* What is left of the packet is the inner one, as far as it was quoted. */
static void
become_inner(struct ks_packet *packet, const struct ks_icmp_quote *inner)
{
	const struct rte_ipv4_hdr *ipv4 = (const struct rte_ipv4_hdr *)inner->ip;
	const struct rte_ipv6_hdr *ipv6 = (const struct rte_ipv6_hdr *)inner->ip;
	struct rte_ether_hdr ethernet = *(const struct rte_ether_hdr *)packet->frame;
	uint32_t header_bytes = (uint32_t)(inner->l4 - inner->ip);
	uint32_t bytes = inner->is_v6
				 ? (uint32_t)sizeof(*ipv6) + rte_be_to_cpu_16(ipv6->payload_len)
				 : rte_be_to_cpu_16(ipv4->total_length);

	rte_pktmbuf_adj(packet->mbuf, (uint16_t)(inner->ip - ks_packet_ip(packet)));
	packet->frame = inner->ip - sizeof(ethernet);
	ethernet.ether_type =
		inner->is_v6 ? RTE_BE16(RTE_ETHER_TYPE_IPV6) : RTE_BE16(RTE_ETHER_TYPE_IPV4);
	memcpy(packet->frame, &ethernet, sizeof(ethernet));
	packet->kind = KS_PACKET_FLOW;
	packet->l4_offset_bytes = (uint8_t)(sizeof(ethernet) + header_bytes);
	packet->ip_length_bytes = (uint16_t)RTE_MIN(header_bytes + inner->l4_bytes, bytes);
	packet->key = (struct ks_flow_key){
		.protocol = inner->protocol, .family = inner->is_v6 ? KS_IPV6 : KS_IPV4};
	if (!inner->is_v6) {
		packet->key.source_be = ipv4->src_addr;
		packet->key.destination_be = ipv4->dst_addr;
	}
}

/* As the client sees it, whose packets grow in the tunnel. */
static uint32_t
mtu_of(const struct ks_icmp_error *error, const struct ks_connection_half *half, bool is_inner_v6)
{
	uint32_t mtu_bytes = error->quote.is_v6 ? error->rest : error->rest & UINT16_MAX;
	uint32_t mtu_min = is_inner_v6 ? IPV6_MTU_MIN : IPV4_MTU_MIN;

	mtu_bytes = RTE_MIN(mtu_bytes, (uint32_t)UINT16_MAX);
	return mtu_bytes > mtu_min + half->growth_bytes ? mtu_bytes - half->growth_bytes : mtu_min;
}

static uint8_t
tell_client(
	struct ks_worker *worker, struct ks_packet *packet, enum ks_reply reply, uint32_t mtu_bytes)
{
	struct ks_ip client = ks_packet_source(packet);
	struct rte_ether_hdr *ethernet;
	uint64_t mac_word;
	uint8_t verdict = ks_icmp_reply(worker, packet, reply, mtu_bytes);

	if (verdict != KS_VERDICT_too_big_reply && verdict != KS_VERDICT_unreachable_reply)
		return verdict;
	verdict = ks_next_hop_find(worker, packet, client, &mac_word);
	if (verdict != KS_VERDICT_forwarded)
		return verdict;
	ethernet = (struct rte_ether_hdr *)packet->frame;
	ks_neighbor_copy_mac(mac_word, &ethernet->dst_addr);
	ethernet->src_addr = worker->ports[packet->out_port].mac;
	return verdict;
}

uint8_t
ks_icmp_error_of_tunnel(struct ks_worker *worker, struct ks_packet *packet,
	const struct ks_icmp_error *error, struct ks_icmp_quote *inner)
{
	const struct ks_connection_half *half;
	struct carrier carrier;
	uint32_t mtu_bytes;

	if (!read_carrier(&error->quote, &carrier) ||
		!ks_icmp_quote_read(inner, error->quote.l4 + carrier.bytes,
			error->quote.l4_bytes - carrier.bytes, carrier.is_inner_v6) ||
		(ks_address_find(worker->tables, inner->addresses[1]) == NULL &&
			worker->tables->matches_count == 0)) {
		inner->protocol = 0;
		return KS_VERDICT_UNDECIDED;
	}
	half = find_sender(worker->connections, &error->quote, &carrier, inner);
	if (half == NULL)
		return KS_VERDICT_UNDECIDED;
	if (!ks_icmp_error_is_sound(packet))
		return KS_VERDICT_drop_icmp_checksum;
	if (!ks_connection_is_held(worker, half))
		return KS_VERDICT_drop_address_released;
	mtu_bytes = mtu_of(error, half, inner->is_v6);
	switch (error->meaning) {
	case KS_ICMP_TOO_BIG:
		become_inner(packet, inner);
		return tell_client(worker, packet, KS_REPLY_TOO_BIG, mtu_bytes);
	case KS_ICMP_NETWORK_UNREACHABLE:
	case KS_ICMP_HOST_UNREACHABLE:
	case KS_ICMP_PROTOCOL_UNREACHABLE:
	case KS_ICMP_PORT_UNREACHABLE:
	case KS_ICMP_PROHIBITED:
	case KS_ICMP_TTL:
		become_inner(packet, inner);
		return tell_client(worker, packet, KS_REPLY_NO_HOST, 0);
	case KS_ICMP_REASSEMBLY:
	case KS_ICMP_PARAMETER:
	case KS_ICMP_OF_FAMILY:
	case KS_ICMP_MEANINGS:
		break;
	}
	/* Of the outer header alone: nothing that the client could mend. */
	return KS_VERDICT_punt_kernel;
}
