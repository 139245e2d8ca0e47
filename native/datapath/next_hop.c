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
neighbor_word(const struct ks_neighbor_table *neighbors, uint16_t port, struct ks_ip address,
	uint32_t *index)
{
	uint64_t word;

	*index = ks_neighbor_find(neighbors, port, address);
	if (*index == KS_NEIGHBOR_NONE)
		return 0;
	word = ks_neighbor_word(neighbors, *index);
	/* The slow thread may have given the index to another neighbour just before. */
	atomic_thread_fence(memory_order_acquire);
	if (ks_neighbor_find(neighbors, port, address) != *index)
		return 0;
	return (word & KS_NEIGHBOR_VALID) != 0 ? word : 0;
}

/* What the worker knows of the address, if that is still good; sets the neighbour's word. */
static inline struct ks_known_hop *
known_hop(struct ks_worker *worker, struct ks_ip destination, uint64_t *mac_word, bool *is_good)
{
	uint64_t word =
		(destination.words[0] ^ destination.words[1]) * UINT64_C(0x9e3779b97f4a7c15);
	struct ks_known_hop *known = &worker->known_hops[word / (UINT64_MAX / KS_KNOWN_HOPS + 1)];

	*mac_word = ks_neighbor_word(worker->neighbors, known->neighbor);
	*is_good = ks_ip_equal(known->destination, destination) &&
		   *mac_word >> KS_NEIGHBOR_GENERATION_SHIFT == known->neighbor_stamp;
	return known;
}

/* By route and neighbour; the worker remembers. */
static __rte_noinline uint8_t
look_up(struct ks_worker *worker, struct ks_packet *packet, struct ks_ip destination,
	uint64_t *mac_word, struct ks_known_hop *known)
{
	const struct ks_route *route = ks_route_find(worker->tables, destination);
	struct ks_ip next_hop;
	uint32_t index;

	if (route == NULL || route->port >= worker->ports_count)
		return KS_VERDICT_drop_no_route;
	packet->out_port = (uint8_t)route->port;
	next_hop = ks_ip_is_none(route->gateway) ? destination : route->gateway;
	*mac_word = neighbor_word(worker->neighbors, route->port, next_hop, &index);
	if (*mac_word == 0) {
		ks_packet_note(packet->mbuf)->next_hop = next_hop;
		return KS_VERDICT_punt_resolve;
	}
	*known = (struct ks_known_hop){
		.destination = destination,
		.neighbor = index,
		.neighbor_stamp = (uint16_t)(*mac_word >> KS_NEIGHBOR_GENERATION_SHIFT),
		.port = packet->out_port,
	};
	return KS_VERDICT_forwarded;
}

uint8_t
ks_next_hop_find(struct ks_worker *worker, struct ks_packet *packet, struct ks_ip destination,
	uint64_t *mac_word)
{
	bool is_good;
	struct ks_known_hop *known = known_hop(worker, destination, mac_word, &is_good);

	packet->out_port = known->port;
	return likely(is_good) ? KS_VERDICT_forwarded
			       : look_up(worker, packet, destination, mac_word, known);
}

/* Where packets of this half go. */
static inline struct ks_ip
destination_of(const struct ks_connection_table *table, const struct ks_connection_half *half)
{
	enum ks_path path = ks_connection_path(half);

	if (likely(path == KS_PATH_NAT44 ||
		    (path == KS_PATH_DIRECT && half->key.family == KS_IPV4)))
		return ks_ip_from_v4(half->destination_be);
	if (half->direction == KS_FROM_CLIENT)
		return ks_connection_endpoints(table, half)->server;
	return ks_connection_endpoints(table, half)->client;
}

uint8_t
ks_next_hop_resolve(struct ks_worker *worker, struct ks_connection_half *half,
	struct ks_packet *packet, uint64_t *mac_word)
{
	struct ks_ip destination = destination_of(worker->connections, half);
	bool is_good;
	struct ks_known_hop *known = known_hop(worker, destination, mac_word, &is_good);

	packet->out_port = known->port;
	if (unlikely(!is_good)) {
		uint8_t verdict = look_up(worker, packet, destination, mac_word, known);

		if (verdict != KS_VERDICT_forwarded)
			return verdict;
	}
	half->neighbor = known->neighbor;
	half->neighbor_stamp = known->neighbor_stamp;
	half->port = known->port;
	return KS_VERDICT_forwarded;
}
