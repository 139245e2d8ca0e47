/*
 * The uncommon half of finding a next hop: route, then neighbour. The connection remembers the
 * answer as (index, generation) for as long as the neighbour's word keeps it.
 */
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

uint8_t
ks_next_hop_resolve(const struct ks_worker *worker, struct ks_connection_half *half,
	struct ks_packet *packet, uint64_t *mac_word)
{
	const struct ks_route *route = ks_route_find(worker->tables, half->destination_be);
	uint32_t index;

	if (route == NULL || route->port >= worker->ports_count)
		return KS_VERDICT_drop_no_route;
	packet->out_port = (uint8_t)route->port;
	packet->next_hop_be = route->gateway_be != 0 ? route->gateway_be : half->destination_be;
	*mac_word = neighbor_word(worker->neighbors, route->port, packet->next_hop_be, &index);
	if (*mac_word == 0)
		return KS_VERDICT_punt_resolve;
	half->neighbor = index;
	half->neighbor_stamp = (uint16_t)(*mac_word >> KS_NEIGHBOR_GENERATION_SHIFT);
	half->port = packet->out_port;
	return KS_VERDICT_forwarded;
}
