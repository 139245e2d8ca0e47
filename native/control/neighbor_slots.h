/*
 * Owner: see neighbors.h. Threads: the slow thread writes; workers may read any slot at any time.
 * Lifetime: the table's.
 *
 * The writing half of datapath/neighbor.h: which index a (port, address) has, and the address at
 * the index.
 */
#ifndef KS_CONTROL_NEIGHBOR_SLOTS_H
#define KS_CONTROL_NEIGHBOR_SLOTS_H

#include "../datapath/neighbor.h"

/*
 * The neighbour must not be there, nor anybody at the index. At most half of the slots are in use
 * at any time.
 */
void ks_neighbor_slots_add(
	struct ks_neighbor_table *table, uint16_t port, struct ks_ip address, uint32_t index);
void ks_neighbor_slots_remove(struct ks_neighbor_table *table, uint32_t index, uint16_t port);

#endif
