/*
 * Encapsulation towards a server: IP in IP in every combination of families (RFC 2003, RFC 2473,
 * RFC 4213), GRE (RFC 2784) and GUE (draft-ietf-intarea-gue, version 0, as Linux has it). The inner
 * packet loses one hop; the outer header takes its traffic class, hop limit and DF from it.
 */
#include <netinet/in.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_udp.h>

#include "checksum.h"
#include "forward.h"
#include "transport.h"

#define GRE_BYTES 4u
#define GRE_CHECKSUM_BYTES 4u
#define GRE_HAS_CHECKSUM 0x80u
#define GUE_BYTES 4u
/* What IPv6 sends over any path: a link of IPv4 that does not take it must fragment it (RFC 4213).
 */
#define IPV6_MTU_MIN 1280u
/* Of source ports of GUE: the upper quarter, as for all ports that nobody listens on. */
#define GUE_SOURCE_PORT_MIN 49152u

/* The parts of the inner header that the outer one takes over. */
struct inner {
	bool is_v6;
	bool may_be_fragmented;
	uint8_t traffic_class;
	uint8_t ttl;
	rte_be16_t packet_id_be; /* of what may be fragmented, again */
	uint32_t flow_label;
	uint32_t bytes;
};

static struct inner
read_inner(const struct ks_packet *packet)
{
	const uint8_t *ip = ks_packet_ip(packet);
	const struct rte_ipv4_hdr *ipv4 = (const struct rte_ipv4_hdr *)ip;
	const struct rte_ipv6_hdr *ipv6 = (const struct rte_ipv6_hdr *)ip;
	struct inner inner = {.is_v6 = ks_packet_is_v6(packet), .bytes = packet->ip_length_bytes};

	if (inner.is_v6) {
		uint32_t word = rte_be_to_cpu_32(ipv6->vtc_flow);

		inner.traffic_class = (uint8_t)(word >> RTE_IPV6_HDR_TC_SHIFT);
		inner.flow_label = word & RTE_IPV6_HDR_FL_MASK;
		inner.ttl = ipv6->hop_limits;
		inner.may_be_fragmented = inner.bytes <= IPV6_MTU_MIN;
		if (inner.may_be_fragmented)
			inner.packet_id_be = ks_transport_identification(
				packet->key.protocol, ks_packet_l4(packet));
	} else {
		inner.traffic_class = ipv4->type_of_service;
		inner.ttl = ipv4->time_to_live;
		inner.packet_id_be = ipv4->packet_id;
		inner.may_be_fragmented =
			(ipv4->fragment_offset & RTE_BE16(RTE_IPV4_HDR_DF_FLAG)) == 0;
	}
	return inner;
}

uint32_t
ks_tunnel_bytes(enum ks_tunnel tunnel, bool has_checksum, bool is_outer_v6)
{
	uint32_t outer_bytes =
		is_outer_v6 ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr);

	switch (tunnel) {
	case KS_TUNNEL_GRE:
		return outer_bytes + GRE_BYTES + (has_checksum ? GRE_CHECKSUM_BYTES : 0);
	case KS_TUNNEL_GUE:
		return outer_bytes + (uint32_t)sizeof(struct rte_udp_hdr) + GUE_BYTES;
	case KS_TUNNEL_IPIP:
	case KS_TUNNELS:
		break;
	}
	return outer_bytes;
}

uint8_t
ks_tunnel_protocol(enum ks_tunnel tunnel, bool is_inner_v6)
{
	switch (tunnel) {
	case KS_TUNNEL_GRE:
		return IPPROTO_GRE;
	case KS_TUNNEL_GUE:
		return IPPROTO_UDP;
	case KS_TUNNEL_IPIP:
	case KS_TUNNELS:
		break;
	}
	return is_inner_v6 ? IPPROTO_IPV6 : IPPROTO_IPIP;
}

rte_be16_t
ks_tunnel_source_port(const struct ks_flow_key *inner)
{
	uint64_t flow = ks_hash_fold(inner->digest ^ UINT64_C(0x9e3779b97f4a7c15),
		inner->source_port_be | UINT64_C(0xbf58476d1ce40000));

	return rte_cpu_to_be_16((uint16_t)(GUE_SOURCE_PORT_MIN | (flow & 0x3fff)));
}

static void
put_gre(const struct ks_connection_half *half, const struct inner *inner, uint8_t *gre)
{
	uint16_t type = inner->is_v6 ? RTE_ETHER_TYPE_IPV6 : RTE_ETHER_TYPE_IPV4;
	uint16_t checksum;

	memset(gre, 0, GRE_BYTES);
	gre[2] = (uint8_t)(type >> 8);
	gre[3] = (uint8_t)type;
	if (!half->tunnel_has_checksum)
		return;
	gre[0] = GRE_HAS_CHECKSUM;
	memset(gre + GRE_BYTES, 0, GRE_CHECKSUM_BYTES);
	checksum = (uint16_t)~ks_checksum_fold(
		ks_checksum_add(0, gre, GRE_BYTES + GRE_CHECKSUM_BYTES + inner->bytes));
	memcpy(gre + GRE_BYTES, &checksum, sizeof(checksum));
}

