/*
 * conhash's ring: points of every server, 640 for each unit of its weight divided by what all
 * weights have in common, sorted by position. Which points a server has depends on nobody else; how
 * many, on the others only when there would be more than the ring may have.
 */
#include <stdlib.h>
#include <string.h>

#include "../datapath/hash_stable.h"
#include "../datapath/scheduler_ring.h"
#include "reason.h"
#include "scheduler_table_parts.h"

#define SALT_POINTS (UINT64_C(3) << 32)

static uint64_t
points_wanted(const struct ks_ranking *ranking, uint32_t rank)
{
	return (uint64_t)ks_ranked(ranking, rank)->options.weight / ranking->service->weight_gcd *
	       KS_RING_POINTS;
}

/* One at least, so no server is without clients. */
static uint64_t
points_granted(const struct ks_ranking *ranking, uint32_t rank, uint64_t wanted_by_all)
{
	uint64_t wanted = points_wanted(ranking, rank);

	if (wanted_by_all <= KS_RING_POINTS_MAX)
		return wanted;
	return RTE_MAX(wanted * KS_RING_POINTS_MAX / wanted_by_all, UINT64_C(1));
}

static uint32_t
place_points(const struct ks_ranking *ranking, uint64_t wanted_by_all, struct ks_ring_point *points)
{
	uint32_t count = 0;

	for (uint32_t rank = 0; rank < ranking->count; rank++) {
		const struct ks_server *server = ks_ranked(ranking, rank);
		uint64_t name = ks_hash_stable(server->address, SALT_POINTS | server->port_be);
		uint64_t granted = points_granted(ranking, rank, wanted_by_all);

		for (uint64_t i = 0; i < granted; i++)
			points[count++] = (struct ks_ring_point){
				(uint32_t)(ks_hash_stable_word(name, i) >> 32),
				ranking->servers[rank]};
	}
	return count;
}

/*
 * By position; equal ones stay in the order of the servers. The index is made on the way: points go
 * to their entry of it first, of which most have one or two, and are put in order there.
 */
static void
sort_points(struct ks_ring *ring, const struct ks_ring_point *points)
{
	uint32_t shift = 32 - ring->index_bits, entries = UINT32_C(1) << ring->index_bits;
	struct ks_ring_point *sorted = (struct ks_ring_point *)&ring->first[entries];
	uint32_t start = 0;

	for (uint32_t i = 0; i < ring->points_count; i++)
		ring->first[points[i].position >> shift]++;
	for (uint32_t entry = 0; entry < entries; entry++) {
		uint32_t count = ring->first[entry];

		ring->first[entry] = start;
		start += count;
	}
	for (uint32_t i = 0; i < ring->points_count; i++)
		sorted[ring->first[points[i].position >> shift]++] = points[i];
	/* That moved every start to the start of the next entry. */
	memmove(&ring->first[1], &ring->first[0], (entries - 1) * sizeof(ring->first[0]));
	ring->first[0] = 0;
	for (uint32_t i = 1; i < ring->points_count; i++) {
		struct ks_ring_point point = sorted[i];
		uint32_t to = i;

		for (; to > 0 && sorted[to - 1].position > point.position; to--)
			sorted[to] = sorted[to - 1];
		sorted[to] = point;
	}
}

void *
ks_ring_build(const struct ks_ranking *ranking)
{
	uint64_t wanted = 0;
	struct ks_ring_point *points;
	struct ks_ring *ring;
	uint32_t count, bits = 1;

	for (uint32_t rank = 0; rank < ranking->count; rank++)
		wanted += points_wanted(ranking, rank);
	count = (uint32_t)RTE_MIN(wanted, KS_RING_POINTS_MAX) + ranking->count;
	points = ks_allocate(count, sizeof(*points));
	count = place_points(ranking, wanted, points);
	while (UINT32_C(1) << bits < count)
		bits++;
	ring = ks_allocate(1, sizeof(*ring) + (UINT32_C(1) << bits) * sizeof(ring->first[0]) +
				      count * sizeof(*points));
	ring->kind = KS_TABLE_RING;
	ring->points_count = count;
	ring->index_bits = bits;
	sort_points(ring, points);
	free(points);
	return ring;
}
