#include "neighbors.h"

#include <stdlib.h>
#include <string.h>

#include "neighbor_slots.h"
#include "neighbor_timers.h"
#include "reason.h"

#define REACHED_MS 60000u
#define DOUBTFUL_MS 5000u /* RFC 4861: DELAY_FIRST_PROBE_TIME */
#define RETRY_MS 1000u
#define FAILED_MS 1000u

void
ks_neighbors_init(struct ks_neighbors *neighbors, struct ks_neighbor_table *table,
	const struct ks_neighbor_world *world)
{
	memset(neighbors, 0, sizeof(*neighbors));
	neighbors->table = table;
	neighbors->world = *world;
	neighbors->entries = ks_allocate(KS_NEIGHBORS_MAX, sizeof(*neighbors->entries));
	neighbors->free_indexes = ks_allocate(KS_NEIGHBORS_MAX, sizeof(uint32_t));
	neighbors->timers = ks_allocate(KS_NEIGHBORS_MAX, sizeof(uint32_t));
}

static void
drop_waiting(struct ks_neighbors *neighbors, struct ks_neighbor *neighbor)
{
	while (neighbor->waiting_first != NULL) {
		struct rte_mbuf *packet = neighbor->waiting_first;

		neighbor->waiting_first = packet->next;
		packet->next = NULL;
		rte_pktmbuf_free(packet);
		neighbors->dropped_packets++;
	}
	neighbors->waiting_count -= neighbor->waiting_count;
	neighbor->waiting_count = 0;
	neighbor->waiting_last = NULL;
}

void
ks_neighbors_free(struct ks_neighbors *neighbors)
{
	for (uint32_t index = 0; index < neighbors->used_count; index++)
		drop_waiting(neighbors, &neighbors->entries[index]);
	free(neighbors->entries);
	free(neighbors->free_indexes);
	free(neighbors->timers);
	memset(neighbors, 0, sizeof(*neighbors));
}

/* The word that workers read; the generation moves on only when `is_renewed`. */
static void
write_mac(struct ks_neighbors *neighbors, uint32_t index, bool is_valid, bool is_renewed)
{
	uint64_t word = ks_neighbor_word(neighbors->table, index);
	uint64_t generation = ks_neighbor_generation(word);

	if (is_renewed)
		generation = (generation + 1) & KS_NEIGHBOR_GENERATION_MASK;
	word = generation << KS_NEIGHBOR_GENERATION_SHIFT;
	if (is_valid) {
		memcpy(&word, neighbors->entries[index].mac.addr_bytes, RTE_ETHER_ADDR_LEN);
		word |= KS_NEIGHBOR_VALID;
	}
	atomic_store_explicit(&neighbors->table->macs[index], word, memory_order_release);
}

void
ks_neighbors_renew_generations(struct ks_neighbors *neighbors)
{
	for (uint32_t index = 0; index < neighbors->used_count; index++) {
		uint64_t word = ks_neighbor_word(neighbors->table, index);

		write_mac(neighbors, index, (word & KS_NEIGHBOR_VALID) != 0, true);
	}
}

static uint32_t
take_index(struct ks_neighbors *neighbors)
{
	if (neighbors->used_count < KS_NEIGHBORS_MAX)
		return neighbors->used_count++;
	if (neighbors->free_count == 0) {
		neighbors->refused_entries++;
		return KS_NEIGHBOR_NONE;
	}

	uint32_t index = neighbors->free_indexes[neighbors->free_first];

	neighbors->free_first = (neighbors->free_first + 1) % KS_NEIGHBORS_MAX;
	neighbors->free_count--;
	return index;
}

static struct ks_neighbor *
create(struct ks_neighbors *neighbors, uint16_t port, struct ks_ip address)
{
	uint32_t index = take_index(neighbors);

	if (index == KS_NEIGHBOR_NONE)
		return NULL;

	struct ks_neighbor *neighbor = &neighbors->entries[index];

	memset(neighbor, 0, sizeof(*neighbor));
	neighbor->port = port;
	neighbor->address = address;
	write_mac(neighbors, index, false, true);
	ks_neighbor_slots_add(neighbors->table, port, address, index);
	ks_neighbor_timers_add(neighbors, index, UINT64_MAX);
	return neighbor;
}

