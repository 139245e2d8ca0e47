/*
 * Owner: nobody, pure functions. Threads: any. Lifetime: the program.
 *
 * Internet checksums (RFC 1071) and their constant updates (RFC 1624, equation 3). All sums are
 * over 16-bit words as they lie in memory, so results go back to memory unswapped.
 */
#ifndef KS_DATAPATH_CHECKSUM_H
#define KS_DATAPATH_CHECKSUM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_byteorder.h>

#include "../ip.h"

static inline uint16_t
ks_checksum_fold(uint64_t sum)
{
	uint32_t half;
	uint16_t folded;
	bool carry = __builtin_add_overflow((uint32_t)sum, (uint32_t)(sum >> 32), &half);

	half += carry;
	carry = __builtin_add_overflow((uint16_t)half, (uint16_t)(half >> 16), &folded);
	return (uint16_t)(folded + carry);
}

/* Adds length_bytes of any alignment; an odd last byte counts as followed by zero. */
static inline uint64_t
ks_checksum_add(uint64_t sum, const uint8_t *bytes, uint32_t length_bytes)
{
	uint32_t word;
	uint16_t tail = 0;

	for (; length_bytes >= sizeof(word); bytes += sizeof(word), length_bytes -= 4) {
		memcpy(&word, bytes, sizeof(word));
		sum += word;
	}
	if (length_bytes >= sizeof(tail)) {
		memcpy(&tail, bytes, sizeof(tail));
		sum += tail;
		bytes += sizeof(tail);
		length_bytes -= 2;
	}
	tail = 0;
	memcpy(&tail, bytes, length_bytes);
	return sum + tail;
}

/* What replacing one word by another adds to a checksum's complement; never folds to zero. */
static inline uint64_t
ks_checksum_delta(uint64_t sum, uint32_t old_word, uint32_t new_word)
{
	return sum + (uint32_t)~old_word + new_word;
}

/* The ones' complement sum of two words. */
static inline uint16_t
ks_checksum_add_words(uint16_t left, uint16_t right)
{
	uint16_t sum;
	bool carry = __builtin_add_overflow(left, right, &sum);

	return (uint16_t)(sum + carry);
}

/* What a TTL that is one lower adds to the complement, in the word it shares with the protocol. */
#define KS_CHECKSUM_DELTA_TTL ((uint16_t)~RTE_BE16(0x0100))

static inline uint16_t
ks_checksum_update(uint16_t checksum, uint16_t delta)
{
	return (uint16_t)~ks_checksum_add_words((uint16_t)~checksum, delta);
}

/*
 * An ICMP message of nothing but zeros, the only one whose sum is 0: there is no pseudo-header. Its
 * checksum is then ffff, which an update cannot know.
 */
static inline void
ks_checksum_finish_icmp(uint8_t *icmp, uint32_t length_bytes)
{
	if ((icmp[2] | icmp[3]) == 0 &&
		ks_checksum_fold(ks_checksum_add(0, icmp, length_bytes)) == 0)
		icmp[2] = icmp[3] = UINT8_MAX;
}

/*
 * The pseudo-header of TCP, UDP and ICMPv6; addresses points at source and destination, in a row.
 */
static inline uint64_t
ks_checksum_pseudo_header(
	const uint8_t *addresses, enum ks_family family, uint8_t protocol, uint16_t length_bytes)
{
	return ks_checksum_add(0, addresses, family == KS_IPV4 ? 8 : 32) +
	       rte_cpu_to_be_16(protocol) + rte_cpu_to_be_16(length_bytes);
}

#endif
