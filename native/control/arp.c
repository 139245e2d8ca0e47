#include "arp.h"

#include <string.h>

#define FRAME_BYTES (sizeof(struct rte_ether_hdr) + sizeof(struct rte_arp_hdr))

static const struct rte_ether_addr broadcast = {.addr_bytes = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

bool
ks_arp_read(const struct rte_mbuf *packet, struct ks_arp *arp)
{
	const struct rte_arp_hdr *header;

	if (rte_pktmbuf_data_len(packet) < FRAME_BYTES)
		return false;
	header = rte_pktmbuf_mtod_offset(
		packet, const struct rte_arp_hdr *, sizeof(struct rte_ether_hdr));
	if (header->arp_hardware != RTE_BE16(RTE_ARP_HRD_ETHER) ||
		header->arp_protocol != RTE_BE16(RTE_ETHER_TYPE_IPV4) ||
		header->arp_hlen != RTE_ETHER_ADDR_LEN || header->arp_plen != sizeof(rte_be32_t) ||
		(header->arp_opcode != RTE_BE16(RTE_ARP_OP_REQUEST) &&
			header->arp_opcode != RTE_BE16(RTE_ARP_OP_REPLY)))
		return false;
	arp->is_request = header->arp_opcode == RTE_BE16(RTE_ARP_OP_REQUEST);
	arp->sender_be = header->arp_data.arp_sip;
	arp->target_be = header->arp_data.arp_tip;
	arp->sender_mac = header->arp_data.arp_sha;
	return !rte_is_multicast_ether_addr(&arp->sender_mac) &&
	       !rte_is_zero_ether_addr(&arp->sender_mac);
}

void
ks_arp_answer(struct rte_mbuf *packet, const struct rte_ether_addr *mac)
{
	struct rte_ether_hdr *ethernet = rte_pktmbuf_mtod(packet, struct rte_ether_hdr *);
	struct rte_arp_hdr *header = (struct rte_arp_hdr *)(ethernet + 1);
	rte_be32_t target_be = header->arp_data.arp_tip;

	ethernet->dst_addr = header->arp_data.arp_sha;
	ethernet->src_addr = *mac;
	header->arp_opcode = RTE_BE16(RTE_ARP_OP_REPLY);
	header->arp_data.arp_tha = header->arp_data.arp_sha;
	header->arp_data.arp_tip = header->arp_data.arp_sip;
	header->arp_data.arp_sha = *mac;
	header->arp_data.arp_sip = target_be;
}

static void
build_request(struct rte_mbuf *packet, const struct ks_arp_request *request,
	const struct rte_ether_addr *target_mac)
{
	struct rte_ether_hdr *ethernet = rte_pktmbuf_mtod(packet, struct rte_ether_hdr *);
	struct rte_arp_hdr *header = (struct rte_arp_hdr *)(ethernet + 1);

	ethernet->dst_addr = request->to != NULL ? *request->to : broadcast;
	ethernet->src_addr = *request->from;
	ethernet->ether_type = RTE_BE16(RTE_ETHER_TYPE_ARP);
	header->arp_hardware = RTE_BE16(RTE_ARP_HRD_ETHER);
	header->arp_protocol = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	header->arp_hlen = RTE_ETHER_ADDR_LEN;
	header->arp_plen = sizeof(rte_be32_t);
	header->arp_opcode = RTE_BE16(RTE_ARP_OP_REQUEST);
	header->arp_data.arp_sha = *request->from;
	header->arp_data.arp_sip = request->sender_be;
	header->arp_data.arp_tha = *target_mac;
	header->arp_data.arp_tip = request->target_be;
	rte_pktmbuf_data_len(packet) = FRAME_BYTES;
	rte_pktmbuf_pkt_len(packet) = FRAME_BYTES;
}

void
ks_arp_ask(struct rte_mbuf *packet, const struct ks_arp_request *request)
{
	static const struct rte_ether_addr unknown;

	build_request(packet, request, &unknown);
}

void
ks_arp_announce(struct rte_mbuf *packet, const struct rte_ether_addr *mac, rte_be32_t address_be)
{
	const struct ks_arp_request request = {
		.from = mac, .sender_be = address_be, .target_be = address_be};

	build_request(packet, &request, &broadcast);
}