/* Both ports and all checksums; addresses: of the outer header, source first. */
static void
put_gue(const struct ks_connection_half *half, const struct inner *inner, uint8_t *l4,
	const struct ks_ip addresses[2])
{
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)l4;
	uint8_t *gue = l4 + sizeof(*udp);
	uint16_t length_bytes = (uint16_t)(sizeof(*udp) + GUE_BYTES + inner->bytes);
	bool is_v4 = ks_ip_is_v4(addresses[1]);
	const uint8_t *octets = (const uint8_t *)addresses;
	uint64_t sum;

	memset(gue, 0, GUE_BYTES);
	gue[1] = inner->is_v6 ? IPPROTO_IPV6 : IPPROTO_IPIP;
	udp->src_port = half->source_port_be;
	udp->dst_port = half->destination_port_be;
	udp->dgram_len = rte_cpu_to_be_16(length_bytes);
	udp->dgram_cksum = 0;
	if (!half->tunnel_has_checksum)
		return;
	/* Of IPv4 in its clothes the sum would be wrong: only its last four octets count. */
	sum = is_v4 ? ks_checksum_add(ks_checksum_add(0, octets + 12, 4), octets + 28, 4)
		    : ks_checksum_add(0, octets, 32);
	sum += (uint64_t)RTE_BE16(IPPROTO_UDP) + rte_cpu_to_be_16(length_bytes);
	udp->dgram_cksum = (uint16_t)~ks_checksum_fold(ks_checksum_add(sum, l4, length_bytes));
	if (udp->dgram_cksum == 0)
		udp->dgram_cksum = UINT16_MAX;
}

static void
put_outer_v4(const struct ks_packet *packet, const struct inner *inner, uint8_t protocol,
	const struct ks_ip addresses[2])
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)ks_packet_ip(packet);

	*ip = (struct rte_ipv4_hdr){.version_ihl = RTE_IPV4_VHL_DEF,
		.type_of_service = inner->traffic_class,
		.total_length = rte_cpu_to_be_16(packet->ip_length_bytes),
		.packet_id = inner->packet_id_be,
		.fragment_offset = inner->may_be_fragmented ? 0 : RTE_BE16(RTE_IPV4_HDR_DF_FLAG),
		.time_to_live = inner->ttl,
		.next_proto_id = protocol,
		.src_addr = ks_ip_v4(addresses[0]),
		.dst_addr = ks_ip_v4(addresses[1])};
	ip->hdr_checksum =
		(uint16_t)~ks_checksum_fold(ks_checksum_add(0, ks_packet_ip(packet), sizeof(*ip)));
}

static void
put_outer_v6(const struct ks_packet *packet, const struct inner *inner, uint8_t protocol,
	const struct ks_ip addresses[2])
{
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)ks_packet_ip(packet);

	ip->vtc_flow = rte_cpu_to_be_32(6u << 28 |
					(uint32_t)inner->traffic_class << RTE_IPV6_HDR_TC_SHIFT |
					inner->flow_label);
	ip->payload_len = rte_cpu_to_be_16((uint16_t)(packet->ip_length_bytes - sizeof(*ip)));
	ip->proto = protocol;
	ip->hop_limits = inner->ttl;
	memcpy(ip->src_addr, addresses, 2 * sizeof(addresses[0]));
}

void
ks_rewrite_tunnel(const struct ks_connection_table *table, const struct ks_connection_half *half,
	struct ks_packet *packet)
{
	struct ks_ip addresses[2];
	struct rte_ether_hdr *ethernet;
	struct inner inner;
	bool is_outer_v4;
	uint8_t *l4;

	ks_forward_lower_ttl(packet);
	inner = read_inner(packet);
	ks_endpoints_leaving(table, half, addresses);
	is_outer_v4 = ks_ip_is_v4(addresses[1]);
	packet->frame = (uint8_t *)rte_pktmbuf_prepend(packet->mbuf, half->growth_bytes);
	packet->ip_length_bytes = (uint16_t)(packet->ip_length_bytes + half->growth_bytes);
	ethernet = (struct rte_ether_hdr *)packet->frame;
	ethernet->ether_type =
		is_outer_v4 ? RTE_BE16(RTE_ETHER_TYPE_IPV4) : RTE_BE16(RTE_ETHER_TYPE_IPV6);
	l4 = ks_packet_ip(packet) +
	     (is_outer_v4 ? sizeof(struct rte_ipv4_hdr) : sizeof(struct rte_ipv6_hdr));
	if (half->tunnel == KS_TUNNEL_GRE)
		put_gre(half, &inner, l4);
	else if (half->tunnel == KS_TUNNEL_GUE)
		put_gue(half, &inner, l4, addresses);
	if (is_outer_v4)
		put_outer_v4(packet, &inner, half->tunnel_protocol, addresses);
	else
		put_outer_v6(packet, &inner, half->tunnel_protocol, addresses);
}
