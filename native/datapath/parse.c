/*
 * Ethernet II, IPv4 (RFC 791), and as much of TCP and UDP as forwarding needs. Reads no byte beyond
 * the given length. Tagged frames, IPv6 and everything else that is not plain IPv4
 * belong to the kernel.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "checksum.h"
#include "parse.h"

#define IPV4_LENGTH_MIN_BYTES ((uint32_t)sizeof(struct rte_ipv4_hdr))
#define IPV4_FRAGMENT_BE RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)

static uint8_t parse_ipv4(struct ks_packet *packet, const uint8_t *ip, uint32_t length_bytes);
static uint8_t parse_tcp(struct ks_packet *packet, uint32_t length_bytes);
static uint8_t parse_udp(struct ks_packet *packet, uint32_t length_bytes);

void
ks_parse(struct ks_packet *packet, uint8_t *frame, uint32_t length_bytes,
	const struct rte_ether_addr *mac)
{
	const struct rte_ether_hdr *ethernet = (const struct rte_ether_hdr *)frame;

	packet->frame = frame;
	packet->kind = KS_PACKET_OTHER;
	if (unlikely(length_bytes < sizeof(*ethernet)))
		packet->verdict = KS_VERDICT_drop_truncated;
	else if (unlikely(!rte_is_same_ether_addr(&ethernet->dst_addr, mac) &&
			  !rte_is_multicast_ether_addr(&ethernet->dst_addr)))
		packet->verdict = KS_VERDICT_drop_foreign_mac;
	else if (unlikely(ethernet->ether_type == RTE_BE16(RTE_ETHER_TYPE_ARP)))
		packet->verdict = KS_VERDICT_punt_arp;
	else if (unlikely(ethernet->ether_type != RTE_BE16(RTE_ETHER_TYPE_IPV4) ||
			  rte_is_multicast_ether_addr(&ethernet->dst_addr)))
		packet->verdict = KS_VERDICT_punt_kernel;
	else
		packet->verdict = parse_ipv4(packet, frame + sizeof(*ethernet),
			length_bytes - (uint32_t)sizeof(*ethernet));
}

/* Without options the length is a constant, and the sum a handful of additions. */
static bool
has_sound_checksum(const uint8_t *ip, uint32_t header_bytes)
{
	uint64_t sum = likely(header_bytes == IPV4_LENGTH_MIN_BYTES)
			       ? ks_checksum_add(0, ip, IPV4_LENGTH_MIN_BYTES)
			       : ks_checksum_add(0, ip, header_bytes);

	return ks_checksum_fold(sum) == UINT16_MAX;
}

static uint8_t
parse_ipv4(struct ks_packet *packet, const uint8_t *ip, uint32_t length_bytes)
{
	const struct rte_ipv4_hdr *header = (const struct rte_ipv4_hdr *)ip;
	uint32_t header_bytes, ip_bytes;

	if (unlikely(length_bytes < sizeof(*header)))
		return KS_VERDICT_drop_truncated;
	header_bytes = (header->version_ihl & RTE_IPV4_HDR_IHL_MASK) * RTE_IPV4_IHL_MULTIPLIER;
	ip_bytes = rte_be_to_cpu_16(header->total_length);
	if (unlikely(header->version_ihl >> 4 != IPVERSION ||
		     header_bytes < IPV4_LENGTH_MIN_BYTES || ip_bytes < header_bytes))
		return KS_VERDICT_drop_malformed;
	if (unlikely(length_bytes < ip_bytes))
		return KS_VERDICT_drop_truncated;
	if (unlikely(!has_sound_checksum(ip, header_bytes)))
		return KS_VERDICT_drop_ip_checksum;

	packet->ip_length_bytes = (uint16_t)ip_bytes;
	packet->l4_offset_bytes = (uint8_t)(sizeof(struct rte_ether_hdr) + header_bytes);
	packet->tcp_flags = 0;
	packet->key = (struct ks_flow_key){
		.source_be = header->src_addr,
		.destination_be = header->dst_addr,
		.protocol = header->next_proto_id,
	};
	if (unlikely((header->fragment_offset & IPV4_FRAGMENT_BE) != 0)) {
		packet->kind = KS_PACKET_FRAGMENT;
		return KS_VERDICT_UNDECIDED;
	}
	switch (header->next_proto_id) {
	case IPPROTO_TCP:
		return parse_tcp(packet, ip_bytes - header_bytes);
	case IPPROTO_UDP:
		return parse_udp(packet, ip_bytes - header_bytes);
	case IPPROTO_ICMP:
		packet->kind = KS_PACKET_ICMP;
		break;
	}
	return KS_VERDICT_UNDECIDED;
}

