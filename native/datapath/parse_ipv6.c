/*
 * IPv6 (RFC 8200) and its extension headers, as far as to the transport header. Behind a chain that
 * is longer than the data plane follows, or in disorder, there is no transport header to be found:
 * such a packet is opaque. On its way to others that is nobody's business but theirs.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_ip.h>

#include "parse.h"

/* An offset of the transport header, from the start of the frame, fits one byte. */
#define L4_OFFSET_MAX 240u
#define EXTENSION_UNIT_BYTES 8u
#define ND_FIRST 133u /* router solicitation */
#define ND_LAST 137u  /* redirect (RFC 4861) */

struct chain {
	uint8_t header; /* the next one */
	bool is_fragment;
	uint32_t offset_bytes; /* of it, from the start of the IPv6 header */
	uint32_t end_bytes;
};

/* Steps over one extension header; UNDECIDED: there may be another. */
static uint8_t
step_over(struct chain *chain, const uint8_t *ip)
{
	const uint8_t *header = ip + chain->offset_bytes;
	uint32_t length_bytes = EXTENSION_UNIT_BYTES;

	if (chain->end_bytes - chain->offset_bytes < EXTENSION_UNIT_BYTES)
		return KS_VERDICT_drop_malformed;
	if (chain->header == IPPROTO_FRAGMENT) {
		/* Offset 0 and no more: an atomic fragment (RFC 6946), as good as whole. */
		chain->is_fragment = ((header[2] << 8 | header[3]) & 0xfff9) != 0;
	} else {
		length_bytes += header[1] * EXTENSION_UNIT_BYTES;
		/*
		 * With segments left the destination is not the last one (RFC 8200, 4.4);
		 * hop-by-hop options may only stand first (4.1).
		 */
		if ((chain->header == IPPROTO_ROUTING && header[3] != 0) ||
			(chain->header == IPPROTO_HOPOPTS &&
				chain->offset_bytes != sizeof(struct rte_ipv6_hdr)))
			return KS_VERDICT_drop_header_chain;
	}
	if (length_bytes > chain->end_bytes - chain->offset_bytes)
		return KS_VERDICT_drop_malformed;
	chain->header = header[0];
	chain->offset_bytes += length_bytes;
	return KS_VERDICT_UNDECIDED;
}

static bool
is_extension(uint8_t header)
{
	return header == IPPROTO_HOPOPTS || header == IPPROTO_DSTOPTS ||
	       header == IPPROTO_ROUTING || header == IPPROTO_FRAGMENT;
}

static uint8_t
follow(struct chain *chain, const uint8_t *ip)
{
	while (unlikely(is_extension(chain->header))) {
		uint8_t verdict = step_over(chain, ip);

		if (verdict != KS_VERDICT_UNDECIDED)
			return verdict;
		if (chain->offset_bytes > L4_OFFSET_MAX - sizeof(struct rte_ether_hdr))
			return KS_VERDICT_drop_header_chain;
		if (chain->is_fragment)
			break;
	}
	return KS_VERDICT_UNDECIDED;
}

bool
ks_parse_find_transport(
	const uint8_t *ip, uint32_t length_bytes, uint8_t *protocol, uint32_t *offset_bytes)
{
	struct chain chain = {.header = ((const struct rte_ipv6_hdr *)ip)->proto,
		.offset_bytes = sizeof(struct rte_ipv6_hdr),
		.end_bytes = length_bytes};

	if (length_bytes < sizeof(struct rte_ipv6_hdr) ||
		follow(&chain, ip) != KS_VERDICT_UNDECIDED || chain.is_fragment)
		return false;
	*protocol = chain.header;
	*offset_bytes = chain.offset_bytes;
	return true;
}

/* An IPv4 address may not come in an IPv6 header: inside, it would be taken for the IPv4 one. */
static bool
is_martian(const uint8_t *addresses)
{
	struct ks_ip source = ks_ip_from_octets(addresses);

	return ks_ip_is_v4(source) || ks_ip_is_v4(ks_ip_from_octets(addresses + 16)) ||
	       addresses[0] == 0xff;
}

static uint8_t
parse_icmp(struct ks_packet *packet, uint32_t length_bytes)
{
	uint8_t type;

	if (length_bytes < 4)
		return KS_VERDICT_drop_malformed;
	type = *ks_packet_l4(packet);
	if (type >= ND_FIRST && type <= ND_LAST)
		return KS_VERDICT_punt_nd;
	packet->kind = KS_PACKET_ICMP;
	return KS_VERDICT_UNDECIDED;
}

uint8_t
ks_parse_ipv6(struct ks_packet *packet, uint32_t length_bytes)
{
	const uint8_t *ip = ks_packet_ip(packet);
	const struct rte_ipv6_hdr *header = (const struct rte_ipv6_hdr *)ip;
	struct chain chain = {.offset_bytes = sizeof(*header)};
	uint8_t verdict;

	if (unlikely(length_bytes < sizeof(*header)))
		return KS_VERDICT_drop_truncated;
	if (unlikely(ip[0] >> 4 != 6))
		return KS_VERDICT_drop_malformed;
	chain.end_bytes = sizeof(*header) + rte_be_to_cpu_16(header->payload_len);
	if (unlikely(length_bytes < chain.end_bytes))
		return KS_VERDICT_drop_truncated;
	if (unlikely(is_martian(header->src_addr)))
		return KS_VERDICT_drop_martian;
	chain.header = header->proto;
	packet->ip_length_bytes = (uint16_t)chain.end_bytes;
	packet->tcp_flags = 0;
	verdict = follow(&chain, ip);
	packet->l4_offset_bytes = (uint8_t)(sizeof(struct rte_ether_hdr) + chain.offset_bytes);
	packet->key = (struct ks_flow_key){.protocol = chain.header, .family = KS_IPV6};
	if (unlikely(verdict == KS_VERDICT_drop_header_chain)) {
		packet->l4_offset_bytes = (uint8_t)(sizeof(struct rte_ether_hdr) + sizeof(*header));
		packet->kind = KS_PACKET_OPAQUE;
		return KS_VERDICT_UNDECIDED;
	}
	if (unlikely(verdict != KS_VERDICT_UNDECIDED))
		return verdict;
	if (unlikely(chain.is_fragment)) {
		packet->kind = KS_PACKET_FRAGMENT;
		return KS_VERDICT_UNDECIDED;
	}
	if (chain.header == IPPROTO_ICMPV6)
		return parse_icmp(packet, chain.end_bytes - chain.offset_bytes);
	return ks_parse_transport(packet, chain.end_bytes - chain.offset_bytes);
}
