/*
 * Owner: the worker, one burst on its stack. Threads: the worker alone. Lifetime: a burst.
 *
 * A packet on its way through the pipeline: what parse found, what was decided so far.
 */
#ifndef KS_DATAPATH_PACKET_H
#define KS_DATAPATH_PACKET_H

#include <stdint.h>
#include <string.h>

#include <rte_common.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>

#include "rss.h"
#include "verdict.h"
#include "worker.h"

struct ks_bucket;
struct ks_connection_half;

/* No verdict yet. */
#define KS_VERDICT_UNDECIDED KS_VERDICT_COUNT

#define KS_TCP_FIN 0x01u
#define KS_TCP_SYN 0x02u
#define KS_TCP_RST 0x04u
#define KS_TCP_ACK 0x10u

enum ks_packet_kind {
	KS_PACKET_PLAIN,  /* as FLOW, IPv4 without options, in a frame of at least 54 octets */
	KS_PACKET_PLAIN6, /* as FLOW, IPv6 without extension headers */
	KS_PACKET_FLOW,   /* TCP, UDP or SCTP, whole: key and hash are set */
	KS_PACKET_ICMP,   /* of the packet's family */
	KS_PACKET_FRAGMENT,
	KS_PACKET_OPAQUE, /* its route or its header chain hides whom it is for in the end */
	KS_PACKET_OTHER,  /* any other unicast IPv4 or IPv6 */
};

/*
 * 16 bytes without padding, compared and hashed as two words. IPv4: as it stands in the packet.
 * IPv6: in place of both addresses, a keyed digest of them (hash.h); whoever finds a connection by
 * it compares the addresses themselves (struct ks_endpoints).
 */
struct ks_flow_key {
	union {
		struct {
			rte_be32_t source_be;
			rte_be32_t destination_be;
		};
		uint64_t digest;
	};
	rte_be16_t source_port_be;
	rte_be16_t destination_port_be;
	uint8_t protocol; /* 0: no key */
	uint8_t family;   /* enum ks_family */
	uint8_t zero[2];
};

struct ks_packet {
	struct ks_flow_key key; /* protocol and family are set for all IP, addresses for IPv4 */
	uint8_t *frame;
	struct rte_mbuf *mbuf;
	union {
		struct ks_bucket *bucket;        /* that its hash means, until it was looked at */
		struct ks_connection_half *half; /* the only one that may match; compare its key */
	};
	uint64_t hash;  /* of a flow's key; else 0 */
	uint32_t owner; /* steered only: the worker */
	uint16_t ip_length_bytes;
	uint8_t l4_offset_bytes; /* from the start of the frame */
	uint8_t kind;
	uint8_t tcp_flags;
	uint8_t verdict;
	uint8_t in_port;
	uint8_t out_port;
} __rte_cache_aligned;

_Static_assert(sizeof(struct ks_flow_key) == 16, "two words, no padding");
_Static_assert(sizeof(struct ks_packet) == 64, "one cache line");
_Static_assert(KS_VERDICT_COUNT < UINT8_MAX, "a verdict fits one byte");

/*
 * The two words of a key as it lies in memory, addresses and the rest. Writing a key by words
 * matters: octets that were just written one by one cannot be read back as a word without waiting.
 */
static inline uint64_t
ks_flow_key_addresses(rte_be32_t source_be, rte_be32_t destination_be)
{
	return source_be | (uint64_t)destination_be << 32;
}

static inline uint64_t
ks_flow_key_rest(uint32_t ports, uint8_t protocol, enum ks_family family)
{
	return ports | (uint64_t)protocol << 32 | (uint64_t)family << 40;
}

static inline void
ks_flow_key_set(struct ks_flow_key *key, uint64_t addresses, uint64_t rest)
{
	const uint64_t words[2] = {addresses, rest};

	memcpy(key, words, sizeof(words));
}

static inline uint8_t *
ks_packet_ip(const struct ks_packet *packet)
{
	return packet->frame + sizeof(struct rte_ether_hdr);
}

/* Source and destination, as they lie in a row in both families' headers. */
static inline uint8_t *
ks_packet_addresses(const struct ks_packet *packet)
{
	return ks_packet_ip(packet) + (packet->key.family == KS_IPV6
						      ? offsetof(struct rte_ipv6_hdr, src_addr)
						      : offsetof(struct rte_ipv4_hdr, src_addr));
}

static inline uint8_t *
ks_packet_l4(const struct ks_packet *packet)
{
	return packet->frame + packet->l4_offset_bytes;
}

static inline bool
ks_packet_is_v6(const struct ks_packet *packet)
{
	return packet->key.family == KS_IPV6;
}

static inline struct ks_ip
ks_packet_source(const struct ks_packet *packet)
{
	if (ks_packet_is_v6(packet))
		return ks_ip_from_octets(
			ks_packet_ip(packet) + offsetof(struct rte_ipv6_hdr, src_addr));
	return ks_ip_from_v4(packet->key.source_be);
}

static inline struct ks_ip
ks_packet_destination(const struct ks_packet *packet)
{
	if (ks_packet_is_v6(packet))
		return ks_ip_from_octets(
			ks_packet_ip(packet) + offsetof(struct rte_ipv6_hdr, dst_addr));
	return ks_ip_from_v4(packet->key.destination_be);
}

/* Of the transport header and its payload. */
static inline uint32_t
ks_packet_l4_bytes(const struct ks_packet *packet)
{
	return packet->ip_length_bytes + (uint32_t)sizeof(struct rte_ether_hdr) -
	       packet->l4_offset_bytes;
}

/*
 * Can be answered, and may come from afar: no multicast, broadcast, loopback, nor "this network";
 * of IPv6, neither unspecified nor an IPv4 address in its clothes (RFC 6890).
 */
static inline bool
ks_ipv4_is_unicast(rte_be32_t address_be)
{
	uint32_t first_octet = address_be & 0xff;

	return first_octet != 0 && first_octet != 127 && first_octet < 224;
}

static inline bool
ks_address_is_unicast(struct ks_ip address)
{
	if (ks_ip_is_v4(address))
		return ks_ipv4_is_unicast(ks_ip_v4(address));
	return (address.words[0] & 0xff) != 0xff &&
	       (address.words[0] != 0 || (uint32_t)address.words[1] != 0);
}

/* Cuts Ethernet padding off; parse has checked that the frame is not shorter. */
static inline void
ks_packet_trim(struct ks_packet *packet)
{
	uint16_t length = (uint16_t)(sizeof(struct rte_ether_hdr) + packet->ip_length_bytes);

	packet->mbuf->data_len = length;
	packet->mbuf->pkt_len = length;
}

#endif