static uint8_t
parse_tcp(struct ks_packet *packet, uint32_t length_bytes)
{
	const struct rte_tcp_hdr *header = (const struct rte_tcp_hdr *)ks_packet_l4(packet);
	uint32_t header_bytes;

	if (unlikely(length_bytes < sizeof(*header)))
		return KS_VERDICT_drop_malformed;
	header_bytes = (header->data_off >> 4) * 4u;
	if (unlikely(header_bytes < sizeof(*header) || header_bytes > length_bytes))
		return KS_VERDICT_drop_malformed;
	packet->kind = KS_PACKET_FLOW;
	packet->tcp_flags = header->tcp_flags;
	packet->key.source_port_be = header->src_port;
	packet->key.destination_port_be = header->dst_port;
	return KS_VERDICT_UNDECIDED;
}

static uint8_t
parse_udp(struct ks_packet *packet, uint32_t length_bytes)
{
	const struct rte_udp_hdr *header = (const struct rte_udp_hdr *)ks_packet_l4(packet);
	uint32_t datagram_bytes;

	if (unlikely(length_bytes < sizeof(*header)))
		return KS_VERDICT_drop_malformed;
	datagram_bytes = rte_be_to_cpu_16(header->dgram_len);
	if (unlikely(datagram_bytes < sizeof(*header) || datagram_bytes > length_bytes))
		return KS_VERDICT_drop_malformed;
	packet->kind = KS_PACKET_FLOW;
	packet->key.source_port_be = header->src_port;
	packet->key.destination_port_be = header->dst_port;
	return KS_VERDICT_UNDECIDED;
}

bool
ks_parse_complete_checksum(struct ks_packet *packet)
{
	bool is_tcp = packet->key.protocol == IPPROTO_TCP;
	uint8_t *l4 = ks_packet_l4(packet);
	uint8_t *field = l4 + (is_tcp ? offsetof(struct rte_tcp_hdr, cksum)
				      : offsetof(struct rte_udp_hdr, dgram_cksum));
	const uint8_t *addresses = ks_packet_ip(packet) + offsetof(struct rte_ipv4_hdr, src_addr);
	uint16_t length_bytes = (uint16_t)(packet->ip_length_bytes + sizeof(struct rte_ether_hdr) -
					   packet->l4_offset_bytes);
	uint64_t pseudo;
	uint16_t checksum;

	if (!is_tcp)
		length_bytes = rte_be_to_cpu_16(((const struct rte_udp_hdr *)l4)->dgram_len);
	pseudo = ks_checksum_pseudo_header(addresses, packet->key.protocol, length_bytes);
	memcpy(&checksum, field, sizeof(checksum));
	if (likely(checksum != ks_checksum_fold(pseudo)))
		return false;
	memset(field, 0, sizeof(checksum));
	checksum = (uint16_t)~ks_checksum_fold(ks_checksum_add(pseudo, l4, length_bytes));
	if (!is_tcp && checksum == 0)
		checksum = UINT16_MAX;
	memcpy(field, &checksum, sizeof(checksum));
	return true;
}
