/* RST for a TCP segment that belongs to nobody: the headers turned round, nothing behind them. */
#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_tcp.h>

#include "checksum.h"
#include "icmp_reply.h"

#define REPLY_TTL 64u

/* What the segment took of the sequence space. */
static uint32_t
segment_length(const struct ks_packet *packet, const struct rte_tcp_hdr *tcp)
{
	uint32_t header_bytes = (tcp->data_off >> 4) * 4u;
	uint32_t ip_header_bytes = packet->l4_offset_bytes - (uint32_t)sizeof(struct rte_ether_hdr);

	return packet->ip_length_bytes - ip_header_bytes - header_bytes +
	       ((packet->tcp_flags & KS_TCP_SYN) != 0) + ((packet->tcp_flags & KS_TCP_FIN) != 0);
}

/* RFC 9293, 3.10.7.1: with an acknowledgement, that is our sequence; else we acknowledge. */
static void
turn_tcp(struct ks_packet *packet, struct rte_tcp_hdr *tcp)
{
	rte_be16_t port_be = tcp->src_port;
	uint32_t next = rte_be_to_cpu_32(tcp->sent_seq) + segment_length(packet, tcp);
	bool is_acknowledged = (packet->tcp_flags & KS_TCP_ACK) != 0;

	tcp->src_port = tcp->dst_port;
	tcp->dst_port = port_be;
	tcp->sent_seq = is_acknowledged ? tcp->recv_ack : 0;
	tcp->recv_ack = is_acknowledged ? 0 : rte_cpu_to_be_32(next);
	tcp->tcp_flags = is_acknowledged ? KS_TCP_RST : KS_TCP_RST | KS_TCP_ACK;
	tcp->data_off = sizeof(*tcp) / 4 << 4;
	tcp->rx_win = 0;
	tcp->tcp_urp = 0;
	tcp->cksum = 0;
}

/* Options and extension headers were the sender's alone. Returns where TCP is now. */
static struct rte_tcp_hdr *
drop_options(struct ks_packet *packet)
{
	uint32_t header_bytes =
		ks_packet_is_v6(packet) ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr);
	uint8_t *to = ks_packet_ip(packet) + header_bytes;

	memmove(to, ks_packet_l4(packet), sizeof(struct rte_tcp_hdr));
	packet->l4_offset_bytes = (uint8_t)(to - packet->frame);
	packet->ip_length_bytes = (uint16_t)(header_bytes + sizeof(struct rte_tcp_hdr));
	return (struct rte_tcp_hdr *)to;
}

static void
turn_ipv4(struct ks_packet *packet)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)ks_packet_ip(packet);

	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->src_addr = packet->key.destination_be;
	ip->dst_addr = packet->key.source_be;
	ip->total_length = rte_cpu_to_be_16(packet->ip_length_bytes);
	ip->time_to_live = REPLY_TTL;
	ip->hdr_checksum = 0;
	ip->hdr_checksum =
		(uint16_t)~ks_checksum_fold(ks_checksum_add(0, ks_packet_ip(packet), sizeof(*ip)));
}

static void
turn_ipv6(struct ks_packet *packet)
{
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)ks_packet_ip(packet);
	struct ks_ip source = ks_packet_source(packet);

	ip->proto = IPPROTO_TCP;
	memmove(ip->src_addr, ip->dst_addr, sizeof(ip->src_addr));
	memcpy(ip->dst_addr, &source, sizeof(source));
	ip->payload_len = rte_cpu_to_be_16((uint16_t)(packet->ip_length_bytes - sizeof(*ip)));
	ip->hop_limits = REPLY_TTL;
}

uint8_t
ks_reset_reply(struct ks_worker *worker, struct ks_packet *packet, uint8_t drop)
{
	struct rte_ether_hdr *ethernet = (struct rte_ether_hdr *)packet->frame;
	struct rte_tcp_hdr *tcp = (struct rte_tcp_hdr *)ks_packet_l4(packet);
	struct rte_ether_addr sender = ethernet->src_addr;
	uint64_t pseudo;

	if ((packet->tcp_flags & KS_TCP_RST) != 0 || worker->replies_left == 0 ||
		!ks_address_is_unicast(ks_packet_source(packet)) ||
		rte_is_multicast_ether_addr(&ethernet->dst_addr) ||
		rte_is_multicast_ether_addr(&sender))
		return drop;
	worker->replies_left--;
	turn_tcp(packet, tcp);
	tcp = drop_options(packet);
	if (ks_packet_is_v6(packet))
		turn_ipv6(packet);
	else
		turn_ipv4(packet);
	pseudo = ks_checksum_pseudo_header(
		ks_packet_addresses(packet), packet->key.family, IPPROTO_TCP, sizeof(*tcp));
	tcp->cksum = (uint16_t)~ks_checksum_fold(
		ks_checksum_add(pseudo, (const uint8_t *)tcp, sizeof(*tcp)));
	ethernet->src_addr = ethernet->dst_addr;
	ethernet->dst_addr = sender;
	ks_packet_trim(packet);
	packet->out_port = packet->in_port;
	return KS_VERDICT_reset_reply;
}
