#include "forward_one_way.h"

#include <rte_branch_prediction.h>

#include "forward.h"
#include "forward_plain.h"
#include "parse_plain.h"

#define IPV4_BYTES ((uint32_t)sizeof(struct rte_ipv4_hdr))
#define IPV6_BYTES ((uint32_t)sizeof(struct rte_ipv6_hdr))
#define IPV4_RESERVED_FLAG 0x8000u

static inline uint8_t
lower_ttl4(uint8_t *ip)
{
	struct rte_ipv4_hdr *header = (struct rte_ipv4_hdr *)ip;

	header->hdr_checksum = ks_checksum_update(
		header->hdr_checksum, ks_checksum_fold(ks_checksum_delta_ttl(0)));
	return --header->time_to_live;
}

/* What stands between an outer header that ends here and the packet: the same for all but length.
 */
static inline void
put_shim(const struct ks_connection_half *half, uint8_t *at, uint32_t udp_bytes, bool is_v6)
{
	if (half->tunnel == KS_TUNNEL_GUE) {
		uint64_t udp = (uint64_t)rte_cpu_to_be_16((uint16_t)udp_bytes) << 32;
		uint32_t gue = (uint32_t)(is_v6 ? IPPROTO_IPV6 : IPPROTO_IPIP) << 8;
		uint32_t ports;

		memcpy(&ports, &half->source_port_be, sizeof(ports));
		udp |= ports;
		memcpy(at, &udp, sizeof(udp));
		memcpy(at + sizeof(udp), &gue, sizeof(gue));
	} else if (half->tunnel == KS_TUNNEL_GRE) {
		uint32_t gre = (uint32_t)(is_v6 ? RTE_BE16(RTE_ETHER_TYPE_IPV6)
						: RTE_BE16(RTE_ETHER_TYPE_IPV4))
			       << 16;

		memcpy(at, &gre, sizeof(gre));
	}
}

/*
 * The outer header is the inner one with other addresses, protocol and length: their difference is
 * a constant of the connection, as in NAT.
 */
static inline void
put_outer4(const struct ks_connection_half *half, uint8_t *ip, uint32_t inner_bytes)
{
	uint32_t bytes = inner_bytes + half->growth_bytes;
	uint8_t *at = ip - half->growth_bytes;
	struct rte_ipv4_hdr *outer = (struct rte_ipv4_hdr *)at;
	uint8_t ttl = lower_ttl4(ip);
	uint64_t first = ks_load64(ip);

	memcpy(at, &first, sizeof(first));
	outer->total_length = rte_cpu_to_be_16((uint16_t)bytes);
	outer->time_to_live = ttl;
	outer->next_proto_id = half->tunnel_protocol;
	outer->hdr_checksum =
		ks_checksum_update(((const struct rte_ipv4_hdr *)ip)->hdr_checksum, half->ip_delta);
	memcpy(&outer->src_addr, &half->source_be, 2 * sizeof(half->source_be));
	put_shim(half, at + IPV4_BYTES, bytes - IPV4_BYTES, false);
}

static inline void
put_outer6(const struct ks_connection_half *half, const struct ks_endpoints *of, uint8_t *ip,
	uint32_t inner_bytes)
{
	uint32_t l4_bytes = inner_bytes + half->growth_bytes - IPV6_BYTES;
	uint8_t *at = ip - half->growth_bytes;
	struct rte_ipv6_hdr *inner = (struct rte_ipv6_hdr *)ip;
	struct rte_ipv6_hdr *outer = (struct rte_ipv6_hdr *)at;

	inner->hop_limits--;
	outer->vtc_flow = inner->vtc_flow;
	outer->payload_len = rte_cpu_to_be_16((uint16_t)l4_bytes);
	outer->proto = half->tunnel_protocol;
	outer->hop_limits = inner->hop_limits;
	memcpy(outer->src_addr, &of->local, 2 * sizeof(of->local));
	put_shim(half, at + IPV6_BYTES, l4_bytes, true);
}

/* All that tunnels do that is no constant: other families outside, checksums of payload. */
static __rte_noinline void
encapsulate_slowly(struct ks_worker *worker, struct ks_packet *packet)
{
	ks_packet_trim(packet);
	ks_rewrite_tunnel(worker->connections, packet->half, packet);
}

/* The Ethernet header of a frame that begins here, and the lengths, without padding. */
static inline void
leave(struct ks_packet *packet, uint8_t *frame, uint64_t mac_word,
	const struct ks_worker_port *port, uint32_t ip_length_bytes)
{
	uint32_t length_bytes = ip_length_bytes + (uint32_t)sizeof(struct rte_ether_hdr);

	ks_put_macs(frame, mac_word, port->mac_word);
	packet->mbuf->data_len = (uint16_t)length_bytes;
	packet->mbuf->pkt_len = length_bytes;
	packet->out_port = packet->half->port;
}

