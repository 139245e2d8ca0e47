/*
 * The table of sh and dh: every server a run of slots, as long as its share of all weights, off by
 * less than one slot. 256 slots as in IPVS; more when the weights, divided by what they have in
 * common, or the servers themselves are more: IPVS leaves the last ones without any then.
 */
#include <stdlib.h>

#include "../datapath/scheduler_slots.h"
#include "reason.h"
#include "scheduler_table_parts.h"

static uint32_t
slots_for(uint64_t shares, uint32_t servers_count)
{
	uint64_t wanted = RTE_MIN(shares, KS_HASH_SLOTS_MAX);
	uint32_t slots = KS_HASH_SLOTS_MIN;

	wanted = RTE_MAX(wanted, servers_count);
	while (slots < wanted)
		slots *= 2;
	return slots;
}

void *
ks_hash_slots_build(const struct ks_ranking *ranking)
{
	uint64_t weights = 0, weights_so_far = 0;
	struct ks_slots *slots;
	uint32_t count, slot = 0;

	for (uint32_t rank = 0; rank < ranking->count; rank++)
		weights += ks_ranked(ranking, rank)->options.weight;
	count = slots_for(weights / ranking->service->weight_gcd, ranking->count);
	slots = ks_allocate(1, sizeof(*slots) + count * sizeof(slots->servers[0]));
	slots->kind = KS_TABLE_SLOTS;
	slots->slots_count = count;
	for (uint32_t rank = 0; rank < ranking->count; rank++) {
		weights_so_far += ks_ranked(ranking, rank)->options.weight;
		/* The last run ends at count: then both sums are equal. */
		while (slot < weights_so_far * count / weights)
			slots->servers[slot++] = ranking->servers[rank];
	}
	return slots;
}
