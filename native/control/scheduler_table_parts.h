/*
 * Owner: ks_scheduler_table_build, on its stack. Threads: control. Lifetime: a call.
 *
 * The steps of building a scheduler's table, one file per format.
 */
#ifndef KS_CONTROL_SCHEDULER_TABLE_PARTS_H
#define KS_CONTROL_SCHEDULER_TABLE_PARTS_H

#include "../datapath/tables.h"

/* The servers of positive weight, by address, then port. */
struct ks_ranking {
	const struct ks_virtual_server *service;
	const uint32_t *servers; /* by rank: index in the service's servers */
	uint32_t count;          /* at least 1 */
};

static inline const struct ks_server *
ks_ranked(const struct ks_ranking *ranking, uint32_t rank)
{
	return &ranking->service->servers[ranking->servers[rank]];
}

/* Each a new block: struct ks_slots, struct ks_slots, struct ks_ring. */
void *ks_hash_slots_build(const struct ks_ranking *ranking);
void *ks_maglev_build(const struct ks_ranking *ranking, uint32_t slots_count);
void *ks_ring_build(const struct ks_ranking *ranking);

#endif
