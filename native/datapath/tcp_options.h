/*
 * Owner: nobody, functions over a packet. Threads: any. Lifetime: the program.
 *
 * TCP options (RFC 9293, 3.1), walked so that no length can lead outside the header: a walk ends at
 * the end of the list, and at the first thing that is no option.
 */
#ifndef KS_DATAPATH_TCP_OPTIONS_H
#define KS_DATAPATH_TCP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_tcp.h>

#include "headers.h"

#define KS_TCP_OPTION_END 0u
#define KS_TCP_OPTION_NOP 1u
#define KS_TCP_OPTION_MSS 2u
#define KS_TCP_OPTION_SACK 5u
#define KS_TCP_OPTION_TIMESTAMPS 8u
#define KS_TCP_OPTION_TOA 254u

#define KS_TCP_OPTIONS_BYTES_MAX 40u
/* An MSS that is lowered stays above this: segments so small fit every link. */
#define KS_TCP_MSS_MIN 64u

struct ks_tcp_segment {
	struct rte_tcp_hdr *header;
	uint32_t header_bytes; /* with options */
	uint32_t payload_bytes;
};

struct ks_tcp_walk {
	uint8_t *at;
	uint8_t *end;
	bool is_broken; /* it ended at a length that lies */
};

/* False when the data offset lies: less than a header, or more than the packet. */
static inline bool
ks_tcp_segment_read(const struct ks_headers *headers, struct ks_tcp_segment *segment)
{
	uint32_t l4_bytes = ks_headers_l4_bytes(headers);

	if (headers->l4_offset_bytes > headers->mbuf->data_len ||
		l4_bytes < sizeof(struct rte_tcp_hdr))
		return false;
	segment->header = (struct rte_tcp_hdr *)ks_headers_l4(headers);
	segment->header_bytes = (segment->header->data_off >> 4) * 4u;
	if (segment->header_bytes < sizeof(struct rte_tcp_hdr) || segment->header_bytes > l4_bytes)
		return false;
	segment->payload_bytes = l4_bytes - segment->header_bytes;
	return true;
}

static inline uint8_t *
ks_tcp_options(const struct ks_tcp_segment *segment)
{
	return (uint8_t *)segment->header + sizeof(struct rte_tcp_hdr);
}

static inline struct ks_tcp_walk
ks_tcp_walk_begin(const struct ks_tcp_segment *segment)
{
	return (struct ks_tcp_walk){.at = ks_tcp_options(segment),
		.end = (uint8_t *)segment->header + segment->header_bytes};
}

/*
 * The next option that has a length: octets [0] kind, [1] length, all of them in the header. NULL
 * at the end.
 */
static inline uint8_t *
ks_tcp_walk_next(struct ks_tcp_walk *walk)
{
	uint8_t *option;

	while (walk->at < walk->end && *walk->at == KS_TCP_OPTION_NOP)
		walk->at++;
	if (walk->at == walk->end || *walk->at == KS_TCP_OPTION_END)
		return NULL;
	option = walk->at;
	if (walk->end - option < 2 || option[1] < 2 || option[1] > walk->end - option) {
		walk->is_broken = true;
		return NULL;
	}
	walk->at += option[1];
	return option;
}

/*
 * No options, or timestamps as all stacks write them: nothing that anyone here looks for. So the
 * straight path needs one comparison of segments that have nothing to hide.
 */
static inline bool
ks_tcp_options_are_usual(const struct rte_tcp_hdr *header)
{
	rte_be32_t first_word_be;

	if (header->data_off >> 4 == 5)
		return true;
	if (header->data_off >> 4 != 8)
		return false;
	memcpy(&first_word_be, header + 1, sizeof(first_word_be));
	return first_word_be == RTE_BE32(0x0101080a);
}

/*
 * Lowers the MSS option of a SYN or SYN-ACK, so that segments of its receiver leave lowered_bytes
 * free. True when it did. A SYN without the option needs none: its receiver sends the least.
 */
bool ks_tcp_mss_lower(struct ks_headers *headers, uint32_t lowered_bytes);

#endif
