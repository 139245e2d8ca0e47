/*
 * Ethernet II, IPv4 (RFC 791), and as much of TCP, UDP and SCTP as forwarding needs; IPv6 is
 * parse_ipv6.c. Reads no byte beyond the given length. Tagged frames and everything else that is
 * not plain IP belong to the kernel.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "checksum.h"
#include "parse.h"
#include "transport.h"

#define IPV4_LENGTH_MIN_BYTES ((uint32_t)sizeof(struct rte_ipv4_hdr))
#define IPV4_FRAGMENT_BE RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)

enum option {
	OPTION_END = 0,
	OPTION_NONE = 1,
	OPTION_LOOSE_ROUTE = 131,
	OPTION_STRICT_ROUTE = 137,
};

/* SCTP (RFC 9260): what follows the ports, tag and checksum of the common header. */
#define SCTP_HEADER_BYTES 12u
#define SCTP_CHECKSUM_OFFSET 8u
enum sctp_chunk {
	SCTP_INIT = 1,
	SCTP_INIT_ACK = 2,
	SCTP_ABORT = 6,
	SCTP_SHUTDOWN = 7,
	SCTP_SHUTDOWN_ACK = 8,
};

static uint8_t parse_ipv4(struct ks_packet *packet, const uint8_t *ip, uint32_t length_bytes);
static uint8_t parse_tcp(struct ks_packet *packet, uint32_t length_bytes);
static uint8_t parse_udp(struct ks_packet *packet, uint32_t length_bytes);
static uint8_t parse_sctp(struct ks_packet *packet, uint32_t length_bytes);

static uint8_t
parse_ip(struct ks_packet *packet, uint32_t length_bytes)
{
	const struct rte_ether_hdr *ethernet = (const struct rte_ether_hdr *)packet->frame;
	bool is_multicast = rte_is_multicast_ether_addr(&ethernet->dst_addr);
	const uint8_t *ip = ks_packet_ip(packet);

	if (likely(ethernet->ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV4)))
		return unlikely(is_multicast) ? KS_VERDICT_punt_kernel
					      : parse_ipv4(packet, ip, length_bytes);
	if (likely(ethernet->ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV6))) {
		uint8_t verdict = ks_parse_ipv6(packet, length_bytes);

		return unlikely(is_multicast) && verdict == KS_VERDICT_UNDECIDED
			       ? KS_VERDICT_punt_kernel
			       : verdict;
	}
	return KS_VERDICT_punt_kernel;
}

void
ks_parse(struct ks_packet *packet, uint8_t *frame, uint32_t length_bytes,
	const struct rte_ether_addr *mac)
{
	const struct rte_ether_hdr *ethernet = (const struct rte_ether_hdr *)frame;

	packet->frame = frame;
	packet->kind = KS_PACKET_OTHER;
	packet->key.family = KS_IPV4;
	if (unlikely(length_bytes < sizeof(*ethernet)))
		packet->verdict = KS_VERDICT_drop_truncated;
	else if (unlikely(!rte_is_same_ether_addr(&ethernet->dst_addr, mac) &&
			  !rte_is_multicast_ether_addr(&ethernet->dst_addr)))
		packet->verdict = KS_VERDICT_drop_foreign_mac;
	else if (unlikely(ethernet->ether_type == RTE_BE16(RTE_ETHER_TYPE_ARP)))
		packet->verdict = KS_VERDICT_punt_arp;
	else
		packet->verdict = parse_ip(packet, length_bytes - (uint32_t)sizeof(*ethernet));
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

/* A source route whose end is not this destination (RFC 791: the pointer is within the list). */
static bool
has_hops_left(const uint8_t *ip, uint32_t header_bytes)
{
	uint32_t at = IPV4_LENGTH_MIN_BYTES;

	while (at + 2 < header_bytes && ip[at] != OPTION_END) {
		if ((ip[at] == OPTION_LOOSE_ROUTE || ip[at] == OPTION_STRICT_ROUTE) &&
			ip[at + 2] <= ip[at + 1])
			return true;
		if (ip[at] != OPTION_NONE && ip[at + 1] < 2)
			return false;
		at += ip[at] == OPTION_NONE ? 1 : ip[at + 1];
	}
	return false;
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
		.family = KS_IPV4,
	};
	if (unlikely((header->fragment_offset & IPV4_FRAGMENT_BE) != 0)) {
		packet->kind = KS_PACKET_FRAGMENT;
		return KS_VERDICT_UNDECIDED;
	}
	if (unlikely(header_bytes > IPV4_LENGTH_MIN_BYTES && has_hops_left(ip, header_bytes))) {
		packet->kind = KS_PACKET_OPAQUE;
		return KS_VERDICT_UNDECIDED;
	}
	if (header->next_proto_id == IPPROTO_ICMP) {
		packet->kind = KS_PACKET_ICMP;
		return KS_VERDICT_UNDECIDED;
	}
	return ks_parse_transport(packet, ip_bytes - header_bytes);
}

