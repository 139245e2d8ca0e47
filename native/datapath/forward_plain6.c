#include "forward_plain6.h"

#include <smmintrin.h>

#include <rte_branch_prediction.h>

#include "forward_one_way.h"
#include "forward_plain.h"

/*
 * Addresses lie as client, virtual, local, server: a packet of one direction has the first two and
 * leaves with the others, of the other direction all in reverse.
 */
struct addresses {
	__m128i source, destination;
};

static inline struct addresses
load_addresses(const struct ks_endpoints *of, uintptr_t source_offset)
{
	const uint8_t *bytes = (const uint8_t *)of;

	return (struct addresses){
		_mm_load_si128((const __m128i *)(const void *)(bytes + source_offset)),
		_mm_load_si128((const __m128i *)(const void *)(bytes + (source_offset ^ 16)))};
}

static inline bool
are_of(const struct addresses *known, const uint8_t *octets)
{
	__m128i source = _mm_loadu_si128((const __m128i *)(const void *)octets);
	__m128i destination = _mm_loadu_si128((const __m128i *)(const void *)(octets + 16));
	__m128i different = _mm_or_si128(_mm_xor_si128(known->source, source),
		_mm_xor_si128(known->destination, destination));

	return _mm_testz_si128(different, different) != 0;
}

/* Hop limit one lower; the checksum is that of the transport header alone. */
static inline void
rewrite(const struct ks_connection_half *half, struct rte_ipv6_hdr *ip, uint8_t hops,
	const struct addresses *leaving)
{
	ip->hop_limits = (uint8_t)(hops - 1);
	_mm_storeu_si128((__m128i *)(void *)ip->src_addr, leaving->source);
	_mm_storeu_si128((__m128i *)(void *)ip->dst_addr, leaving->destination);
	ks_rewrite_plain_l4(half, (uint8_t *)(ip + 1));
}

static inline bool
forward_nat(struct ks_worker *worker, struct ks_packet *packet)
{
	struct ks_connection_half *half = packet->half;
	const struct ks_endpoints *of = ks_connection_endpoints(worker->connections, half);
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)ks_packet_ip(packet);
	const struct ks_worker_port *port = &worker->ports[half->port];
	uint64_t mac_word = ks_neighbor_word(worker->neighbors, half->neighbor);
	uintptr_t source_offset = half->direction == KS_FROM_CLIENT ? 0 : 48;
	struct addresses arriving = load_addresses(of, source_offset);
	struct addresses leaving = load_addresses(of, source_offset ^ 32);

	if (unlikely(!ks_flow_keys_equal(&half->key, &packet->key) ||
		     !are_of(&arriving, ip->src_addr) ||
		     !ks_plain_may_go(worker, packet, port, mac_word, ip->hop_limits,
			     packet->ip_length_bytes)))
		return false;
	ks_plain_count(worker, half, packet->ip_length_bytes);
	rewrite(half, ip, ip->hop_limits, &leaving);
	ks_put_macs(packet->frame, mac_word, port->mac_word);
	ks_packet_trim(packet);
	packet->out_port = half->port;
	return true;
}

bool
ks_forward_plain6(struct ks_worker *worker, struct ks_packet *packet)
{
	if (likely(packet->half->path == KS_PATH_NAT66))
		return forward_nat(worker, packet);
	return ks_connection_is_one_way(packet->half) && ks_forward_one_way6(worker, packet);
}
