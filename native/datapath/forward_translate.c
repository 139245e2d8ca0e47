/*
 * NAT between the families (RFC 7915): the header of one is replaced by that of the other, right in
 * front of the transport header. Extension headers and options stay behind; fragments never come
 * here.
 */
#include <netinet/in.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_udp.h>

#include "checksum.h"
#include "forward.h"
#include "transport.h"

/*
 * IPv6 makes no packet smaller than 1280 octets for any path: one that is no larger as IPv6 must be
 * fragmented where a link of IPv4 does not take it (RFC 7915, 5.1).
 */
#define FRAGMENTABLE_BYTES_MAX 1260u

/* What both headers have, read before one overwrites the other. */
struct ip_fields {
	uint8_t traffic_class;
	uint8_t ttl;
};

/* Moves the start of the frame, so that an IP header of this size ends where transport begins. */
static void
resize_header(struct ks_packet *packet, uint32_t ip_header_bytes)
{
	uint32_t l4_bytes = ks_packet_l4_bytes(packet);
	uint32_t offset_bytes = (uint32_t)sizeof(struct rte_ether_hdr) + ip_header_bytes;
	uint8_t *l4 = ks_packet_l4(packet);

	if (offset_bytes > packet->l4_offset_bytes)
		rte_pktmbuf_prepend(
			packet->mbuf, (uint16_t)(offset_bytes - packet->l4_offset_bytes));
	else
		rte_pktmbuf_adj(packet->mbuf, (uint16_t)(packet->l4_offset_bytes - offset_bytes));
	packet->frame = l4 - offset_bytes;
	packet->l4_offset_bytes = (uint8_t)offset_bytes;
	packet->ip_length_bytes = (uint16_t)(ip_header_bytes + l4_bytes);
}

static void
set_type(const struct ks_packet *packet, uint16_t type)
{
	((struct rte_ether_hdr *)packet->frame)->ether_type = rte_cpu_to_be_16(type);
}

void
ks_rewrite_nat64(const struct ks_connection_table *table, const struct ks_connection_half *half,
	struct ks_packet *packet)
{
	const struct rte_ipv6_hdr *from = (const struct rte_ipv6_hdr *)ks_packet_ip(packet);
	struct ip_fields fields = {.traffic_class = (uint8_t)(rte_be_to_cpu_32(from->vtc_flow) >>
							      RTE_IPV6_HDR_TC_SHIFT),
		.ttl = (uint8_t)(from->hop_limits - 1)};
	struct ks_ip leaving[2];
	struct rte_ipv4_hdr *ip;
	bool is_fragmentable;

	ks_endpoints_leaving(table, half, leaving);
	resize_header(packet, sizeof(*ip));
	ks_transport_rewrite(half, ks_packet_l4(packet), ks_packet_l4_bytes(packet));
	is_fragmentable = packet->ip_length_bytes <= FRAGMENTABLE_BYTES_MAX;
	ip = (struct rte_ipv4_hdr *)ks_packet_ip(packet);
	*ip = (struct rte_ipv4_hdr){.version_ihl = RTE_IPV4_VHL_DEF,
		.type_of_service = fields.traffic_class,
		.total_length = rte_cpu_to_be_16(packet->ip_length_bytes),
		.packet_id = is_fragmentable ? ks_transport_identification(
						       half->key.protocol, ks_packet_l4(packet))
					     : 0,
		.fragment_offset = is_fragmentable ? 0 : RTE_BE16(RTE_IPV4_HDR_DF_FLAG),
		.time_to_live = fields.ttl,
		.next_proto_id = half->key.protocol,
		.src_addr = ks_ip_v4(leaving[0]),
		.dst_addr = ks_ip_v4(leaving[1])};
	ip->hdr_checksum =
		(uint16_t)~ks_checksum_fold(ks_checksum_add(0, ks_packet_ip(packet), sizeof(*ip)));
	set_type(packet, RTE_ETHER_TYPE_IPV4);
}

/* IPv6 knows no UDP without a checksum (RFC 7915, 4.5): here the payload is read. */
static void
complete_udp(const struct ks_packet *packet)
{
	uint8_t *l4 = ks_packet_l4(packet);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)l4;
	uint16_t length_bytes = rte_be_to_cpu_16(udp->dgram_len);
	uint64_t pseudo;

	if (udp->dgram_cksum != 0)
		return;
	pseudo = ks_checksum_pseudo_header(
		((const struct rte_ipv6_hdr *)ks_packet_ip(packet))->src_addr, KS_IPV6, IPPROTO_UDP,
		length_bytes);
	udp->dgram_cksum = (uint16_t)~ks_checksum_fold(ks_checksum_add(pseudo, l4, length_bytes));
	if (udp->dgram_cksum == 0)
		udp->dgram_cksum = UINT16_MAX;
}

void
ks_rewrite_nat46(const struct ks_connection_table *table, const struct ks_connection_half *half,
	struct ks_packet *packet)
{
	const struct rte_ipv4_hdr *from = (const struct rte_ipv4_hdr *)ks_packet_ip(packet);
	struct ip_fields fields = {
		.traffic_class = from->type_of_service, .ttl = (uint8_t)(from->time_to_live - 1)};
	struct ks_ip leaving[2];
	struct rte_ipv6_hdr *ip;

	ks_endpoints_leaving(table, half, leaving);
	resize_header(packet, sizeof(*ip));
	ip = (struct rte_ipv6_hdr *)ks_packet_ip(packet);
	ip->vtc_flow = rte_cpu_to_be_32(
		6u << 28 | (uint32_t)fields.traffic_class << RTE_IPV6_HDR_TC_SHIFT);
	ip->payload_len = rte_cpu_to_be_16((uint16_t)ks_packet_l4_bytes(packet));
	ip->proto = half->key.protocol;
	ip->hop_limits = fields.ttl;
	memcpy(ip->src_addr, leaving, sizeof(leaving));
	set_type(packet, RTE_ETHER_TYPE_IPV6);
	ks_transport_rewrite(half, ks_packet_l4(packet), ks_packet_l4_bytes(packet));
	if (half->key.protocol == IPPROTO_UDP)
		complete_udp(packet);
}
