/*
 * Owner: one test program. Threads: its only one. Lifetime: the program.
 *
 * A world for the pipeline: two ports on rings, one to four workers, and tables a test can change.
 * Port 0 faces clients (192.0.2.0/24 and the default gateway), port 1 the servers (10.0.0.0/24).
 */
#ifndef KS_TEST_FIXTURE_H
#define KS_TEST_FIXTURE_H

#include <rte_ring.h>

#include "connection.h"
#include "packet_builder.h"
#include "worker.h"

#define WORLD_ADDRESSES_MAX 8u
#define WORLD_ROUTES_MAX 16u
#define WORLD_SERVICES_MAX 64u
#define WORLD_SERVERS_MAX 128u
#define WORLD_SLOTS 256u
#define WORLD_PORTS 2u
#define WORLD_WORKERS 4u

#define VIP IPV4(192, 0, 2, 10)
#define LIP IPV4(10, 0, 0, 5)
#define LIP_2 IPV4(10, 0, 0, 6)
#define CLIENT IPV4(198, 51, 100, 7)
#define GATEWAY IPV4(192, 0, 2, 1)
#define SERVER_A IPV4(10, 0, 0, 101)
#define SERVER_B IPV4(10, 0, 0, 102)
#define SERVER_UNKNOWN IPV4(10, 0, 0, 103) /* no neighbour entry */

/* IPv6: the last 64 bits, in two networks; the world has no IPv6 service, see world_add_service6.
 */
#define NET6_VIPS UINT64_C(0x20010db800000001)
#define NET6_SERVERS UINT64_C(0x20010db800000002)
#define NET6_CLIENTS UINT64_C(0x20010db8ffff0000)
#define VIP6 0x10u
#define LIP6 0x5u
#define GATEWAY6 0x1u
#define CLIENT6 0x7u
#define SERVER6_A 0x101u
#define SERVER6_B 0x102u

/* Last octets of MAC addresses. */
enum {
	MAC_PORT_0 = 0x10,
	MAC_PORT_1 = 0x11,
	MAC_GATEWAY = 0x01,
	MAC_SERVER_A = 0xa1,
	MAC_SERVER_B = 0xb1,
};

/* Services of a new world, all on VIP but the last. */
enum {
	SERVICE_TCP = 0,     /* port 80, rr over SERVER_A:8080 and SERVER_B:8080 */
	SERVICE_UDP = 1,     /* port 53, SERVER_A:5300 */
	SERVICE_IDLE = 2,    /* port 81, a server of weight 0 */
	SERVICE_UNKNOWN = 3, /* port 82, SERVER_UNKNOWN:8080 */
};

struct world {
	struct ks_tables tables;
	uint32_t address_slots[WORLD_SLOTS];
	struct ks_local_address addresses[WORLD_ADDRESSES_MAX];
	const struct ks_virtual_server *service_slots[WORLD_SLOTS];
	struct ks_route routes[WORLD_ROUTES_MAX];
	struct ks_virtual_server services[WORLD_SERVICES_MAX];
	struct ks_server servers[WORLD_SERVERS_MAX];
	struct ks_source_address sources[2];
	struct ks_source_address source6;
	_Atomic uint64_t held_until_tsc[WORLD_ADDRESSES_MAX];
	_Atomic uint8_t server_is_available[WORLD_SERVERS_MAX];
	uint32_t services_count;
	uint32_t servers_count;

	_Atomic(const struct ks_tables *) published;
	struct rte_rcu_qsbr *qsbr;
	struct ks_neighbor_table *neighbors;
	struct rte_mempool *pool;
	struct rte_ring *to_port[WORLD_PORTS];
	struct rte_ring *from_port[WORLD_PORTS];
	struct rte_ring *to_queue[WORLD_PORTS][WORLD_WORKERS]; /* [0]: to_port */
	struct rte_ring *from_queue[WORLD_PORTS][WORLD_WORKERS];
	struct ks_rss rss; /* of both ports */
	uint16_t ethdev_ids[WORLD_PORTS];
	struct ks_worker workers[WORLD_WORKERS];
	void *aside[WORLD_WORKERS]; /* memory of their tables */
};

/* Addresses as tables have them; IPv4 in host order. */
static inline struct ks_ip
world_ip(uint32_t address)
{
	return ks_ip_from_v4(rte_cpu_to_be_32(address));
}

static inline struct ks_ip
world_ip6(uint64_t network, uint64_t host)
{
	return (struct ks_ip){{rte_cpu_to_be_64(network), rte_cpu_to_be_64(host)}};
}

/*
 * Once per program: EAL without hugepages, ports, a table of connections_max connections for worker
 * 0, and of 65536 at most for the others.
 */
struct world *world_open(const char *program, uint32_t connections_max);

/* The same with the caller's arguments for EAL. */
struct world *world_open_with(int arguments_count, char **arguments, uint32_t connections_max);

/* As after world_open: fresh tables, no connections, empty rings, counters 0. */
void world_reset(struct world *world, uint16_t workers_count);

/* A queue of every port for each worker; before, all use queue 0. */
void world_use_queues(struct world *world);

/* After a change to addresses, routes, services or servers. */
void world_publish(struct world *world);
struct ks_virtual_server *world_add_service(
	struct world *world, uint8_t protocol, uint16_t port, uint32_t servers_count);
/* bits: of 128. */
void world_add_route(struct world *world, struct ks_ip network, uint32_t bits, struct ks_ip gateway,
	uint16_t port);
void world_set_neighbor_ip(struct world *world, uint32_t index, uint16_t port, struct ks_ip address,
	uint8_t mac, uint16_t generation);
void world_set_neighbor(struct world *world, uint32_t index, uint16_t port, uint32_t address,
	uint8_t mac, uint16_t generation);

/* One frame into a port. */
void world_send(struct world *world, uint16_t port, const struct built_packet *packet);
struct rte_mbuf *world_mbuf(struct world *world, const struct built_packet *packet);

/* One pass of a worker, and the check that every packet got one verdict. */
void world_run(struct world *world, uint16_t worker);

/* Takes the next frame that left through a port, or of a ring; false: there is none. */
bool world_take(struct rte_ring *ring, struct built_packet *packet, struct ks_packet_note *note);

/* Sends one packet through worker 0 and returns its verdict. */
enum ks_verdict world_verdict(struct world *world, uint16_t port, const struct packet_spec *spec);
const char *world_verdict_name(enum ks_verdict verdict);

/* Frees every packet under way; and checks that none was lost. */
void world_drain(struct world *world);
void world_check_leaks(struct world *world);

#endif