/* The packet may go and the frame has room in front. */
static __rte_always_inline void
encapsulate(struct ks_worker *worker, struct ks_packet *packet, uint64_t mac_word, bool is_v6)
{
	const struct ks_connection_half *half = packet->half;
	const struct ks_worker_port *port = &worker->ports[half->port];
	uint32_t ip_length_bytes = packet->ip_length_bytes;
	uint32_t growth_bytes = half->growth_bytes;
	uint8_t *frame = packet->frame - growth_bytes;
	uint8_t *ip = ks_packet_ip(packet);
	const rte_be16_t type_be =
		is_v6 ? RTE_BE16(RTE_ETHER_TYPE_IPV6) : RTE_BE16(RTE_ETHER_TYPE_IPV4);

	packet->mbuf->data_off = (uint16_t)(packet->mbuf->data_off - growth_bytes);
	memcpy(frame + 2 * RTE_ETHER_ADDR_LEN, &type_be, sizeof(type_be));
	leave(packet, frame, mac_word, port, ip_length_bytes + growth_bytes);
	if (is_v6)
		put_outer6(half, ks_connection_endpoints(worker->connections, half), ip,
			ip_length_bytes);
	else
		put_outer4(half, ip, ip_length_bytes);
}

static inline bool
is_straight(const struct ks_connection_half *half, const uint8_t *ip, bool is_v6)
{
	const rte_be16_t reserved_be = RTE_BE16(IPV4_RESERVED_FLAG);
	const struct rte_ipv4_hdr *header = (const struct rte_ipv4_hdr *)ip;

	return half->ip_delta != 0 && (is_v6 || (header->fragment_offset & reserved_be) == 0);
}

static __rte_always_inline bool
tunnel(struct ks_worker *worker, struct ks_packet *packet, uint64_t mac_word, bool is_v6)
{
	if (unlikely(rte_pktmbuf_headroom(packet->mbuf) < packet->half->growth_bytes))
		return false;
	ks_plain_count(worker, packet->half, packet->ip_length_bytes);
	if (likely(is_straight(packet->half, ks_packet_ip(packet), is_v6))) {
		encapsulate(worker, packet, mac_word, is_v6);
	} else {
		encapsulate_slowly(worker, packet);
		leave(packet, packet->frame, mac_word, &worker->ports[packet->half->port],
			packet->ip_length_bytes);
	}
	return true;
}

bool
ks_forward_direct(struct ks_worker *worker, struct ks_packet *packet)
{
	struct ks_connection_half *half = packet->half;
	uint8_t *ip = ks_packet_ip(packet);
	const struct rte_ipv4_hdr *header = (const struct rte_ipv4_hdr *)ip;
	const struct ks_worker_port *port = &worker->ports[half->port];
	uint64_t mac_word = ks_neighbor_word(worker->neighbors, half->neighbor);

	if (unlikely(!ks_flow_keys_equal(&half->key, &packet->key) ||
		     !ks_plain_may_go(worker, packet, port, mac_word, header->time_to_live,
			     packet->ip_length_bytes)))
		return false;
	ks_plain_count(worker, half, packet->ip_length_bytes);
	ks_put_macs(packet->frame, mac_word, port->mac_word);
	packet->out_port = half->port;
	lower_ttl4(ip);
	ks_packet_trim(packet);
	return true;
}

bool
ks_forward_tunnel(struct ks_worker *worker, struct ks_packet *packet)
{
	struct ks_connection_half *half = packet->half;
	const struct rte_ipv4_hdr *ip = (const struct rte_ipv4_hdr *)ks_packet_ip(packet);
	uint64_t mac_word = ks_neighbor_word(worker->neighbors, half->neighbor);
	const struct ks_worker_port *port = &worker->ports[half->port];

	if (unlikely(!ks_flow_keys_equal(&half->key, &packet->key) ||
		     !ks_plain_may_go(worker, packet, port, mac_word, ip->time_to_live,
			     (uint32_t)packet->ip_length_bytes + half->growth_bytes)))
		return false;
	return tunnel(worker, packet, mac_word, false);
}

bool
ks_forward_one_way6(struct ks_worker *worker, struct ks_packet *packet)
{
	struct ks_connection_half *half = packet->half;
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)ks_packet_ip(packet);
	uint64_t mac_word = ks_neighbor_word(worker->neighbors, half->neighbor);
	const struct ks_worker_port *port = &worker->ports[half->port];

	if (unlikely(!ks_flow_keys_equal(&half->key, &packet->key) ||
		     !ks_connection_is_of(worker->connections, half, ip->src_addr) ||
		     !ks_plain_may_go(worker, packet, port, mac_word, ip->hop_limits,
			     (uint32_t)packet->ip_length_bytes + half->growth_bytes)))
		return false;
	if (half->path == KS_PATH_TUNNEL)
		return tunnel(worker, packet, mac_word, true);
	ks_plain_count(worker, half, packet->ip_length_bytes);
	ip->hop_limits--;
	leave(packet, packet->frame, mac_word, &worker->ports[half->port], packet->ip_length_bytes);
	return true;
}
