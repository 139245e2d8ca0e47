/*
 * Owner: nobody, pure functions. Threads: any. Lifetime: the program.
 *
 * Parsing of the common case by as few comparisons as it takes: IPv4 without options or fragments,
 * TCP or UDP, unicast to the port, checksum sound. Whatever fails here is for ks_parse to name.
 */
#ifndef KS_DATAPATH_PARSE_PLAIN_H
#define KS_DATAPATH_PARSE_PLAIN_H

#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "hash.h"
#include "packet.h"

/* Ethernet, IPv4 and TCP without options: the shortest frame that is looked at. */
#define KS_PLAIN_FRAME_BYTES_MIN 54u
#define KS_PLAIN_L4_OFFSET 34u

static inline uint64_t
ks_load64(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint32_t
ks_load32(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/*
 * The sum of an IPv4 header is 0 modulo 65535 (RFC 1071). 2^64 is 1 modulo 65535, so words of 64
 * bits may be added with their carry going round; and a multiple of 65535, an odd number, is told
 * by the product with its inverse modulo 2^64. No header sums up to 0: it begins with 0x45.
 */
static inline bool
ks_plain_checksum_is_sound(const uint8_t *ip)
{
	const uint64_t inverse = UINT64_C(0xfffefffefffeffff);
	uint64_t sum;
	bool carry = __builtin_add_overflow(ks_load64(ip), ks_load64(ip + 8), &sum);

	sum += carry;
	carry = __builtin_add_overflow(sum, (uint64_t)ks_load32(ip + 16), &sum);
	return (sum + carry) * inverse <= UINT64_MAX / UINT16_MAX;
}

/* The length that the transport header tells is possible; excess_bytes: what follows IPv4's. */
static inline bool
ks_plain_l4_is_sound(const uint8_t *l4, uint8_t protocol, uint32_t excess_bytes)
{
	if (likely(protocol == IPPROTO_TCP)) {
		uint32_t header_bytes = (l4[offsetof(struct rte_tcp_hdr, data_off)] >> 2) & 0x3cu;

		return header_bytes >= sizeof(struct rte_tcp_hdr) && header_bytes <= excess_bytes;
	}
	const struct rte_udp_hdr *udp = (const struct rte_udp_hdr *)l4;
	uint32_t datagram_bytes = rte_be_to_cpu_16(udp->dgram_len);

	return protocol == IPPROTO_UDP && datagram_bytes >= sizeof(*udp) &&
	       datagram_bytes <= excess_bytes;
}

/*
 * Sets what ks_parse sets, kind PLAIN and the hash. False: not such a frame, and what was set means
 * nothing. mac_word: the port's.
 */
static inline bool
ks_parse_plain(struct ks_packet *packet, uint8_t *frame, uint32_t length_bytes, uint64_t mac_word,
	const struct ks_hash_secret *secret)
{
	/* Ethernet type, version and header length: three octets in a row. */
	const uint32_t type_and_version = (uint32_t)RTE_BE16(RTE_ETHER_TYPE_IPV4) | 0x45u << 16;
	uint8_t *ip = frame + sizeof(struct rte_ether_hdr);
	const struct rte_ipv4_hdr *header = (const struct rte_ipv4_hdr *)ip;
	uint32_t ip_bytes;
	uint64_t addresses, rest;
	uint8_t protocol;

	if (unlikely(length_bytes < KS_PLAIN_FRAME_BYTES_MIN))
		return false;
	ip_bytes = rte_be_to_cpu_16(header->total_length);
	protocol = header->next_proto_id;
	if (unlikely(ks_load64(frame) << 16 != mac_word ||
		     (ks_load32(frame + 12) & 0xffffff) != type_and_version ||
		     (header->fragment_offset &
			     RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)) != 0 ||
		     ip_bytes > length_bytes - sizeof(struct rte_ether_hdr) ||
		     ip_bytes < sizeof(*header) || !ks_plain_checksum_is_sound(ip) ||
		     !ks_plain_l4_is_sound(
			     ip + sizeof(*header), protocol, ip_bytes - (uint32_t)sizeof(*header))))
		return false;
	addresses = ks_load64(ip + offsetof(struct rte_ipv4_hdr, src_addr));
	rest = ks_flow_key_rest(ks_load32(ip + sizeof(*header)), protocol, KS_IPV4);
	ks_flow_key_set(&packet->key, addresses, rest);
	packet->hash = ks_hash_words(secret, addresses, rest);
	packet->frame = frame;
	packet->ip_length_bytes = (uint16_t)ip_bytes;
	packet->l4_offset_bytes = KS_PLAIN_L4_OFFSET;
	packet->kind = KS_PACKET_PLAIN;
	packet->tcp_flags = protocol == IPPROTO_TCP
				    ? ip[sizeof(*header) + offsetof(struct rte_tcp_hdr, tcp_flags)]
				    : 0;
	packet->verdict = KS_VERDICT_UNDECIDED;
	return true;
}

#endif
