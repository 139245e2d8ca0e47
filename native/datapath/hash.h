/*
 * Owner: nobody, pure functions. Threads: any. Lifetime: the program.
 *
 * The hash of a flow, keyed per start. CRC32C alone is linear, so two keys that collide under one
 * seed collide under all; the multiply by secret-dependent words comes first and takes that away.
 */
#ifndef KS_DATAPATH_HASH_H
#define KS_DATAPATH_HASH_H

#include <stdint.h>
#include <string.h>

#include <nmmintrin.h>

#include "packet.h"

struct ks_hash_secret {
	uint64_t words[2];
	uint64_t digest_words[4]; /* of IPv6 addresses */
};

static inline uint64_t
ks_hash_fold(uint64_t left, uint64_t right)
{
	unsigned __int128 product = (unsigned __int128)left * right;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Of the two words of a key. Low half for the bucket, high half for tags. */
static inline uint64_t
ks_hash_words(const struct ks_hash_secret *secret, uint64_t addresses, uint64_t rest)
{
	uint64_t folded = ks_hash_fold(addresses ^ secret->words[0], rest ^ secret->words[1]);

	return (folded & ~(uint64_t)UINT32_MAX) | (uint32_t)_mm_crc32_u64(rest, folded);
}

static inline uint64_t
ks_hash_flow(const struct ks_hash_secret *secret, const struct ks_flow_key *key)
{
	uint64_t words[2];

	memcpy(words, key, sizeof(words));
	return ks_hash_words(secret, words[0], words[1]);
}

/* Of two IPv6 addresses in a row, 32 octets: what stands for them in a key. */
static inline uint64_t
ks_hash_digest(const struct ks_hash_secret *secret, const void *addresses)
{
	uint64_t words[4];

	memcpy(words, addresses, sizeof(words));
	return ks_hash_fold(
		       words[0] ^ secret->digest_words[0], words[1] ^ secret->digest_words[1]) +
	       ks_hash_fold(words[2] ^ secret->digest_words[2], words[3] ^ secret->digest_words[3]);
}

/* Splits one random word in two that share nothing visible (the finalizer of splitmix64). */
static inline uint64_t
ks_hash_scramble(uint64_t word)
{
	word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
	return word ^ (word >> 31);
}

static inline struct ks_hash_secret
ks_hash_secret_from_seed(uint64_t seed)
{
	struct ks_hash_secret secret = {
		.words = {
			ks_hash_scramble(seed + UINT64_C(0x9e3779b97f4a7c15)),
			ks_hash_scramble(seed + UINT64_C(0x3c6ef372fe94f82a)) | 1,
		}};

	for (uint64_t i = 0; i < 4; i++)
		secret.digest_words[i] =
			ks_hash_scramble(seed + UINT64_C(0xdaa66d2c7ddf743f) * (i + 1));
	return secret;
}

#endif
