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

void
ks_neighbor_slots_add(
	struct ks_neighbor_table *table, uint16_t port, rte_be32_t address_be, uint32_t index)
{
	uint32_t slot = ks_neighbor_hash(port, address_be);

	while (read_slot(table, slot) != 0 &&
		(read_slot(table, slot) & INDEX_MASK) != KS_NEIGHBOR_DELETED)
		slot = (slot + 1) & SLOT_MASK;
	write_slot(table, slot,
		((uint64_t)address_be << 32) | ((uint64_t)(port & 0xff) << 24) | (index + 2));
}

void
ks_neighbor_slots_remove(struct ks_neighbor_table *table, uint16_t port, rte_be32_t address_be)
{
	uint64_t wanted = ((uint64_t)address_be << 32) | ((uint64_t)(port & 0xff) << 24);
	uint32_t slot = ks_neighbor_hash(port, address_be);

	while ((read_slot(table, slot) & ~INDEX_MASK) != wanted ||
		(read_slot(table, slot) & INDEX_MASK) == KS_NEIGHBOR_DELETED) {
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