static void
forget(struct ks_neighbors *neighbors, struct ks_neighbor *neighbor)
{
	uint32_t index = (uint32_t)(neighbor - neighbors->entries);

	drop_waiting(neighbors, neighbor);
	ks_neighbor_timers_remove(neighbors, index);
	ks_neighbor_slots_remove(neighbors->table, index, neighbor->port);
	write_mac(neighbors, index, false, true);
	neighbors->free_indexes[(neighbors->free_first + neighbors->free_count++) %
				KS_NEIGHBORS_MAX] = index;
}

static void
enter(struct ks_neighbors *neighbors, struct ks_neighbor *neighbor, enum ks_neighbor_state state,
	uint64_t due_ms)
{
	neighbor->state = (uint8_t)state;
	ks_neighbor_timers_set(neighbors, (uint32_t)(neighbor - neighbors->entries), due_ms);
}

static void
ask(struct ks_neighbors *neighbors, struct ks_neighbor *neighbor, bool is_unicast, uint64_t now_ms)
{
	neighbor->tries++;
	enter(neighbors, neighbor, (enum ks_neighbor_state)neighbor->state, now_ms + RETRY_MS);
	neighbors->world.ask(neighbors->world.context, neighbor->port, neighbor->address,
		is_unicast ? &neighbor->mac : NULL);
}

static struct ks_neighbor *
find(struct ks_neighbors *neighbors, uint16_t port, struct ks_ip address)
{
	uint32_t index = ks_neighbor_find(neighbors->table, port, address);

	return index == KS_NEIGHBOR_NONE ? NULL : &neighbors->entries[index];
}

static void
send(struct ks_neighbors *neighbors, const struct ks_neighbor *neighbor, struct rte_mbuf *packet)
{
	const struct ks_neighbor_world *world = &neighbors->world;
	struct rte_ether_hdr *ethernet = rte_pktmbuf_mtod(packet, struct rte_ether_hdr *);

	ethernet->dst_addr = neighbor->mac;
	ethernet->src_addr = *world->port_mac(world->context, neighbor->port);
	world->send(world->context, neighbor->port, packet);
}

static void
wait_for_answer(
	struct ks_neighbors *neighbors, struct ks_neighbor *neighbor, struct rte_mbuf *packet)
{
	if (neighbor->waiting_count == KS_NEIGHBOR_QUEUE_MAX ||
		neighbors->waiting_count == KS_NEIGHBOR_QUEUES_MAX) {
		rte_pktmbuf_free(packet);
		neighbors->dropped_packets++;
		return;
	}
	if (neighbor->waiting_last != NULL)
		neighbor->waiting_last->next = packet;
	else
		neighbor->waiting_first = packet;
	neighbor->waiting_last = packet;
	neighbor->waiting_count++;
	neighbors->waiting_count++;
}

void
ks_neighbors_resolve(struct ks_neighbors *neighbors, uint16_t port, struct ks_ip address,
	struct rte_mbuf *packet, uint64_t now_ms)
{
	struct ks_neighbor *neighbor = find(neighbors, port, address);

	if (neighbor == NULL) {
		neighbor = create(neighbors, port, address);
		if (neighbor != NULL) {
			neighbor->state = KS_NEIGHBOR_ASKING;
			ask(neighbors, neighbor, false, now_ms);
		}
	}
	if (neighbor == NULL || neighbor->state == KS_NEIGHBOR_FAILED) {
		rte_pktmbuf_free(packet);
		neighbors->dropped_packets++;
	} else if (neighbor->state == KS_NEIGHBOR_ASKING) {
		wait_for_answer(neighbors, neighbor, packet);
	} else {
		send(neighbors, neighbor, packet);
	}
}

