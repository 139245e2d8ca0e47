/*
 * Owner: whoever embeds it. Threads: control or the slow thread, never both. Lifetime: until
 * ks_index_free.
 *
 * A map from a 64-bit key to a number below 2^32 - 1: open addressing, grows by doubling.
 */
#ifndef KS_CONTROL_INDEX_H
#define KS_CONTROL_INDEX_H

#include <stdint.h>

#define KS_INDEX_NONE UINT32_MAX

struct ks_index {
	uint64_t *keys;
	uint32_t *values; /* value + 1; 0: free */
	uint32_t size;    /* a power of two, or 0 */
	uint32_t count;
};

uint32_t ks_index_find(const struct ks_index *index, uint64_t key);
/* The key must not be there. */
void ks_index_add(struct ks_index *index, uint64_t key, uint32_t value);
void ks_index_remove(struct ks_index *index, uint64_t key);
void ks_index_free(struct ks_index *index);

#endif
