#include "forward_one_way.h"

#include <rte_branch_prediction.h>

#include "forward.h"
#include "forward_plain.h"
#include "parse_plain.h"

#define IPV4_BYTES ((uint32_t)sizeof(struct rte_ipv4_hdr))
#define IPV6_BYTES ((uint32_t)sizeof(struct rte_ipv6_hdr))
#define IPV4_RESERVED_FLAG 0x8000u

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
 * a constant of the connection, as in NAT. By words, and both checksums from the one that came, so
 * that neither waits for the other. at: where the outer one begins.
 */
static inline void
put_outer4(const struct ks_connection_half *half, uint8_t *ip, uint8_t *at, uint32_t bytes)
{
	uint64_t first = ks_load64(ip) & ~(UINT64_C(0xffff) << 16);
	uint32_t second = ks_load32(ip + sizeof(first)) - 1; /* TTL, protocol, checksum */
	uint16_t checksum = (uint16_t)(second >> 16);
	uint32_t inner = (second & 0xffff) |
			 (uint32_t)ks_checksum_update(checksum, KS_CHECKSUM_DELTA_TTL) << 16;
	uint32_t outer = (second & 0xff) | (uint32_t)half->tunnel_protocol << 8 |
			 (uint32_t)ks_checksum_update(checksum, half->ip_delta) << 16;

	first |= (uint64_t)rte_cpu_to_be_16((uint16_t)bytes) << 16;
	memcpy(ip + sizeof(first), &inner, sizeof(inner));
	memcpy(at, &first, sizeof(first));
	memcpy(at + sizeof(first), &outer, sizeof(outer));
	memcpy(at + offsetof(struct rte_ipv4_hdr, src_addr), &half->source_be, 8);
	if (half->tunnel != KS_TUNNEL_IPIP)
		put_shim(half, at + IPV4_BYTES, bytes - IPV4_BYTES, false);
}

static inline void
put_outer6(const struct ks_connection_half *half, const struct ks_endpoints *of, uint8_t *ip,
	uint8_t *at, uint32_t bytes)
{
	struct rte_ipv6_hdr *inner = (struct rte_ipv6_hdr *)ip;
	struct rte_ipv6_hdr *outer = (struct rte_ipv6_hdr *)at;

	inner->hop_limits--;
	outer->vtc_flow = inner->vtc_flow;
	outer->payload_len = rte_cpu_to_be_16((uint16_t)(bytes - IPV6_BYTES));
	outer->proto = half->tunnel_protocol;
	outer->hop_limits = inner->hop_limits;
	memcpy(outer->src_addr, &of->local, 2 * sizeof(of->local));
	if (half->tunnel != KS_TUNNEL_IPIP)
		put_shim(half, at + IPV6_BYTES, bytes - IPV6_BYTES, true);
}

/* All that tunnels do that is no constant: other families outside, checksums of payload. */
static __rte_noinline void
encapsulate_slowly(struct ks_worker *worker, struct ks_packet *packet)
{
	ks_packet_trim(packet);
	ks_rewrite_tunnel(worker->connections, packet->half, packet);
}

static inline bool
is_straight(const struct ks_connection_half *half, const uint8_t *ip, bool is_v6)
{
	const rte_be16_t reserved_be = RTE_BE16(IPV4_RESERVED_FLAG);
	const struct rte_ipv4_hdr *header = (const struct rte_ipv4_hdr *)ip;

	return half->ip_delta != 0 && (is_v6 || (header->fragment_offset & reserved_be) == 0);
}

/* The packet may go but for what the tunnel adds. */
static __rte_always_inline bool
encapsulate(struct ks_worker *worker, struct ks_packet *packet, uint32_t mtu_bytes, bool is_v6)
{
	const struct ks_connection_half *half = packet->half;
	const rte_be16_t type_be =
		is_v6 ? RTE_BE16(RTE_ETHER_TYPE_IPV6) : RTE_BE16(RTE_ETHER_TYPE_IPV4);
	struct rte_mbuf *mbuf = packet->mbuf;
	uint8_t *ip = ks_packet_ip(packet);
	uint32_t growth_bytes = half->growth_bytes;
	uint32_t bytes = packet->ip_length_bytes + growth_bytes;
	uint8_t *at;

	if (unlikely(bytes > mtu_bytes || mbuf->data_off < growth_bytes))
		return false;
	if (unlikely(!is_straight(half, ip, is_v6))) {
		encapsulate_slowly(worker, packet);
		return true;
	}
	at = ip - growth_bytes;
	memcpy(at - sizeof(type_be), &type_be, sizeof(type_be));
	if (is_v6)
		put_outer6(half, ks_connection_endpoints(worker->connections, half), ip, at, bytes);
	else
		put_outer4(half, ip, at, bytes);
	mbuf->data_off = (uint16_t)(mbuf->data_off - growth_bytes);
	packet->frame = at - sizeof(struct rte_ether_hdr);
	packet->ip_length_bytes = (uint16_t)bytes;
	return true;
}

bool
ks_encapsulate_plain(struct ks_worker *worker, struct ks_packet *packet, uint32_t mtu_bytes)
{
	return encapsulate(worker, packet, mtu_bytes, false);
}

bool
ks_forward_one_way6(struct ks_worker *worker, struct ks_packet *packet)
{
	struct ks_connection_half *half = packet->half;
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)ks_packet_ip(packet);
	uint64_t mac_word = ks_neighbor_word(worker->neighbors, half->neighbor);
	const struct ks_worker_port *port = &worker->ports[half->port];
	uint32_t ip_length_bytes = packet->ip_length_bytes;

	if (unlikely(!ks_flow_keys_equal(&half->key, &packet->key) ||
		     !ks_connection_is_of(worker->connections, half, ip->src_addr) ||
		     !ks_plain_may_go(
			     worker, packet, port, mac_word, ip->hop_limits, ip_length_bytes)))
		return false;
	if (half->path == KS_PATH_DIRECT)
		ip->hop_limits--;
	else if (!encapsulate(worker, packet, port->mtu_bytes, true))
		return false;
	ks_plain_count(worker, half, ip_length_bytes);
	ks_put_macs(packet->frame, mac_word, port->mac_word);
	ks_packet_trim(packet);
	packet->out_port = half->port;
	return true;
}
