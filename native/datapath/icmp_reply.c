/*
 * ICMP errors. The packet stays where it is and becomes the error's payload, cut to what the RFCs
 * allow: new headers go in front of it, into the headroom.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_icmp.h>
#include <rte_ip.h>

#include "checksum.h"
#include "icmp_reply.h"

#define REPLY_TTL 64u
#define ICMP_BYTES 8u
#define REPLY_TOS 0xc0u /* precedence: internetwork control (RFC 1812, 4.3.2.5) */
/* RFC 1812, 4.3.2.3; RFC 4443, 2.4 (c). */
#define IPV4_ERROR_BYTES_MAX 576u
#define IPV6_ERROR_BYTES_MAX 1280u
#define ICMPV6_ERRORS_END 128u /* types below are errors */

struct message {
	uint8_t verdict;
	uint8_t drop;
	uint8_t type[KS_FAMILIES];
	uint8_t code[KS_FAMILIES];
};

static const struct message messages[KS_REPLIES] = {
	[KS_REPLY_TOO_BIG] = {KS_VERDICT_too_big_reply, KS_VERDICT_drop_too_big, {3, 2}, {4, 0}},
	[KS_REPLY_TTL] = {KS_VERDICT_ttl_reply, KS_VERDICT_drop_ttl_expired, {11, 3}, {0, 0}},
	[KS_REPLY_NO_ROUTE] = {KS_VERDICT_unreachable_reply, KS_VERDICT_drop_no_route, {3, 1},
		{0, 0}},
	[KS_REPLY_NO_HOST] = {KS_VERDICT_unreachable_reply, KS_VERDICT_drop_no_route, {3, 1},
		{1, 3}},
	[KS_REPLY_NO_SERVICE] = {KS_VERDICT_unreachable_reply, KS_VERDICT_drop_no_server, {3, 1},
		{3, 4}},
};

static bool
is_icmp_error(const struct ks_packet *packet)
{
	uint8_t type;

	if (packet->kind != KS_PACKET_ICMP)
		return false;
	if (ks_packet_l4_bytes(packet) < ICMP_BYTES)
		return true;
	type = *ks_packet_l4(packet);
	if (ks_packet_is_v6(packet))
		return type < ICMPV6_ERRORS_END;
	return type != RTE_IP_ICMP_ECHO_REQUEST && type != RTE_IP_ICMP_ECHO_REPLY;
}

/* The sender may be told, and there is room. */
static bool
may_reply(const struct ks_worker *worker, const struct ks_packet *packet)
{
	const struct rte_ether_hdr *ethernet = (const struct rte_ether_hdr *)packet->frame;

	return worker->replies_left > 0 && packet->kind != KS_PACKET_FRAGMENT &&
	       !is_icmp_error(packet) && !rte_is_multicast_ether_addr(&ethernet->dst_addr) &&
	       !rte_is_multicast_ether_addr(&ethernet->src_addr) &&
	       ks_address_is_unicast(ks_packet_source(packet)) &&
	       rte_pktmbuf_headroom(packet->mbuf) >= sizeof(struct rte_ipv6_hdr) + ICMP_BYTES;
}

static bool
may_be_fragmented(const struct ks_packet *packet)
{
	const struct rte_ipv4_hdr *ip = (const struct rte_ipv4_hdr *)ks_packet_ip(packet);

	return !ks_packet_is_v6(packet) &&
	       (ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_DF_FLAG)) == 0;
}

/* Who speaks: the address that the packet was for, if it is ours; else one of the port's. */
static struct ks_ip
speaker(const struct ks_worker *worker, const struct ks_packet *packet)
{
	struct ks_ip destination = ks_packet_destination(packet);
	const struct ks_local_address *address = ks_address_find(worker->tables, destination);

	if (address != NULL)
		return destination;
	return worker->tables->port_addresses[packet->in_port][packet->key.family];
}

/* New headers, and the Ethernet header in front of them turned round. */
static void
make_room(struct ks_packet *packet, uint32_t header_bytes, uint32_t payload_bytes)
{
	struct rte_ether_hdr ethernet = *(const struct rte_ether_hdr *)packet->frame;
	struct rte_ether_addr sender = ethernet.src_addr;

	ethernet.src_addr = ethernet.dst_addr;
	ethernet.dst_addr = sender;
	packet->ip_length_bytes = (uint16_t)payload_bytes;
	ks_packet_trim(packet);
	packet->frame = (uint8_t *)rte_pktmbuf_prepend(packet->mbuf, (uint16_t)header_bytes);
	packet->ip_length_bytes = (uint16_t)(header_bytes + payload_bytes);
	memcpy(packet->frame, &ethernet, sizeof(ethernet));
}

