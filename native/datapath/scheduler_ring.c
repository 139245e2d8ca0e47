#include "scheduler_ring.h"

#include "hash_stable.h"
#include "quic.h"

/* Points of servers that take nothing, which a probe goes past. */
#define STEPS_MAX 64u

static uint32_t
point_from(const struct ks_ring *ring, uint32_t position)
{
	const struct ks_ring_point *points = ks_ring_points(ring);
	uint32_t index = ring->first[position >> (32 - ring->index_bits)];

	while (index < ring->points_count && points[index].position < position)
		index++;
	return index;
}

/* The nearest point of a server that takes; its distance when there is none: as far as can be. */
static const struct ks_server *
probe(const struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_ring *ring, uint32_t position, uint32_t *distance)
{
	const struct ks_ring_point *points = ks_ring_points(ring);
	uint32_t index = point_from(ring, position);

	for (uint32_t steps = 0; steps < STEPS_MAX; steps++, index++) {
		const struct ks_server *server;

		if (index >= ring->points_count)
			index = 0;
		server = &service->servers[points[index].server];
		if (likely(ks_server_takes(worker, server))) {
			*distance = points[index].position - position;
			return server;
		}
	}
	*distance = UINT32_MAX;
	return NULL;
}

static const struct ks_server *
nearest(const struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_ring *ring, uint64_t hash)
{
	const struct ks_server *found = NULL;
	uint32_t found_distance = UINT32_MAX;
	uint32_t position = (uint32_t)hash;
	uint32_t skip = (uint32_t)(hash >> 32) | 1;

	for (uint32_t probes = 0; probes < KS_RING_PROBES; probes++, position += skip) {
		uint32_t distance;
		const struct ks_server *server = probe(worker, service, ring, position, &distance);

		if (server != NULL && (found == NULL || distance < found_distance)) {
			found = server;
			found_distance = distance;
		}
	}
	return found;
}

/* An overloaded server's clients go on along the ring; DPVS refuses them. */
const struct ks_server *
ks_schedule_consistent_hash(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	const struct ks_ring *ring = service->scheduler_table;
	const struct ks_server *found;
	uint64_t hash, id;

	if (ring == NULL || ring->kind != KS_TABLE_RING)
		return NULL;
	if (service->options.hash_target == KS_HASH_QUIC_ID && ks_quic_connection_id(packet, &id))
		hash = ks_hash_stable_word(id, 1);
	else
		hash = ks_hash_stable(ks_packet_source(packet), 0);
	found = nearest(worker, service, ring, hash);
	return likely(found != NULL) ? found : ks_any_server(worker, service, hash);
}
