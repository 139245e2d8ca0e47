#include "index.h"

#include <stdlib.h>
#include <string.h>

#include "reason.h"

#define NO_SLOT UINT32_MAX

uint64_t
ks_index_hash(uint64_t seed, const void *octets, size_t length)
{
	const uint8_t *at = octets;
	uint64_t hash = seed ^ length;

	while (length > 0) {
		size_t taken = length < sizeof(uint64_t) ? length : sizeof(uint64_t);
		uint64_t word = 0;

		memcpy(&word, at, taken);
		at += taken;
		length -= taken;
		/* A multiplication spreads upwards only, so the upper half comes down again. */
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	return hash;
}

static uint32_t
home_slot(const struct ks_index *index, uint64_t hash)
{
	return (uint32_t)((hash * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (index->size - 1);
}

uint32_t
ks_index_find(const struct ks_index *index, uint64_t hash, ks_index_is_wanted *is_wanted,
	const void *wanted)
{
	if (index->size == 0)
		return KS_INDEX_NONE;
	for (uint32_t slot = home_slot(index, hash); index->values[slot] != 0;
		slot = (slot + 1) & (index->size - 1)) {
		uint32_t value = index->values[slot] - 1;

		if (index->hashes[slot] == hash && is_wanted(wanted, value))
			return value;
	}
	return KS_INDEX_NONE;
}

static void
grow(struct ks_index *index)
{
	struct ks_index larger = {.size = index->size != 0 ? index->size * 2 : 16};

	larger.hashes = ks_allocate(larger.size, sizeof(*larger.hashes));
	larger.values = ks_allocate(larger.size, sizeof(*larger.values));
	for (uint32_t slot = 0; slot < index->size; slot++) {
		if (index->values[slot] != 0)
			ks_index_add(&larger, index->hashes[slot], index->values[slot] - 1);
	}
	ks_index_free(index);
	*index = larger;
}

void
ks_index_add(struct ks_index *index, uint64_t hash, uint32_t value)
{
	if (index->count >= index->size / 2)
		grow(index);

	uint32_t slot = home_slot(index, hash);

	while (index->values[slot] != 0)
		slot = (slot + 1) & (index->size - 1);
	index->hashes[slot] = hash;
	index->values[slot] = value + 1;
	index->count++;
}

static uint32_t
find_slot(const struct ks_index *index, uint64_t hash, uint32_t value)
{
	if (index->size == 0)
		return NO_SLOT;
	for (uint32_t slot = home_slot(index, hash); index->values[slot] != 0;
		slot = (slot + 1) & (index->size - 1)) {
		if (index->values[slot] == value + 1 && index->hashes[slot] == hash)
			return slot;
	}
	return NO_SLOT;
}

void
ks_index_remove(struct ks_index *index, uint64_t hash, uint32_t value)
{
	uint32_t hole = find_slot(index, hash, value);
	uint32_t mask = index->size - 1;

	if (hole == NO_SLOT)
		return;
	/* Closes the gap: whatever could not be at its home because of it moves up. */
	for (uint32_t slot = (hole + 1) & mask; index->values[slot] != 0;
		slot = (slot + 1) & mask) {
		uint32_t home = home_slot(index, index->hashes[slot]);

		if (((slot - home) & mask) < ((slot - hole) & mask))
			continue;
		index->hashes[hole] = index->hashes[slot];
		index->values[hole] = index->values[slot];
		hole = slot;
	}
	index->values[hole] = 0;
	index->count--;
}

void
ks_index_free(struct ks_index *index)
{
	free(index->hashes);
	free(index->values);
	memset(index, 0, sizeof(*index));
}