static void
put_icmp(uint8_t *icmp, const struct message *message, enum ks_family family, uint32_t mtu_bytes)
{
	memset(icmp, 0, ICMP_BYTES);
	icmp[0] = message->type[family];
	icmp[1] = message->code[family];
	icmp[6] = (uint8_t)(mtu_bytes >> 8);
	icmp[7] = (uint8_t)mtu_bytes;
}

static void
put_checksum(uint8_t *icmp, uint64_t sum, uint32_t length_bytes)
{
	uint16_t checksum = (uint16_t)~ks_checksum_fold(ks_checksum_add(sum, icmp, length_bytes));

	memcpy(icmp + 2, &checksum, sizeof(checksum));
}

static void
build_ipv4(struct ks_packet *packet, const struct message *message, struct ks_ip from,
	uint32_t mtu_bytes)
{
	uint32_t header_bytes = sizeof(struct rte_ipv4_hdr) + ICMP_BYTES;
	uint32_t payload_bytes =
		RTE_MIN(packet->ip_length_bytes, IPV4_ERROR_BYTES_MAX - header_bytes);
	rte_be32_t sender_be = packet->key.source_be;
	struct rte_ipv4_hdr *ip;
	uint8_t *icmp;

	make_room(packet, header_bytes, payload_bytes);
	ip = (struct rte_ipv4_hdr *)ks_packet_ip(packet);
	*ip = (struct rte_ipv4_hdr){.version_ihl = RTE_IPV4_VHL_DEF,
		.type_of_service = REPLY_TOS,
		.total_length = rte_cpu_to_be_16(packet->ip_length_bytes),
		.time_to_live = REPLY_TTL,
		.next_proto_id = IPPROTO_ICMP,
		.src_addr = ks_ip_v4(from),
		.dst_addr = sender_be};
	ip->hdr_checksum =
		(uint16_t)~ks_checksum_fold(ks_checksum_add(0, ks_packet_ip(packet), sizeof(*ip)));
	icmp = ks_packet_ip(packet) + sizeof(*ip);
	put_icmp(icmp, message, KS_IPV4, mtu_bytes);
	put_checksum(icmp, 0, ICMP_BYTES + payload_bytes);
}

static void
build_ipv6(struct ks_packet *packet, const struct message *message, struct ks_ip from,
	uint32_t mtu_bytes)
{
	uint32_t header_bytes = sizeof(struct rte_ipv6_hdr) + ICMP_BYTES;
	uint32_t payload_bytes =
		RTE_MIN(packet->ip_length_bytes, IPV6_ERROR_BYTES_MAX - header_bytes);
	struct ks_ip sender = ks_packet_source(packet);
	uint16_t icmp_bytes = (uint16_t)(ICMP_BYTES + payload_bytes);
	struct rte_ipv6_hdr *ip;
	uint8_t *icmp;

	make_room(packet, header_bytes, payload_bytes);
	ip = (struct rte_ipv6_hdr *)ks_packet_ip(packet);
	*ip = (struct rte_ipv6_hdr){.vtc_flow = RTE_BE32(6u << 28),
		.payload_len = rte_cpu_to_be_16(icmp_bytes),
		.proto = IPPROTO_ICMPV6,
		.hop_limits = REPLY_TTL};
	memcpy(ip->src_addr, &from, sizeof(from));
	memcpy(ip->dst_addr, &sender, sizeof(sender));
	icmp = ks_packet_ip(packet) + sizeof(*ip);
	put_icmp(icmp, message, KS_IPV6, mtu_bytes);
	put_checksum(icmp,
		ks_checksum_pseudo_header(ip->src_addr, KS_IPV6, IPPROTO_ICMPV6, icmp_bytes),
		icmp_bytes);
}

uint8_t
ks_icmp_reply(
	struct ks_worker *worker, struct ks_packet *packet, enum ks_reply reply, uint32_t mtu_bytes)
{
	const struct message *message = &messages[reply];
	struct ks_ip from;

	if (!may_reply(worker, packet) || (reply == KS_REPLY_TOO_BIG && may_be_fragmented(packet)))
		return message->drop;
	from = speaker(worker, packet);
	if (ks_ip_is_none(from))
		return message->drop;
	worker->replies_left--;
	if (ks_packet_is_v6(packet))
		build_ipv6(packet, message, from, mtu_bytes);
	else
		build_ipv4(packet, message, from, mtu_bytes);
	packet->out_port = packet->in_port;
	return message->verdict;
}
