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

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_common.h>

#include "../service.h"

#define KS_PORTS_MAX 16u
#define KS_WORKERS_MAX 64u
#define KS_ADDRESSES_MAX 65536u
#define KS_ROUTES_MAX 65536u
#define KS_SERVICES_MAX 65536u
#define KS_SERVERS_MAX 262144u

/* The id of no address. */
#define KS_ADDRESS_NONE UINT32_MAX

/* An address of the data plane: a VIP, a LIP or a port's own. */
struct ks_local_address {
	struct ks_ip address;
	/* Stable for an address as long as the process lives; index of held_until_tsc. */
	uint32_t id;
	uint16_t port;
	uint8_t prefix_bits; /* of 128: an IPv4 /24 has 120 */
	uint8_t is_source;   /* a LIP: packets to it belong to FNAT connections first */
};

struct ks_route {
	struct ks_ip network;
	struct ks_ip gateway; /* none: directly connected */
	uint16_t port;
};

struct ks_server {
	struct ks_ip address;
	rte_be16_t port_be; /* 0: the port that the client asked for */
	uint16_t reserved;
	/* Stable while any connection uses it; index of counters and of server_is_available. */
	uint32_t id;
	struct ks_server_options options;
};

struct ks_source_address {
	struct ks_ip address;
	uint32_t id;   /* of the ks_local_address */
	uint16_t port; /* return packets arrive at, so its RSS tells their owner */
	uint16_t reserved;
};

/* Immutable once published; a change of one server makes a new copy of this service alone. */
struct ks_virtual_server {
	struct ks_ip address;
	rte_be16_t port_be; /* 0: any */
	uint8_t protocol;   /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP; of a match also ICMP's */
	uint8_t has_nat;    /* servers by NAT: its connections belong to owners of clients */
	uint32_t id;
	uint32_t revision;   /* another one each time that it is built; not 0 */
	uint32_t weight_max; /* of its servers */
	uint32_t weight_gcd; /* greatest common divisor of the positive weights, 1 when there is
				none */
	uint32_t servers_count;
	uint32_t sources_count[KS_FAMILIES];
	struct ks_service_options options;
	const struct ks_source_address *sources[KS_FAMILIES];
	const struct ks_server *servers;
	/* What its scheduler made of servers and weights: see scheduler_<name>.c; or NULL. */
	const void *scheduler_table;
	const struct ks_match *match; /* NULL: by address and port */
};

/* The servers of NAT: their packets to clients belong to connections of ours. */
struct ks_nat_server {
	struct ks_ip address;
	rte_be16_t port_be;
	uint8_t protocol; /* 0: a free slot */
	uint8_t reserved[5];
};

struct ks_tables {
	/* Open addressing over index + 1 of addresses[]; size address_mask + 1, a power of two. */
	const uint32_t *address_slots;
	const struct ks_local_address *addresses;
	/* Open addressing; size virtual_server_mask + 1, NULL = free. */
	const struct ks_virtual_server *const *virtual_server_slots;
	/*
	 * Routes by falling prefix length (of 128 bits), sorted by network within one: those of
	 * length L are routes[route_first[L]] .. routes[route_first[L] + route_count[L] - 1].
	 */
	const struct ks_route *routes;
	uint32_t route_first[KS_IP_BITS + 1];
	uint32_t route_count[KS_IP_BITS + 1];
	uint64_t route_lengths[KS_IP_BITS / 64 + 1]; /* bit L % 64 of word L / 64: there are some */
	/* Services by match, in the order in which they are tried. */
	const struct ks_virtual_server *const *matches;
	uint32_t matches_count;
	/* Open addressing; size nat_server_mask + 1. NULL: there is none. */
	const struct ks_nat_server *nat_servers;
	uint32_t nat_server_mask;
	/* An address of ours on the port, for what we say there ourselves; or none. */
	struct ks_ip port_addresses[KS_PORTS_MAX][KS_FAMILIES];
	const uint32_t *timeout_ticks; /* by enum ks_connection_state */
	uint8_t uoa_mode;              /* enum ks_uoa_mode */
	uint8_t uoa_packets_max;       /* uoa_max_trail */
	uint32_t address_mask;
	uint32_t virtual_server_mask;
	uint32_t addresses_count;
	/* A source address has, or once had, services of its own. */
	bool has_shared_sources;
	bool has_any_port;  /* services of port 0 */
	bool forwards_ipv4; /* what is for nobody here goes on by the routes */
	bool forwards_ipv6;
	bool drops_unserved_udp;          /* to an address of ours that has no service there */
	bool drops_stray_tcp;             /* the same, that opens nothing */
	bool expires_quiescent_templates; /* of persistence: not to servers of weight 0 */
	/*
	 * Live words, not copies: when the address may be served until (TSC; 0 = not held,
	 * UINT64_MAX = for ever), and whether a server's existing connections may go on. Written by
	 * control.
	 */
	_Atomic uint64_t *held_until_tsc;
	_Atomic uint8_t *server_is_available;
};

