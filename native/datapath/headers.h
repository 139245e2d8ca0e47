/*
 * Owner: the caller, on its stack. Threads: the worker alone. Lifetime: one packet's way.
 *
 * Where the headers of a TCP or UDP packet are, and how octets get between them: what lies in
 * front moves down into the headroom, what lies behind stays where it is. Lengths and the IPv4
 * checksum follow; the checksum of TCP or UDP does by ks_headers_rest and ks_headers_seal, without
 * reading the payload. Whoever kept a pointer to the start of the frame must take it anew.
 */
#ifndef KS_DATAPATH_HEADERS_H
#define KS_DATAPATH_HEADERS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <netinet/in.h>

#include <rte_ip.h>
#include <rte_mbuf.h>

struct ks_headers {
	struct rte_mbuf *mbuf;    /* of one segment, without padding of the link */
	uint16_t ip_offset_bytes; /* from the start of the frame */
	uint16_t l4_offset_bytes;
	uint8_t protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	bool is_v6;
};

static inline uint8_t *
ks_headers_ip(const struct ks_headers *headers)
{
	return rte_pktmbuf_mtod_offset(headers->mbuf, uint8_t *, headers->ip_offset_bytes);
}

static inline uint8_t *
ks_headers_l4(const struct ks_headers *headers)
{
	return rte_pktmbuf_mtod_offset(headers->mbuf, uint8_t *, headers->l4_offset_bytes);
}

/* From the IP header to the end of the packet. */
static inline uint32_t
ks_headers_ip_bytes(const struct ks_headers *headers)
{
	return (uint32_t)headers->mbuf->data_len - headers->ip_offset_bytes;
}

static inline uint32_t
ks_headers_l4_bytes(const struct ks_headers *headers)
{
	return (uint32_t)headers->mbuf->data_len - headers->l4_offset_bytes;
}

/* The IP header alone: nothing between it and TCP or UDP. */
static inline bool
ks_headers_are_adjacent(const struct ks_headers *headers)
{
	return (uint32_t)headers->l4_offset_bytes - headers->ip_offset_bytes ==
	       (headers->is_v6 ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr));
}

/* Whether that many octets more find room in front. */
static inline bool
ks_headers_can_grow(const struct ks_headers *headers, uint32_t added_bytes)
{
	return added_bytes <= rte_pktmbuf_headroom(headers->mbuf) &&
	       ks_headers_ip_bytes(headers) + added_bytes <=
		       UINT16_MAX - sizeof(struct rte_ipv6_hdr);
}

/*
 * Makes room in front of what is at_bytes behind the start of the frame, and answers where: octets
 * that the caller writes. ks_headers_can_grow has said yes.
 */
uint8_t *ks_headers_insert(struct ks_headers *headers, uint32_t at_bytes, uint32_t added_bytes);

/* Takes octets out of the packet, from at_bytes on. */
void ks_headers_remove(struct ks_headers *headers, uint32_t at_bytes, uint32_t removed_bytes);

/* Cuts the packet's end off. */
void ks_headers_cut(struct ks_headers *headers, uint32_t removed_bytes);

/*
 * The sum of what follows the first front_bytes of TCP or UDP, told by the checksum: it is taken
 * before the front changes, and given to ks_headers_seal afterwards, whose front_bytes say how long
 * the front is then. An error in the checksum remains one.
 */
uint16_t ks_headers_rest(const struct ks_headers *headers, uint32_t front_bytes);
void ks_headers_seal(struct ks_headers *headers, uint32_t front_bytes, uint16_t rest);

/*
 * Begins a packet of its own in an empty mbuf: the first front_bytes of this packet's frame, its
 * link header as it is now. False when the mbuf is too small. Its lengths are right once
 * ks_headers_finish was called.
 */
bool ks_headers_begin(const struct ks_headers *headers, uint32_t front_bytes, struct rte_mbuf *mbuf,
	struct ks_headers *begun);

/* Sets lengths and all checksums of a packet that is written to its end; reads all of it. */
void ks_headers_finish(struct ks_headers *headers);

/* UDP over IPv4 may go without. */
bool ks_headers_have_checksum(const struct ks_headers *headers);

#endif
