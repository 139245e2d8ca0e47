/*
 * Owner: nobody, pure functions. Threads: any. Lifetime: the program.
 *
 * The hash of what clients and servers are called, for choices that every worker, every node and
 * every start must make alike. So it has no secret: a client that can choose its address can
 * choose its server, as with every scheduler of this kind; tables that are to withstand strangers
 * use hash.h.
 */
#ifndef KS_DATAPATH_HASH_STABLE_H
#define KS_DATAPATH_HASH_STABLE_H

#include <stdint.h>

#include "../ip.h"
#include "hash.h"

/* Different salts give hashes that have nothing to do with each other. */
static inline uint64_t
ks_hash_stable_word(uint64_t word, uint64_t salt)
{
	return ks_hash_scramble(ks_hash_scramble(word + UINT64_C(0x9e3779b97f4a7c15)) ^
				(salt + 1) * UINT64_C(0xd6e8feb86659fd93));
}

static inline uint64_t
ks_hash_stable(struct ks_ip ip, uint64_t salt)
{
	uint64_t first = ks_hash_scramble(ip.words[0] + UINT64_C(0x3c6ef372fe94f82a));

	return ks_hash_stable_word(first ^ ip.words[1], salt);
}

/* A number below count, each as likely as the others, from the upper half of a hash. */
static inline uint32_t
ks_hash_reduce(uint64_t hash, uint32_t count)
{
	return (uint32_t)(((hash >> 32) * count) >> 32);
}

#endif
