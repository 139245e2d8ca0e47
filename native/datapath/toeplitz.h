/*
 * Owner: struct ks_rss. Threads: written once before workers start, then read by all. Lifetime: the
 * port's.
 *
 * The Toeplitz hash of receive side scaling, one table of 256 words per input octet: the hash of a
 * tuple is the XOR of one word per octet, so it is linear, and the share of a few octets can be
 * computed apart from the rest. Input as NICs take it: source address, destination address, source
 * port, destination port, all in network order.
 */
#ifndef KS_DATAPATH_TOEPLITZ_H
#define KS_DATAPATH_TOEPLITZ_H

#include <stdint.h>

/* Of two IPv6 addresses and two ports. */
#define KS_TOEPLITZ_INPUT_BYTES 36u
/* The key's octets that such an input needs; NICs with longer keys use the first ones. */
#define KS_TOEPLITZ_KEY_BYTES (KS_TOEPLITZ_INPUT_BYTES + 4u)

struct ks_toeplitz {
	uint32_t words[KS_TOEPLITZ_INPUT_BYTES][256]; /* by position and value of an octet */
};

void ks_toeplitz_init(struct ks_toeplitz *toeplitz, const uint8_t key[KS_TOEPLITZ_KEY_BYTES]);

/* What `count` octets, the first of them at `position` of the input, add to the hash. */
static inline uint32_t
ks_toeplitz_share(
	const struct ks_toeplitz *toeplitz, uint32_t position, const void *octets, uint32_t count)
{
	const uint8_t *bytes = octets;
	uint32_t hash = 0;

	for (uint32_t i = 0; i < count; i++)
		hash ^= toeplitz->words[position + i][bytes[i]];
	return hash;
}

#endif
