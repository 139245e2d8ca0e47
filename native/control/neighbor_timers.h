/*
 * Owner: see neighbors.h. Threads: the slow thread. Lifetime: the neighbour's.
 *
 * When each neighbour wants attention: a binary heap over struct ks_neighbors, earliest first.
 */
#ifndef KS_CONTROL_NEIGHBOR_TIMERS_H
#define KS_CONTROL_NEIGHBOR_TIMERS_H

#include "neighbors.h"

void ks_neighbor_timers_add(struct ks_neighbors *neighbors, uint32_t index, uint64_t due_ms);
void ks_neighbor_timers_set(struct ks_neighbors *neighbors, uint32_t index, uint64_t due_ms);
void ks_neighbor_timers_remove(struct ks_neighbors *neighbors, uint32_t index);

#endif
