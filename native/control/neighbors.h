/*
 * Owner: the slow thread. Threads: the slow thread alone; workers read what it writes into struct
 * ks_neighbor_table (datapath/neighbor.h). Lifetime: the data plane's.
 *
 * Neighbours of directly connected links, by ARP and by neighbour discovery alike: states and ages
 * as DPVS has them (asking 3 x 1 s; reached for 60 s, then probed 3 x 1 s while the old MAC address
 * stays in use), and the packets that wait for a MAC address. STALE and DELAY of RFC 4861 are
 * "reached, for 5 s more". Knows no socket and no clock: it gets the time and hands packets to
 * `send`.
 */
#ifndef KS_CONTROL_NEIGHBORS_H
#define KS_CONTROL_NEIGHBORS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "../api.h"
#include "../datapath/neighbor.h"
#include "index.h"

#define KS_NEIGHBOR_QUEUE_MAX 128u
#define KS_NEIGHBOR_QUEUES_MAX 4096u /* packets that wait, over all neighbours */
#define KS_NEIGHBOR_TRIES 3u

struct ks_neighbor {
	struct ks_ip address;
	uint16_t port;
	uint8_t state; /* enum ks_neighbor_state */
	uint8_t tries;
	uint32_t timer; /* position in timers[] */
	uint64_t due_ms;
	struct rte_ether_addr mac;
	uint16_t waiting_count;
	struct rte_mbuf *waiting_first;
	struct rte_mbuf *waiting_last;
};

/* Somebody said where an address is. */
struct ks_neighbor_news {
	struct ks_ip address;
	uint16_t port;
	const struct rte_ether_addr *mac; /* NULL: where it was */
	bool may_create;                  /* a stranger is remembered */
	bool is_confirmed;                /* packets reach it there; else it is asked before long */
	bool may_replace;                 /* another MAC address takes the place of a known one */
};

/* What neighbours need of the world. */
struct ks_neighbor_world {
	void *context;
	/* A complete frame for a port; takes the packet, whatever becomes of it. */
	void (*send)(void *context, uint16_t port, struct rte_mbuf *packet);
	/* Asks who has the address; to NULL: everybody. */
	void (*ask)(void *context, uint16_t port, struct ks_ip address,
		const struct rte_ether_addr *to);
	const struct rte_ether_addr *(*port_mac)(void *context, uint16_t port);
};

struct ks_neighbors {
	struct ks_neighbor_table *table;
	struct ks_neighbor_world world;
	struct ks_neighbor *entries; /* by index of the table; KS_NEIGHBORS_MAX of them */
	uint32_t used_count;         /* entries that were ever used */
	/* A ring, oldest first: an index rests as long as possible before it means another. */
	uint32_t *free_indexes;
	uint32_t free_first;
	uint32_t free_count;
	uint32_t *timers; /* indexes as a binary heap by due_ms */
	uint32_t timers_count;
	uint32_t waiting_count;
	uint64_t dropped_packets; /* waited in vain, or found no place to wait */
	uint64_t refused_entries; /* no room for another neighbour */
};

void ks_neighbors_init(struct ks_neighbors *neighbors, struct ks_neighbor_table *table,
	const struct ks_neighbor_world *world);
void ks_neighbors_free(struct ks_neighbors *neighbors);

/* Takes the packet: sends it now, or when the neighbour answers, or drops it. */
void ks_neighbors_resolve(struct ks_neighbors *neighbors, uint16_t port, struct ks_ip address,
	struct rte_mbuf *packet, uint64_t now_ms);
void ks_neighbors_learn(
	struct ks_neighbors *neighbors, const struct ks_neighbor_news *news, uint64_t now_ms);
/* Runs what is due; returns when it wants to be called again (UINT64_MAX: never). */
uint64_t ks_neighbors_tick(struct ks_neighbors *neighbors, uint64_t now_ms);
/* Makes every cached (index, generation) stale: a route changed. */
void ks_neighbors_renew_generations(struct ks_neighbors *neighbors);

#endif
