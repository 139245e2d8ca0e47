/*
 * The uncommon half of finding a next hop: what the worker knows of the address, else route, then
 * neighbour. Worker and connection remember the answer as (index, generation), good for as long as
 * the neighbour's word keeps it.
 */
#include <rte_branch_prediction.h>

#include "next_hop.h"
#include "route.h"

/* The valid MAC word of the neighbour, or 0. */
static uint64_t
neighbor_word(const struct ks_neighbor_table *neighbors, uint16_t port, rte_be32_t address_be,
	uint32_t *index)
{
	uint64_t word;

	*index = ks_neighbor_find(neighbors, port, address_be);
	if (*index == KS_NEIGHBOR_NONE)
		return 0;
	word = ks_neighbor_word(neighbors, *index);
	/* The slow thread may have given the index to another neighbour just before. */
	atomic_thread_fence(memory_order_acquire);
	if (ks_neighbor_find(neighbors, port, address_be) != *index)
		return 0;
	return (word & KS_NEIGHBOR_VALID) != 0 ? word : 0;
}

static struct ks_known_hop *
known_hop(struct ks_worker *worker, rte_be32_t destination_be)
{
	uint32_t hash = destination_be * UINT32_C(0x9e3779b1);

	return &worker->known_hops[hash / (UINT32_MAX / KS_KNOWN_HOPS + 1)];
}

static void
remember(struct ks_connection_half *half, const struct ks_known_hop *hop)
{
	half->neighbor = hop->neighbor;
	half->neighbor_stamp = hop->neighbor_stamp;
	half->port = hop->port;
}

uint8_t
ks_next_hop_resolve(struct ks_worker *worker, struct ks_connection_half *half,
	struct ks_packet *packet, uint64_t *mac_word)
{
	struct ks_known_hop *known = known_hop(worker, half->destination_be);
	const struct ks_route *route;
	uint32_t index;

	*mac_word = ks_neighbor_word(worker->neighbors, known->neighbor);
	if (likely(known->destination_be == half->destination_be &&
		    *mac_word >> KS_NEIGHBOR_GENERATION_SHIFT == known->neighbor_stamp)) {
		packet->out_port = known->port;
		remember(half, known);
		return KS_VERDICT_forwarded;
	}
	route = ks_route_find(worker->tables, half->destination_be);
	if (route == NULL || route->port >= worker->ports_count)
		return KS_VERDICT_drop_no_route;
	packet->out_port = (uint8_t)route->port;
	packet->next_hop_be = route->gateway_be != 0 ? route->gateway_be : half->destination_be;
	*mac_word = neighbor_word(worker->neighbors, route->port, packet->next_hop_be, &index);
	if (*mac_word == 0)
		return KS_VERDICT_punt_resolve;
	*known = (struct ks_known_hop){
		.destination_be = half->destination_be,
		.neighbor = index,
		.neighbor_stamp = (uint16_t)(*mac_word >> KS_NEIGHBOR_GENERATION_SHIFT),
		.port = packet->out_port,
	};
	remember(half, known);
	return KS_VERDICT_forwarded;
}
