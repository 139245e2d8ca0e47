/*
 * Owner: the control thread builds a new `struct ks_tables` for every change and retires the old
 * one after each worker has passed a burst (rte_rcu_qsbr). Threads: control writes before
 * publishing, workers and the slow thread only read. Lifetime: until retired; services are shared
 * between successive tables and retired on their own.
 *
 * What the operator made: addresses, routes, services, servers. Host order unless a name ends in
 * _be.
 */
#ifndef KS_DATAPATH_TABLES_H
#define KS_DATAPATH_TABLES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#define KS_PORTS_MAX 16u
#define KS_WORKERS_MAX 64u
#define KS_ADDRESSES_MAX 65536u
#define KS_ROUTES_MAX 65536u
#define KS_SERVICES_MAX 65536u
#define KS_SERVERS_MAX 262144u

/* An address of the data plane: a VIP, a LIP or a port's own. */
struct ks_local_address {
	rte_be32_t address_be;
	/* Stable for an address as long as the process lives; index of held_until_tsc. */
	uint32_t id;
	uint16_t port;
	uint8_t prefix_length;
	uint8_t is_source; /* a LIP: packets to it belong to FNAT connections first */
};

struct ks_route {
	uint32_t network;
	rte_be32_t gateway_be; /* 0: directly connected */
	uint16_t port;
};

struct ks_server {
	rte_be32_t address_be;
	rte_be16_t port_be;
	uint16_t weight;
	/* Stable while any connection uses it; index of counters and of server_is_available. */
	uint32_t id;
};

enum ks_scheduler {
	KS_SCHEDULER_ROUND_ROBIN,
	KS_SCHEDULER_WEIGHTED_ROUND_ROBIN,
	KS_SCHEDULER_LEAST_CONNECTION,
	KS_SCHEDULER_WEIGHTED_LEAST_CONNECTION,
	KS_SCHEDULER_SHORTEST_EXPECTED_DELAY,
	KS_SCHEDULER_NEVER_QUEUE,
	KS_SCHEDULER_FAILOVER,
	KS_SCHEDULERS,
};

struct ks_source_address {
	rte_be32_t address_be;
	uint32_t id;   /* of the ks_local_address */
	uint16_t port; /* return packets arrive at, so its RSS tells their owner */
	uint16_t reserved;
};

/* Immutable once published; a change of one server makes a new copy of this service alone. */
struct ks_virtual_server {
	rte_be32_t address_be;
	rte_be16_t port_be;
	uint8_t protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	uint8_t scheduler;
	uint32_t id;
	uint32_t weight_max; /* of its servers */
	uint32_t weight_gcd; /* greatest common divisor of the positive weights, 1 when there is
				none */
	uint32_t servers_count;
	uint32_t sources_count;
	const struct ks_source_address *sources;
	const struct ks_server *servers;
};

struct ks_tables {
	/* Open addressing over index + 1 of addresses[]; size address_mask + 1, a power of two. */
	const uint32_t *address_slots;
	const struct ks_local_address *addresses;
	/* Open addressing; size virtual_server_mask + 1, NULL = free. */
	const struct ks_virtual_server *const *virtual_server_slots;
	/*
	 * Routes by falling prefix length, sorted by network within one: those of length L are
	 * routes[route_first[L]] .. routes[route_first[L] + route_count[L] - 1].
	 */
	const struct ks_route *routes;
	uint32_t route_first[33];
	uint32_t route_count[33];
	uint64_t route_lengths; /* bit L: there are routes of length L */
	uint32_t address_mask;
	uint32_t virtual_server_mask;
	uint32_t addresses_count;
	/* A source address has, or once had, services of its own. */
	bool has_shared_sources;
	/*
	 * Live words, not copies: when the address may be served until (TSC; 0 = not held,
	 * UINT64_MAX = for ever), and whether a server's existing connections may go on. Written by
	 * control.
	 */
	_Atomic uint64_t *held_until_tsc;
	_Atomic uint8_t *server_is_available;
};

static inline uint32_t
ks_address_hash(rte_be32_t address_be)
{
	return (uint32_t)(((uint64_t)address_be * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

/*
 * Both halves of the product: the octets in which services differ most, the last of the address,
 * are the uppermost of the key, and reach the lower bits only through the upper half.
 */
static inline uint32_t
ks_virtual_server_hash(rte_be32_t address_be, rte_be16_t port_be, uint8_t protocol)
{
	uint64_t key = ((uint64_t)address_be << 24) | ((uint64_t)port_be << 8) | protocol;
	unsigned __int128 product = (unsigned __int128)key * UINT64_C(0x9e3779b97f4a7c15);

	return (uint32_t)(product >> 64) ^ (uint32_t)((uint64_t)product >> 32);
}

/* The address entry, or NULL. Whether it is held now is another question: held_until_tsc. */
static inline const struct ks_local_address *
ks_address_find(const struct ks_tables *tables, rte_be32_t address_be)
{
	uint32_t slot = ks_address_hash(address_be) & tables->address_mask;

	for (uint32_t index; (index = tables->address_slots[slot]) != 0;
		slot = (slot + 1) & tables->address_mask) {
		if (tables->addresses[index - 1].address_be == address_be)
			return &tables->addresses[index - 1];
	}
	return NULL;
}

static inline const struct ks_virtual_server *
ks_virtual_server_find(
	const struct ks_tables *tables, rte_be32_t address_be, rte_be16_t port_be, uint8_t protocol)
{
	uint32_t slot =
		ks_virtual_server_hash(address_be, port_be, protocol) & tables->virtual_server_mask;
	const struct ks_virtual_server *found;

	while ((found = tables->virtual_server_slots[slot]) != NULL) {
		if (found->address_be == address_be && found->port_be == port_be &&
			found->protocol == protocol)
			return found;
		slot = (slot + 1) & tables->virtual_server_mask;
	}
	return NULL;
}

static inline bool
ks_address_is_held(const struct ks_tables *tables, uint32_t id, uint64_t now_tsc)
{
	return now_tsc < atomic_load_explicit(&tables->held_until_tsc[id], memory_order_relaxed);
}

static inline bool
ks_server_is_available(const struct ks_tables *tables, uint32_t id)
{
	return atomic_load_explicit(&tables->server_is_available[id], memory_order_relaxed) != 0;
}

#endif
