/*
 * Owner: control allocates it at start and frees it at the end. Threads: the slow thread alone
 * writes, every worker reads, word by word (no lock, no publication: each word is complete in
 * itself). Lifetime: the data plane's.
 *
 * Next hops on directly connected links. A slot maps (port, hash of the address) to an index; at
 * that index are the address and a word with the MAC address. Connections cache index and
 * generation.
 */
#ifndef KS_DATAPATH_NEIGHBOR_H
#define KS_DATAPATH_NEIGHBOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>

#include "../ip.h"

#define KS_NEIGHBORS_MAX 65536u
#define KS_NEIGHBOR_SLOTS (KS_NEIGHBORS_MAX * 2)
#define KS_NEIGHBOR_NONE UINT32_MAX

/*
 * Slot: hash of the address (bits 32-63), port (bits 24-31), index + 2 (bits 0-23).
 * 0 = never used, low 24 bits 1 = deleted (the probe goes on).
 * MAC word: address octets 0-5 in memory order in bits 0-47, generation (bits 48-62), valid (bit
 * 63). The generation of an index changes whenever the index changes its neighbour or any route
 * changes, so a cached (index, generation) that still matches needs no other check. The address at
 * an index is written before its slot: a reader that finds the same index before and after it read
 * the word has a word of that address (next_hop.c).
 */
struct ks_neighbor_table {
	_Atomic uint64_t slots[KS_NEIGHBOR_SLOTS];
	_Atomic uint64_t macs[KS_NEIGHBORS_MAX + 1];     /* the last is never valid */
	_Atomic uint64_t addresses[KS_NEIGHBORS_MAX][2]; /* struct ks_ip */
};

#define KS_NEIGHBOR_VALID (UINT64_C(1) << 63)
#define KS_NEIGHBOR_GENERATION_SHIFT 48
#define KS_NEIGHBOR_GENERATION_MASK 0x7fffu
#define KS_NEIGHBOR_DELETED 1u

/* What a slot keeps of an address. */
static inline uint32_t
ks_neighbor_hash(struct ks_ip address)
{
	return (uint32_t)ks_ip_hash(address);
}

/* Where the search for it begins. */
static inline uint32_t
ks_neighbor_slot(uint16_t port, uint32_t hash)
{
	return (uint32_t)(((uint64_t)hash + port) * UINT64_C(0x9e3779b97f4a7c15) >> 40) &
	       (KS_NEIGHBOR_SLOTS - 1);
}

static inline struct ks_ip
ks_neighbor_address(const struct ks_neighbor_table *table, uint32_t index)
{
	struct ks_ip address;

	for (uint32_t i = 0; i < 2; i++)
		address.words[i] =
			atomic_load_explicit(&table->addresses[index][i], memory_order_relaxed);
	return address;
}

/* The index of the neighbour, or KS_NEIGHBOR_NONE when the slow thread has not met it. */
static inline uint32_t
ks_neighbor_find(const struct ks_neighbor_table *table, uint16_t port, struct ks_ip address)
{
	uint32_t hash = ks_neighbor_hash(address);
	uint64_t wanted = ((uint64_t)hash << 32) | ((uint64_t)(port & 0xff) << 24);
	uint32_t slot = ks_neighbor_slot(port, hash);

	for (uint32_t probe = 0; probe < KS_NEIGHBOR_SLOTS; probe++) {
		uint64_t word = atomic_load_explicit(&table->slots[slot], memory_order_acquire);
		uint32_t low = (uint32_t)word & 0xffffffu;

		if (word == 0)
			return KS_NEIGHBOR_NONE;
		if (low != KS_NEIGHBOR_DELETED && (word & ~UINT64_C(0xffffff)) == wanted &&
			ks_ip_equal(ks_neighbor_address(table, low - 2), address))
			return low - 2;
		slot = (slot + 1) & (KS_NEIGHBOR_SLOTS - 1);
	}
	return KS_NEIGHBOR_NONE;
}

static inline uint64_t
ks_neighbor_word(const struct ks_neighbor_table *table, uint32_t index)
{
	return atomic_load_explicit(&table->macs[index], memory_order_relaxed);
}

static inline uint16_t
ks_neighbor_generation(uint64_t word)
{
	return (uint16_t)(word >> KS_NEIGHBOR_GENERATION_SHIFT) & KS_NEIGHBOR_GENERATION_MASK;
}

static inline void
ks_neighbor_copy_mac(uint64_t word, struct rte_ether_addr *mac)
{
	memcpy(mac->addr_bytes, &word, RTE_ETHER_ADDR_LEN);
}

#endif
