/* The world of fixture.h: EAL without hugepages, ports on rings, tables built by hand. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>

#include "fixture.h"
#include "tap.h"

#define RING_SIZE 256u
#define POOL_PACKETS 2047u

static void
must(bool holds, const char *what)
{
	if (holds)
		return;
	printf("Bail out! %s\n", what);
	exit(1);
}

static void *
allocate(size_t bytes)
{
	void *memory = rte_zmalloc(NULL, bytes, RTE_CACHE_LINE_SIZE);

	must(memory != NULL, "memory");
	return memory;
}

static struct rte_ring *
open_ring(const char *kind, uint16_t port, uint16_t queue)
{
	char name[32];
	struct rte_ring *ring;

	snprintf(name, sizeof(name), "%s_%u_%u", kind, port, queue);
	ring = rte_ring_create(name, RING_SIZE, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
	must(ring != NULL, "a port's ring");
	return ring;
}

static void
open_port(struct world *world, uint16_t port)
{
	const struct rte_eth_conf settings = {0};
	bool is_open = true;
	char name[32];
	uint16_t id;

	for (uint16_t queue = 0; queue < WORLD_WORKERS; queue++) {
		world->to_queue[port][queue] = open_ring("to", port, queue);
		world->from_queue[port][queue] = open_ring("from", port, queue);
	}
	world->to_port[port] = world->to_queue[port][0];
	world->from_port[port] = world->from_queue[port][0];
	snprintf(name, sizeof(name), "test_%u", port);
	id = (uint16_t)rte_eth_from_rings(name, world->to_queue[port], WORLD_WORKERS,
		world->from_queue[port], WORLD_WORKERS, (unsigned int)SOCKET_ID_ANY);
	must(id < RTE_MAX_ETHPORTS, "port on rings");
	world->ethdev_ids[port] = id;
	is_open = rte_eth_dev_configure(id, WORLD_WORKERS, WORLD_WORKERS, &settings) == 0;
	for (uint16_t queue = 0; queue < WORLD_WORKERS; queue++)
		is_open = is_open &&
			  rte_eth_rx_queue_setup(id, queue, 64, (unsigned int)SOCKET_ID_ANY, NULL,
				  world->pool) == 0 &&
			  rte_eth_tx_queue_setup(
				  id, queue, 64, (unsigned int)SOCKET_ID_ANY, NULL) == 0;
	must(is_open && rte_eth_dev_start(id) == 0, "port started");
}

static void
open_worker(struct world *world, uint16_t index, uint32_t connections_max)
{
	struct ks_worker *worker = &world->workers[index];
	char name[32];

	worker->index = index;
	worker->neighbors = world->neighbors;
	worker->connections = allocate(ks_connection_table_bytes(connections_max));
	/* Not of EAL: as for control, its pages need not be there. */
	world->aside[index] = mmap(NULL, ks_connection_aside_bytes(connections_max),
		PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	must(world->aside[index] != MAP_FAILED, "memory");
	worker->connections->connections_max = connections_max;
	worker->servers = allocate(WORLD_SERVERS_MAX * sizeof(*worker->servers));
	worker->sources = allocate(WORLD_ADDRESSES_MAX * sizeof(*worker->sources));
	worker->schedulers = allocate(WORLD_SERVICES_MAX * sizeof(*worker->schedulers));
	worker->published = &world->published;
	worker->qsbr = world->qsbr;
	snprintf(name, sizeof(name), "punt_%u", index);
	worker->punt = rte_ring_create(name, 64, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
	snprintf(name, sizeof(name), "inject_%u", index);
	worker->inject = rte_ring_create(name, 64, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
	snprintf(name, sizeof(name), "steered_%u", index);
	worker->steered = rte_ring_create(name, 64, 0, RING_F_SC_DEQ);
	must(worker->punt != NULL && worker->inject != NULL && worker->steered != NULL, "rings");
	must(rte_rcu_qsbr_thread_register(world->qsbr, index) == 0, "qsbr");
	rte_rcu_qsbr_thread_online(world->qsbr, index);
}

struct world *
world_open(const char *program, uint32_t connections_max)
{
	char prefix[64];
	const char *const arguments[] = {program, "--no-huge", "-m", "128", "--no-pci",
		"--no-shconf", "--no-telemetry", "-l", "0", "--log-level=lib.*:error", prefix};

	snprintf(prefix, sizeof(prefix), "--file-prefix=ks-test-%d", (int)getpid());
	return world_open_with(
		(int)RTE_DIM(arguments), (char **)(uintptr_t)arguments, connections_max);
}

struct world *
world_open_with(int arguments_count, char **arguments, uint32_t connections_max)
{
	size_t qsbr_bytes = rte_rcu_qsbr_get_memsize(WORLD_WORKERS);
	struct world *world;

	must(rte_eal_init(arguments_count, arguments) >= 0, "EAL");
	world = allocate(sizeof(*world));
	world->pool = rte_pktmbuf_pool_create("packets", POOL_PACKETS, 0,
		sizeof(struct ks_packet_note), 4096 + RTE_PKTMBUF_HEADROOM, SOCKET_ID_ANY);
	must(world->pool != NULL, "packet pool");
	world->qsbr = allocate(qsbr_bytes);
	must(rte_rcu_qsbr_init(world->qsbr, WORLD_WORKERS) == 0, "qsbr");
	world->neighbors = allocate(sizeof(*world->neighbors));
	for (uint16_t port = 0; port < WORLD_PORTS; port++)
		open_port(world, port);
	open_worker(world, 0, connections_max);
	for (uint16_t index = 1; index < WORLD_WORKERS; index++)
		open_worker(world, index, RTE_MIN(connections_max, 65536u));
	world_reset(world, 1);
	return world;
}

static void
reset_worker(struct world *world, struct ks_worker *worker, uint16_t workers_count)
{
	worker->workers_count = workers_count;
	worker->ports_count = WORLD_PORTS;
	/* Ticks never pass by themselves: tests set now_ticks. */
	worker->now_ticks = 1000;
	worker->tsc_per_tick = UINT64_C(1) << 62;
	worker->next_tick_tsc = UINT64_MAX;
	ks_connection_table_init(worker->connections, world->aside[worker - world->workers],
		worker->connections->connections_max, 42);
	worker->connections->scan_ticks = worker->now_ticks;
	memset(worker->servers, 0, WORLD_SERVERS_MAX * sizeof(*worker->servers));
	memset(worker->sources, 0, WORLD_ADDRESSES_MAX * sizeof(*worker->sources));
	memset(worker->schedulers, 0, WORLD_SERVICES_MAX * sizeof(*worker->schedulers));
	memset(worker->known_hops, 0, sizeof(worker->known_hops));
	memset(worker->verdicts, 0, sizeof(worker->verdicts));
	worker->rx = worker->steered_in = worker->injected = worker->inject_failed = 0;
	worker->checksums_completed = 0;
	for (uint16_t port = 0; port < WORLD_PORTS; port++) {
		worker->ports[port] = (struct ks_worker_port){
			.ethdev_id = world->ethdev_ids[port],
			.mtu_bytes = 1500,
			.mac = {{2, 0, 0, 0, 0, (uint8_t)(MAC_PORT_0 + port)}},
			.rss = &world->rss,
		};
		worker->ports[port].mac_word = ks_mac_word(&worker->ports[port].mac);
		worker->tx_count[port] = 0;
	}
	for (uint16_t other = 0; other < WORLD_WORKERS; other++)
		worker->steer[other] = world->workers[other].steered;
}

static void
drain(struct rte_ring *ring)
{
	void *mbuf;

	while (rte_ring_dequeue(ring, &mbuf) == 0)
		rte_pktmbuf_free(mbuf);
}

void
world_drain(struct world *world)
{
	for (uint16_t port = 0; port < WORLD_PORTS; port++) {
		for (uint16_t queue = 0; queue < WORLD_WORKERS; queue++) {
			drain(world->to_queue[port][queue]);
			drain(world->from_queue[port][queue]);
		}
	}
	for (uint16_t index = 0; index < WORLD_WORKERS; index++) {
		drain(world->workers[index].punt);
		drain(world->workers[index].inject);
		drain(world->workers[index].steered);
	}
}

struct ks_virtual_server *
world_add_service(struct world *world, uint8_t protocol, uint16_t port, uint32_t servers_count)
{
	struct ks_virtual_server *service = &world->services[world->services_count];

	*service = (struct ks_virtual_server){
		.address = world_ip(VIP),
		.port_be = rte_cpu_to_be_16(port),
		.protocol = protocol,
		.id = world->services_count,
		.revision = 1,
		.weight_max = 1,
		.options = {.flags = KS_SERVICE_NO_CLIENT_ADDRESS},
		.weight_gcd = 1,
		.servers_count = servers_count,
		.sources_count = {1, 0},
		.sources = {world->sources, &world->source6},
		.servers = &world->servers[world->servers_count],
	};
	world->services_count++;
	for (uint32_t i = 0; i < servers_count; i++, world->servers_count++) {
		world->servers[world->servers_count] = (struct ks_server){
			.address = world_ip(SERVER_A + i),
			.port_be = RTE_BE16(8080),
			.options = {.weight = 1},
			.id = world->servers_count,
		};
		world->server_is_available[world->servers_count] = 1;
	}
	return service;
}

static void
add_address(struct world *world, struct ks_ip address, uint16_t port, bool is_source)
{
	uint32_t id = world->tables.addresses_count++;

	world->addresses[id] = (struct ks_local_address){
		.address = address,
		.id = id,
		.port = port,
		.prefix_bits = 96 + 24,
		.is_source = is_source,
	};
	world->held_until_tsc[id] = UINT64_MAX;
}

void
world_set_neighbor_ip(struct world *world, uint32_t index, uint16_t port, struct ks_ip address,
	uint8_t mac, uint16_t generation)
{
	uint32_t hash = ks_neighbor_hash(address);
	uint32_t slot = ks_neighbor_slot(port, hash);
	uint64_t word = (uint64_t)hash << 32 | (uint64_t)port << 24 | (index + 2);
	uint8_t octets[8] = {2, 0, 0, 0, 0, mac};
	uint64_t mac_word;

	world->neighbors->addresses[index][0] = address.words[0];
	world->neighbors->addresses[index][1] = address.words[1];
	if (ks_neighbor_find(world->neighbors, port, address) == KS_NEIGHBOR_NONE) {
		while (world->neighbors->slots[slot] != 0)
			slot = (slot + 1) % KS_NEIGHBOR_SLOTS;
		world->neighbors->slots[slot] = word;
	}
	memcpy(&mac_word, octets, sizeof(mac_word));
	world->neighbors->macs[index] =
		mac_word | (uint64_t)generation << KS_NEIGHBOR_GENERATION_SHIFT | KS_NEIGHBOR_VALID;
}

void
world_set_neighbor(struct world *world, uint32_t index, uint16_t port, uint32_t address,
	uint8_t mac, uint16_t generation)
{
	world_set_neighbor_ip(world, index, port, world_ip(address), mac, generation);
}

void
world_publish(struct world *world)
{
	struct ks_tables *tables = &world->tables;

	memset(world->address_slots, 0, sizeof(world->address_slots));
	memset(world->service_slots, 0, sizeof(world->service_slots));
	for (uint32_t i = 0; i < tables->addresses_count; i++) {
		uint32_t slot = ks_address_hash(world->addresses[i].address) % WORLD_SLOTS;

		while (world->address_slots[slot] != 0)
			slot = (slot + 1) % WORLD_SLOTS;
		world->address_slots[slot] = i + 1;
	}
	for (uint32_t i = 0; i < world->services_count; i++) {
		const struct ks_virtual_server *service = &world->services[i];
		uint32_t slot = ks_virtual_server_hash(
					service->address, service->port_be, service->protocol) %
				WORLD_SLOTS;

		while (world->service_slots[slot] != NULL)
			slot = (slot + 1) % WORLD_SLOTS;
		world->service_slots[slot] = service;
	}
	for (uint32_t i = 0; i < world->services_count; i++)
		tables->has_shared_sources |=
			ks_ip_equal(world->services[i].address, world_ip(LIP));
	world->published = tables;
}

void
world_add_route(struct world *world, struct ks_ip network, uint32_t bits, struct ks_ip gateway,
	uint16_t port)
{
	struct ks_tables *tables = &world->tables;
	uint32_t at = 0;

	/* By falling length, then by network, as control sorts them. */
	for (uint32_t length = KS_IP_BITS; length > bits; length--)
		at += tables->route_count[length];
	tables->route_first[bits] = at;
	for (uint32_t i = 0; i < tables->route_count[bits]; i++)
		at += ks_ip_compare(world->routes[at].network, network) < 0;
	memmove(&world->routes[at + 1], &world->routes[at],
		(WORLD_ROUTES_MAX - at - 1) * sizeof(world->routes[0]));
	world->routes[at] = (struct ks_route){.network = network, .gateway = gateway, .port = port};
	tables->route_count[bits]++;
	tables->route_lengths[bits / 64] |= UINT64_C(1) << bits % 64;
	for (uint32_t length = 0; length < bits; length++)
		tables->route_first[length]++;
}

static void
add_routes(struct world *world)
{
	const struct ks_ip none = {{0, 0}};

	world_add_route(world, world_ip(IPV4(10, 0, 0, 0)), 96 + 24, none, 1);
	world_add_route(world, world_ip(IPV4(192, 0, 2, 0)), 96 + 24, none, 0);
	world_add_route(world, world_ip(0), 96, world_ip(GATEWAY), 0);
	world_add_route(world, world_ip6(NET6_SERVERS, 0), 64, none, 1);
	world_add_route(world, world_ip6(NET6_VIPS, 0), 64, none, 0);
	world_add_route(world, none, 0, world_ip6(NET6_VIPS, GATEWAY6), 0);
}

static void
reset_tables(struct world *world)
{
	memset(&world->tables, 0, sizeof(world->tables));
	memset(world->routes, 0, sizeof(world->routes));
	world->tables.address_slots = world->address_slots;
	world->tables.addresses = world->addresses;
	world->tables.address_mask = WORLD_SLOTS - 1;
	world->tables.virtual_server_slots = world->service_slots;
	world->tables.virtual_server_mask = WORLD_SLOTS - 1;
	world->tables.routes = world->routes;
	world->tables.held_until_tsc = world->held_until_tsc;
	world->tables.server_is_available = world->server_is_available;
	world->tables.timeout_ticks = ks_state_timeout_ticks;
	add_routes(world);
	add_address(world, world_ip(VIP), 0, false);
	add_address(world, world_ip(LIP), 1, true);
	add_address(world, world_ip(LIP_2), 1, true);
	add_address(world, world_ip6(NET6_VIPS, VIP6), 0, false);
	add_address(world, world_ip6(NET6_SERVERS, LIP6), 1, true);
	world->tables.port_addresses[0][KS_IPV4] = world_ip(VIP);
	world->tables.port_addresses[1][KS_IPV4] = world_ip(LIP);
	world->tables.port_addresses[0][KS_IPV6] = world_ip6(NET6_VIPS, VIP6);
	world->tables.port_addresses[1][KS_IPV6] = world_ip6(NET6_SERVERS, LIP6);
	world->sources[0] = (struct ks_source_address){world_ip(LIP), 1, 1, 0};
	world->sources[1] = (struct ks_source_address){world_ip(LIP_2), 2, 1, 0};
	world->source6 = (struct ks_source_address){world_ip6(NET6_SERVERS, LIP6), 4, 1, 0};
	world->services_count = 0;
	world->servers_count = 0;
	world_add_service(world, BUILT_TCP, 80, 2);
	world_add_service(world, BUILT_UDP, 53, 1);
	world->servers[2].port_be = RTE_BE16(5300);
	world_add_service(world, BUILT_TCP, 81, 1)->weight_max = 0;
	world->servers[3].options.weight = 0;
	world_add_service(world, BUILT_TCP, 82, 1);
	world->servers[4].address = world_ip(SERVER_UNKNOWN);
	world_publish(world);
}

/* The key of Microsoft's verification suite; entries of the table in turn. */
static void
reset_rss(struct world *world, uint16_t workers_count)
{
	static const uint8_t key[KS_TOEPLITZ_KEY_BYTES] = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e,
		0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae,
		0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7,
		0x3b, 0xbe, 0xac, 0x01, 0xfa};
	uint8_t owners[128];

	for (uint32_t i = 0; i < sizeof(owners); i++)
		owners[i] = (uint8_t)(i % workers_count);
	ks_rss_init(&world->rss, key, owners, sizeof(owners));
}

void
world_reset(struct world *world, uint16_t workers_count)
{
	world_drain(world);
	memset(world->neighbors, 0, sizeof(*world->neighbors));
	world_set_neighbor(world, 0, 0, GATEWAY, MAC_GATEWAY, 1);
	world_set_neighbor(world, 1, 1, SERVER_A, MAC_SERVER_A, 1);
	world_set_neighbor(world, 2, 1, SERVER_B, MAC_SERVER_B, 1);
	reset_tables(world);
	reset_rss(world, workers_count);
	for (uint16_t index = 0; index < WORLD_WORKERS; index++)
		reset_worker(world, &world->workers[index], workers_count);
}

void
world_use_queues(struct world *world)
{
	for (uint16_t index = 0; index < WORLD_WORKERS; index++) {
		for (uint16_t port = 0; port < WORLD_PORTS; port++)
			world->workers[index].ports[port].queue_id = index;
	}
}

struct rte_mbuf *
world_mbuf(struct world *world, const struct built_packet *packet)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(world->pool);
	char *frame;

	must(mbuf != NULL, "a packet buffer");
	frame = rte_pktmbuf_append(mbuf, (uint16_t)packet->length);
	must(frame != NULL, "a frame that fits");
	memcpy(frame, packet->bytes, packet->length);
	return mbuf;
}

