#include "index.h"

#include <stdlib.h>
#include <string.h>

#include "reason.h"

static uint32_t
home_slot(const struct ks_index *index, uint64_t key)
{
	return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (index->size - 1);
}

/* The slot of the key, or the free slot where it would go. */
static uint32_t
find_slot(const struct ks_index *index, uint64_t key)
{
	uint32_t slot = home_slot(index, key);

	while (index->values[slot] != 0 && index->keys[slot] != key)
		slot = (slot + 1) & (index->size - 1);
	return slot;
}

uint32_t
ks_index_find(const struct ks_index *index, uint64_t key)
{
	/* A free slot holds 0 and so gives KS_INDEX_NONE. */
	return index->size == 0 ? KS_INDEX_NONE : index->values[find_slot(index, key)] - 1;
}

static void
grow(struct ks_index *index)
{
	struct ks_index larger = {.size = index->size != 0 ? index->size * 2 : 16};

	larger.keys = ks_allocate(larger.size, sizeof(*larger.keys));
	larger.values = ks_allocate(larger.size, sizeof(*larger.values));
	for (uint32_t slot = 0; slot < index->size; slot++) {
		if (index->values[slot] != 0)
			ks_index_add(&larger, index->keys[slot], index->values[slot] - 1);
	}
	ks_index_free(index);
	*index = larger;
}

void
ks_index_add(struct ks_index *index, uint64_t key, uint32_t value)
{
	if (index->count >= index->size / 2)
		grow(index);

	uint32_t slot = find_slot(index, key);

	index->keys[slot] = key;
	index->values[slot] = value + 1;
	index->count++;
}

void
ks_index_remove(struct ks_index *index, uint64_t key)
{
	if (ks_index_find(index, key) == KS_INDEX_NONE)
		return;

	uint32_t mask = index->size - 1;
	uint32_t hole = find_slot(index, key);

	/* Closes the gap: whatever could not be at its home because of it moves up. */
	for (uint32_t slot = (hole + 1) & mask; index->values[slot] != 0;
		slot = (slot + 1) & mask) {
		uint32_t home = home_slot(index, index->keys[slot]);

		if (((slot - home) & mask) < ((slot - hole) & mask))
			continue;
		index->keys[hole] = index->keys[slot];
		index->values[hole] = index->values[slot];
		hole = slot;
	}
	index->values[hole] = 0;
	index->count--;
}

void
ks_index_free(struct ks_index *index)
{
	free(index->keys);
	free(index->values);
	memset(index, 0, sizeof(*index));
}