static inline uint32_t
ks_address_hash(struct ks_ip address)
{
	return (uint32_t)ks_ip_hash(address);
}

/* All bits of the address count for all bits of the result, as ks_ip_hash folds them. */
static inline uint32_t
ks_virtual_server_hash(struct ks_ip address, rte_be16_t port_be, uint8_t protocol)
{
	uint64_t ends = ((uint64_t)port_be << 8) | protocol;

	return (uint32_t)((ks_ip_hash(address) ^ ends) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* The address entry, or NULL. Whether it is held now is another question: held_until_tsc. */
static inline const struct ks_local_address *
ks_address_find(const struct ks_tables *tables, struct ks_ip address)
{
	uint32_t slot = ks_address_hash(address) & tables->address_mask;

	for (uint32_t index; (index = tables->address_slots[slot]) != 0;
		slot = (slot + 1) & tables->address_mask) {
		if (ks_ip_equal(tables->addresses[index - 1].address, address))
			return &tables->addresses[index - 1];
	}
	return NULL;
}

/* The service of this very port (0: the one of any port). */
static inline const struct ks_virtual_server *
ks_virtual_server_find_exact(
	const struct ks_tables *tables, struct ks_ip address, rte_be16_t port_be, uint8_t protocol)
{
	uint32_t slot =
		ks_virtual_server_hash(address, port_be, protocol) & tables->virtual_server_mask;
	const struct ks_virtual_server *found;

	while ((found = tables->virtual_server_slots[slot]) != NULL) {
		if (ks_ip_equal(found->address, address) && found->port_be == port_be &&
			found->protocol == protocol)
			return found;
		slot = (slot + 1) & tables->virtual_server_mask;
	}
	return NULL;
}

static inline const struct ks_virtual_server *
ks_virtual_server_find(
	const struct ks_tables *tables, struct ks_ip address, rte_be16_t port_be, uint8_t protocol)
{
	const struct ks_virtual_server *found =
		ks_virtual_server_find_exact(tables, address, port_be, protocol);

	if (found == NULL && unlikely(tables->has_any_port))
		found = ks_virtual_server_find_exact(tables, address, 0, protocol);
	return found;
}

static inline bool
ks_nat_server_is_known_exact(
	const struct ks_tables *tables, struct ks_ip address, rte_be16_t port_be, uint8_t protocol)
{
	uint32_t slot =
		ks_virtual_server_hash(address, port_be, protocol) & tables->nat_server_mask;
	const struct ks_nat_server *found;

	while ((found = &tables->nat_servers[slot])->protocol != 0) {
		if (ks_ip_equal(found->address, address) && found->port_be == port_be &&
			found->protocol == protocol)
			return true;
		slot = (slot + 1) & tables->nat_server_mask;
	}
	return false;
}

/* Those of services of any port are there with port 0 and answer from each. */
static inline bool
ks_nat_server_is_known(
	const struct ks_tables *tables, struct ks_ip address, rte_be16_t port_be, uint8_t protocol)
{
	return tables->nat_servers != NULL &&
	       (ks_nat_server_is_known_exact(tables, address, port_be, protocol) ||
		       ks_nat_server_is_known_exact(tables, address, 0, protocol));
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