void
world_send(struct world *world, uint16_t port, const struct built_packet *packet)
{
	must(rte_ring_enqueue(world->to_port[port], world_mbuf(world, packet)) == 0,
		"room on the wire");
}

void
world_run(struct world *world, uint16_t index)
{
	const struct ks_worker *worker = &world->workers[index];
	uint64_t sum = 0;

	ks_pipeline_run(&world->workers[index]);
	for (int verdict = 0; verdict < KS_VERDICT_COUNT; verdict++)
		sum += worker->verdicts[verdict];
	if (worker->rx + worker->steered_in != sum)
		tap_equal(
			worker->rx + worker->steered_in, sum, "rx + steered_in = sum of verdicts");
}

bool
world_take(struct rte_ring *ring, struct built_packet *packet, struct ks_packet_note *note)
{
	struct rte_mbuf *mbuf;

	if (rte_ring_dequeue(ring, (void **)&mbuf) != 0)
		return false;
	packet->length = rte_pktmbuf_data_len(mbuf);
	memcpy(packet->bytes, rte_pktmbuf_mtod(mbuf, const uint8_t *), packet->length);
	if (note != NULL)
		*note = *ks_packet_note(mbuf);
	rte_pktmbuf_free(mbuf);
	return true;
}

enum ks_verdict
world_verdict(struct world *world, uint16_t port, const struct packet_spec *spec)
{
	struct built_packet packet = build(spec);
	uint64_t before[KS_VERDICT_COUNT];

	memcpy(before, world->workers[0].verdicts, sizeof(before));
	world_send(world, port, &packet);
	world_run(world, 0);
	for (int verdict = 0; verdict < KS_VERDICT_COUNT; verdict++) {
		if (world->workers[0].verdicts[verdict] != before[verdict])
			return (enum ks_verdict)verdict;
	}
	return KS_VERDICT_COUNT;
}

const char *
world_verdict_name(enum ks_verdict verdict)
{
	static const char *const names[] = {
#define KS_VERDICT(name, class, sentence) #name,
#include "verdict.def"
#undef KS_VERDICT
		"none",
	};

	return names[verdict];
}

void
world_check_leaks(struct world *world)
{
	world_drain(world);
	tap_equal(rte_mempool_avail_count(world->pool), POOL_PACKETS, "no packet buffer is lost");
}
