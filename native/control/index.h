/*
 * Owner: whoever embeds it. Threads: control or the slow thread, never both. Lifetime: until
 * ks_index_free.
 *
 * Finds objects by keys of any size: a map from a 64-bit hash of the key to a number below
 * 2^32 - 1, by which the owner knows the object. Keys stay with the objects; whether one is the
 * wanted one the caller says, so hashes may collide. Open addressing, grows by doubling.
 */
#ifndef KS_CONTROL_INDEX_H
#define KS_CONTROL_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KS_INDEX_NONE UINT32_MAX

struct ks_index {
	uint64_t *hashes;
	uint32_t *values; /* value + 1; 0: free */
	uint32_t size;    /* a power of two, or 0 */
	uint32_t count;
};

/* Whether the object with this number has the key that `wanted` speaks of. */
typedef bool ks_index_is_wanted(const void *wanted, uint32_t value);

/* Of octets without padding; fields of a key may be hashed one after the other. */
uint64_t ks_index_hash(uint64_t seed, const void *octets, size_t length);

/* The number, or KS_INDEX_NONE. */
uint32_t ks_index_find(const struct ks_index *index, uint64_t hash, ks_index_is_wanted *is_wanted,
	const void *wanted);
/* No object with the same key may be there. */
void ks_index_add(struct ks_index *index, uint64_t hash, uint32_t value);
/* Does nothing when this hash with this value is not there. */
void ks_index_remove(struct ks_index *index, uint64_t hash, uint32_t value);
void ks_index_free(struct ks_index *index);

#endif
