/*
 * Echo (RFC 792). The reply goes back to the MAC address that the request came from. It does not
 * verify the request's ICMP checksum: an error in it is still there in the reply.
 */
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

uint8_t
ks_icmp_answer(struct ks_packet *packet)
{
	struct rte_ether_hdr *ethernet = (struct rte_ether_hdr *)packet->frame;
	struct rte_icmp_hdr *icmp = (struct rte_icmp_hdr *)ks_packet_l4(packet);
	struct rte_ether_addr sender = ethernet->src_addr;
	uint64_t delta;

	if (sizeof(*ethernet) + packet->ip_length_bytes < packet->l4_offset_bytes + sizeof(*icmp))
		return KS_VERDICT_drop_malformed;
	if (icmp->icmp_type != RTE_IP_ICMP_ECHO_REQUEST || icmp->icmp_code != 0)
		return KS_VERDICT_punt_kernel;
	if (!ks_address_is_unicast(packet->key.source_be) || rte_is_multicast_ether_addr(&sender))
		return KS_VERDICT_drop_malformed;

	ethernet->src_addr = ethernet->dst_addr;
	ethernet->dst_addr = sender;
	turn_around_ipv4(packet);
	delta = ks_checksum_delta(
		0, RTE_BE16(RTE_IP_ICMP_ECHO_REQUEST << 8), RTE_BE16(RTE_IP_ICMP_ECHO_REPLY << 8));
	icmp->icmp_type = RTE_IP_ICMP_ECHO_REPLY;
	icmp->icmp_cksum = ks_checksum_update(icmp->icmp_cksum, ks_checksum_fold(delta));
	ks_packet_trim(packet);
	packet->out_port = packet->in_port;
	return KS_VERDICT_echo_reply;
}
