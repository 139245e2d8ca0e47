/*
 * Owner: control builds the table with the service it belongs to (control/scheduler_table.c) and
 * frees it with it. Threads: workers only read. Lifetime: the published service's.
 *
 * conhash: a ring of 2^32 positions on which every server has points; a client goes to the server
 * of the point that comes next. So when a server leaves, only its own clients move.
 *
 * With DPVS's 160 points and one look, shares are off by 8 %. Here a client has 16 positions, told
 * by its hash, and goes to the server whose point is nearest to one of them (multi-probe consistent
 * hashing, Appleton and O'Reilly, 2015), and a server has 640 points: then shares are off by less
 * than 1 %, and what consistent hashing promises still holds, as a client's nearest point only
 * changes when that point goes or a nearer one comes.
 */
#ifndef KS_DATAPATH_SCHEDULER_RING_H
#define KS_DATAPATH_SCHEDULER_RING_H

#include "scheduler.h"
#include "scheduler_slots.h"

#define KS_RING_PROBES 16u
/* Points of a server whose weight is what all weights have in common. */
#define KS_RING_POINTS 640u
/* Of a service; when they were more, every server gets fewer, in proportion. */
#define KS_RING_POINTS_MAX 262144u

struct ks_ring_point {
	uint32_t position;
	uint32_t server; /* index in the service's servers */
};

/* Followed by first[1 << index_bits], then by the points in order of their positions. */
struct ks_ring {
	uint32_t kind; /* KS_TABLE_RING */
	uint32_t points_count;
	uint32_t index_bits; /* 1..31 */
	uint32_t reserved;
	/* By the upper bits of a position: the first point that is not before them. */
	uint32_t first[];
};

_Static_assert(sizeof(struct ks_ring) == 16, "the index follows");
_Static_assert(sizeof(struct ks_ring_point) == 8, "eight in a cache line");

static inline const struct ks_ring_point *
ks_ring_points(const struct ks_ring *ring)
{
	return (const struct ks_ring_point *)&ring->first[UINT32_C(1) << ring->index_bits];
}

#endif