static void
send_waiting(struct ks_neighbors *neighbors, struct ks_neighbor *neighbor)
{
	struct rte_mbuf *packet = neighbor->waiting_first;

	neighbors->waiting_count -= neighbor->waiting_count;
	neighbor->waiting_count = 0;
	neighbor->waiting_first = NULL;
	neighbor->waiting_last = NULL;
	while (packet != NULL) {
		struct rte_mbuf *next = packet->next;

		packet->next = NULL;
		send(neighbors, neighbor, packet);
		packet = next;
	}
}

/* Has a MAC address that is in use. */
static bool
is_usable(const struct ks_neighbor *neighbor)
{
	return neighbor->state == KS_NEIGHBOR_REACHED || neighbor->state == KS_NEIGHBOR_PROBING;
}

/* It may be elsewhere by now: to be asked soon, however often we hear so. */
static void
doubt(struct ks_neighbors *neighbors, struct ks_neighbor *neighbor, uint64_t now_ms)
{
	if (neighbor->state == KS_NEIGHBOR_REACHED)
		enter(neighbors, neighbor, KS_NEIGHBOR_REACHED,
			RTE_MIN(neighbor->due_ms, now_ms + DOUBTFUL_MS));
}

void
ks_neighbors_learn(
	struct ks_neighbors *neighbors, const struct ks_neighbor_news *news, uint64_t now_ms)
{
	struct ks_neighbor *neighbor = find(neighbors, news->port, news->address);
	bool is_same;

	if (neighbor == NULL && news->may_create && news->mac != NULL)
		neighbor = create(neighbors, news->port, news->address);
	if (neighbor == NULL || (news->mac == NULL && !is_usable(neighbor)))
		return;
	is_same = news->mac == NULL ||
		  (is_usable(neighbor) && rte_is_same_ether_addr(news->mac, &neighbor->mac));
	if (is_usable(neighbor) && !is_same && !news->may_replace) {
		doubt(neighbors, neighbor, now_ms);
		return;
	}
	if (is_same && !news->is_confirmed)
		return;
	if (news->mac != NULL)
		neighbor->mac = *news->mac;
	neighbor->tries = 0;
	enter(neighbors, neighbor, KS_NEIGHBOR_REACHED,
		now_ms + (news->is_confirmed ? REACHED_MS : DOUBTFUL_MS));
	write_mac(neighbors, (uint32_t)(neighbor - neighbors->entries), true, false);
	send_waiting(neighbors, neighbor);
}

static void
run_due(struct ks_neighbors *neighbors, struct ks_neighbor *neighbor, uint64_t now_ms)
{
	switch ((enum ks_neighbor_state)neighbor->state) {
	case KS_NEIGHBOR_ASKING:
		if (neighbor->tries < KS_NEIGHBOR_TRIES) {
			ask(neighbors, neighbor, false, now_ms);
			return;
		}
		drop_waiting(neighbors, neighbor);
		enter(neighbors, neighbor, KS_NEIGHBOR_FAILED, now_ms + FAILED_MS);
		return;
	case KS_NEIGHBOR_REACHED:
		neighbor->state = KS_NEIGHBOR_PROBING;
		ask(neighbors, neighbor, true, now_ms);
		return;
	case KS_NEIGHBOR_PROBING:
		if (neighbor->tries < KS_NEIGHBOR_TRIES)
			ask(neighbors, neighbor, false, now_ms);
		else
			forget(neighbors, neighbor);
		return;
	case KS_NEIGHBOR_FAILED:
		forget(neighbors, neighbor);
		return;
	}
}

uint64_t
ks_neighbors_tick(struct ks_neighbors *neighbors, uint64_t now_ms)
{
	while (neighbors->timers_count != 0) {
		struct ks_neighbor *first = &neighbors->entries[neighbors->timers[0]];

		if (first->due_ms > now_ms)
			return first->due_ms;
		run_due(neighbors, first, now_ms);
	}
	return UINT64_MAX;
}