uint8_t
ks_parse_transport(struct ks_packet *packet, uint32_t length_bytes)
{
	switch (packet->key.protocol) {
	case IPPROTO_TCP:
		return parse_tcp(packet, length_bytes);
	case IPPROTO_UDP:
		return parse_udp(packet, length_bytes);
	case IPPROTO_SCTP:
		return parse_sctp(packet, length_bytes);
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

/*
 * The chunks that begin and end an association, as the flags of TCP that mean the same: one state
 * table is enough for both.
 */
static uint8_t
sctp_flags(const uint8_t *chunk, uint32_t length_bytes)
{
	if (length_bytes == 0)
		return 0;
	switch (chunk[0]) {
	case SCTP_INIT:
		return KS_TCP_SYN;
	case SCTP_INIT_ACK:
		return KS_TCP_SYN | KS_TCP_ACK;
	case SCTP_ABORT:
		return KS_TCP_RST;
	case SCTP_SHUTDOWN:
	case SCTP_SHUTDOWN_ACK:
		return KS_TCP_FIN;
	}
	return KS_TCP_ACK;
}

static uint8_t
parse_sctp(struct ks_packet *packet, uint32_t length_bytes)
{
	const uint8_t *header = ks_packet_l4(packet);
	uint32_t ports;

	if (unlikely(length_bytes < SCTP_HEADER_BYTES))
		return KS_VERDICT_drop_malformed;
	packet->kind = KS_PACKET_FLOW;
	packet->tcp_flags =
		sctp_flags(header + SCTP_HEADER_BYTES, length_bytes - SCTP_HEADER_BYTES);
	memcpy(&ports, header, sizeof(ports));
	memcpy(&packet->key.source_port_be, &ports, sizeof(ports));
	return KS_VERDICT_UNDECIDED;
}

/* A local stack leaves the field to hardware as 0; a CRC is that once in 2^32 packets. */
static bool
complete_sctp(uint8_t *l4, uint32_t length_bytes)
{
	uint32_t checksum;

	memcpy(&checksum, l4 + SCTP_CHECKSUM_OFFSET, sizeof(checksum));
	if (likely(checksum != 0))
		return false;
	checksum = ks_sctp_checksum(l4, length_bytes);
	memcpy(l4 + SCTP_CHECKSUM_OFFSET, &checksum, sizeof(checksum));
	return true;
}

bool
ks_parse_complete_checksum(struct ks_packet *packet)
{
	bool is_tcp = packet->key.protocol == IPPROTO_TCP;
	uint8_t *l4 = ks_packet_l4(packet);
	uint8_t *field = l4 + (is_tcp ? offsetof(struct rte_tcp_hdr, cksum)
				      : offsetof(struct rte_udp_hdr, dgram_cksum));
	uint32_t length_bytes = packet->ip_length_bytes + (uint32_t)sizeof(struct rte_ether_hdr) -
				packet->l4_offset_bytes;
	uint64_t pseudo;
	uint16_t checksum;

	if (unlikely(packet->key.protocol == IPPROTO_SCTP))
		return complete_sctp(l4, length_bytes);
	if (!is_tcp)
		length_bytes = rte_be_to_cpu_16(((const struct rte_udp_hdr *)l4)->dgram_len);
	pseudo = ks_checksum_pseudo_header(ks_packet_addresses(packet),
		ks_packet_is_v6(packet) ? KS_IPV6 : KS_IPV4, packet->key.protocol,
		(uint16_t)length_bytes);
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
