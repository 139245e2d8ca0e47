#include "neighbor_slots.h"

#define SLOT_MASK (KS_NEIGHBOR_SLOTS - 1)
#define INDEX_MASK UINT64_C(0xffffff)

static uint64_t
read_slot(const struct ks_neighbor_table *table, uint32_t slot)
{
	return atomic_load_explicit(&table->slots[slot], memory_order_relaxed);
}

static void
write_slot(struct ks_neighbor_table *table, uint32_t slot, uint64_t word)
{
	atomic_store_explicit(&table->slots[slot], word, memory_order_release);
}

/* All of a slot but the index. */
static uint64_t
mark_of(uint16_t port, uint32_t hash)
{
	return ((uint64_t)hash << 32) | ((uint64_t)(port & 0xff) << 24);
}

void
ks_neighbor_slots_add(
	struct ks_neighbor_table *table, uint16_t port, struct ks_ip address, uint32_t index)
{
	uint32_t hash = ks_neighbor_hash(address);
	uint32_t slot = ks_neighbor_slot(port, hash);

	for (uint32_t i = 0; i < 2; i++)
		atomic_store_explicit(
			&table->addresses[index][i], address.words[i], memory_order_relaxed);
	while (read_slot(table, slot) != 0 &&
		(read_slot(table, slot) & INDEX_MASK) != KS_NEIGHBOR_DELETED)
		slot = (slot + 1) & SLOT_MASK;
	/* Its release makes the address visible first. */
	write_slot(table, slot, mark_of(port, hash) | (index + 2));
}

void
ks_neighbor_slots_remove(struct ks_neighbor_table *table, uint32_t index, uint16_t port)
{
	uint32_t hash = ks_neighbor_hash(ks_neighbor_address(table, index));
	uint64_t wanted = mark_of(port, hash) | (index + 2);
	uint32_t slot = ks_neighbor_slot(port, hash);

	while (read_slot(table, slot) != wanted) {
		if (read_slot(table, slot) == 0)
			return;
		slot = (slot + 1) & SLOT_MASK;
	}
	write_slot(table, slot, KS_NEIGHBOR_DELETED);
	/* Deleted slots in front of a free one end no search: they become free again. */
	if (read_slot(table, (slot + 1) & SLOT_MASK) != 0)
		return;
	while (read_slot(table, slot) == KS_NEIGHBOR_DELETED) {
		write_slot(table, slot, 0);
		slot = (slot - 1) & SLOT_MASK;
	}
}
