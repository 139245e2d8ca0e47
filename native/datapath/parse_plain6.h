/*
 * Owner: nobody, pure functions. Threads: any. Lifetime: the program.
 *
 * As parse_plain.h for IPv6: no extension header, TCP or UDP, unicast to the port. Whatever fails
 * here is for ks_parse to name.
 */
#ifndef KS_DATAPATH_PARSE_PLAIN6_H
#define KS_DATAPATH_PARSE_PLAIN6_H

#include "parse_plain.h"

#define KS_PLAIN6_L4_OFFSET 54u
/* So that every word that is looked at is there: UDP without payload. */
#define KS_PLAIN6_FRAME_BYTES_MIN 62u

/* Whether the address, its second word, is an IPv4 one in the clothes of IPv6. */
static inline bool
ks_plain6_is_v4(const uint8_t *address)
{
	return ks_load64(address) == 0 && ks_load32(address + 8) == (uint32_t)KS_IP_V4_MARK;
}

/* As ks_parse_plain; kind PLAIN6. Of TCP the header's length is only read when it is there. */
static inline bool
ks_parse_plain6(struct ks_packet *packet, uint8_t *frame, uint32_t length_bytes, uint64_t mac_word,
	const struct ks_hash_secret *secret)
{
	/* Ethernet type and version. */
	const uint32_t type_and_version = (uint32_t)RTE_BE16(RTE_ETHER_TYPE_IPV6) | 0x60u << 16;
	uint8_t *ip = frame + sizeof(struct rte_ether_hdr);
	const struct rte_ipv6_hdr *header = (const struct rte_ipv6_hdr *)ip;
	uint32_t l4_bytes;
	uint64_t digest, rest;
	uint8_t protocol;

	if (unlikely(length_bytes < KS_PLAIN6_FRAME_BYTES_MIN))
		return false;
	l4_bytes = rte_be_to_cpu_16(header->payload_len);
	protocol = header->proto;
	if (unlikely(ks_load64(frame) << 16 != mac_word ||
		     (ks_load32(frame + 12) & 0xf0ffff) != type_and_version ||
		     l4_bytes > length_bytes - KS_PLAIN6_L4_OFFSET ||
		     l4_bytes < sizeof(struct rte_udp_hdr) || header->src_addr[0] == 0xff ||
		     ks_plain6_is_v4(header->src_addr) || ks_plain6_is_v4(header->dst_addr) ||
		     (protocol == IPPROTO_TCP && l4_bytes < sizeof(struct rte_tcp_hdr)) ||
		     !ks_plain_l4_is_sound(ip + sizeof(*header), protocol, l4_bytes)))
		return false;
	digest = ks_hash_digest(secret, header->src_addr);
	rest = ks_flow_key_rest(ks_load32(ip + sizeof(*header)), protocol, KS_IPV6);
	ks_flow_key_set(&packet->key, digest, rest);
	packet->hash = ks_hash_words(secret, digest, rest);
	packet->frame = frame;
	packet->ip_length_bytes = (uint16_t)(l4_bytes + sizeof(*header));
	packet->l4_offset_bytes = KS_PLAIN6_L4_OFFSET;
	packet->kind = KS_PACKET_PLAIN6;
	packet->tcp_flags = protocol == IPPROTO_TCP
				    ? ip[sizeof(*header) + offsetof(struct rte_tcp_hdr, tcp_flags)]
				    : 0;
	packet->verdict = KS_VERDICT_UNDECIDED;
	return true;
}

#endif
