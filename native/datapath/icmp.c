/*
 * Echo (RFC 792, RFC 4443). The reply goes back to the MAC address that the request came from. It
 * does not verify the request's ICMP checksum: an error in it is still there in the reply.
 */
#include <netinet/in.h>

#include <rte_icmp.h>
#include <rte_ip.h>

#include "checksum.h"
#include "icmp.h"

#define REPLY_TTL 64

static void
turn_around_ipv4(const struct ks_packet *packet)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)ks_packet_ip(packet);
	uint32_t header_bytes = packet->l4_offset_bytes - (uint32_t)sizeof(struct rte_ether_hdr);

	ip->src_addr = packet->key.destination_be;
	ip->dst_addr = packet->key.source_be;
	ip->time_to_live = REPLY_TTL;
	ip->hdr_checksum = 0;
	ip->hdr_checksum =
		(uint16_t)~ks_checksum_fold(ks_checksum_add(0, ks_packet_ip(packet), header_bytes));
}

static void
turn_around_ipv6(const struct ks_packet *packet)
{
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)ks_packet_ip(packet);
	uint8_t source[sizeof(ip->src_addr)];

	memcpy(source, ip->src_addr, sizeof(source));
	memcpy(ip->src_addr, ip->dst_addr, sizeof(ip->src_addr));
	memcpy(ip->dst_addr, source, sizeof(source));
	ip->hop_limits = REPLY_TTL;
}

struct echo {
	uint8_t request;
	uint8_t reply;
};

static const struct echo echoes[KS_FAMILIES] = {
	{RTE_IP_ICMP_ECHO_REQUEST, RTE_IP_ICMP_ECHO_REPLY}, {128, 129}};

uint8_t
ks_icmp_answer(struct ks_packet *packet)
{
	struct rte_ether_hdr *ethernet = (struct rte_ether_hdr *)packet->frame;
	struct rte_icmp_hdr *icmp = (struct rte_icmp_hdr *)ks_packet_l4(packet);
	const struct echo *echo = &echoes[packet->key.family];
	struct rte_ether_addr sender = ethernet->src_addr;
	uint64_t delta;

	if (ks_packet_l4_bytes(packet) < sizeof(*icmp))
		return KS_VERDICT_drop_malformed;
	if (icmp->icmp_type != echo->request || icmp->icmp_code != 0)
		return KS_VERDICT_punt_kernel;
	if (!ks_address_is_unicast(ks_packet_source(packet)) ||
		rte_is_multicast_ether_addr(&sender))
		return KS_VERDICT_drop_martian;

	ethernet->src_addr = ethernet->dst_addr;
	ethernet->dst_addr = sender;
	/* The pseudo-header of ICMPv6 has the same sum with its addresses turned round. */
	if (ks_packet_is_v6(packet))
		turn_around_ipv6(packet);
	else
		turn_around_ipv4(packet);
	delta = ks_checksum_delta(0, rte_cpu_to_be_16((uint16_t)(echo->request << 8)),
		rte_cpu_to_be_16((uint16_t)(echo->reply << 8)));
	icmp->icmp_type = echo->reply;
	icmp->icmp_cksum = ks_checksum_update(icmp->icmp_cksum, ks_checksum_fold(delta));
	ks_checksum_finish_icmp(ks_packet_l4(packet), ks_packet_l4_bytes(packet));
	ks_packet_trim(packet);
	packet->out_port = packet->in_port;
	return KS_VERDICT_echo_reply;
}
