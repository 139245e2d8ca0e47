/* Set-up and frames of the benchmarks; see bench_world.h. */
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "bench_world.h"

static struct bench the_bench;

/* As the program's callgrind counts: everything between its entry and its exit. */
void measured_passes(struct ks_worker *worker, bool is_floor);

static void *
allocate(size_t count, size_t bytes)
{
	void *memory = calloc(count, bytes);

	if (memory == NULL) {
		fprintf(stderr, "no memory\n");
		exit(1);
	}
	return memory;
}

/* What a forwarder must do at least: the same ports, rings and bursts. */
static void
forward_plainly(struct ks_worker *worker)
{
	for (uint16_t port = 0; port < WORLD_PORTS; port++) {
		const struct ks_worker_port *from = &worker->ports[port];
		const struct ks_worker_port *to = &worker->ports[1 - port];
		struct rte_mbuf *burst[KS_BURST];
		uint16_t count = rte_eth_rx_burst(from->ethdev_id, from->queue_id, burst, KS_BURST);

		for (uint16_t i = 0; i < count; i++) {
			struct rte_ether_hdr *ethernet =
				rte_pktmbuf_mtod(burst[i], struct rte_ether_hdr *);
			struct rte_ether_addr sender = ethernet->src_addr;

			ethernet->src_addr = ethernet->dst_addr;
			ethernet->dst_addr = sender;
		}
		rte_eth_tx_burst(to->ethdev_id, to->queue_id, burst, count);
	}
}

static inline void
run_passes(struct ks_worker *worker, bool is_floor)
{
	for (uint32_t pass = 0; pass < PASSES; pass++) {
		if (is_floor)
			forward_plainly(worker);
		else
			ks_pipeline_run(worker);
	}
}

__attribute__((noinline)) void
measured_passes(struct ks_worker *worker, bool is_floor)
{
	run_passes(worker, is_floor);
}

uint64_t
bench_passes(struct bench *bench, uint16_t index, bool is_floor)
{
	struct ks_worker *worker = &bench->world->workers[index];
	uint64_t start = rte_rdtsc_precise();

	if (bench->is_measuring)
		measured_passes(worker, is_floor);
	else
		run_passes(worker, is_floor);
	return rte_rdtsc_precise() - start;
}

struct bench *
bench_open(int eal_arguments_count, char **eal_arguments, uint32_t connections_max)
{
	struct bench *bench = &the_bench;

	bench->world = world_open_with(eal_arguments_count, eal_arguments, connections_max);
	bench->connections_max = connections_max;
	bench->world->workers[0].schedulers =
		allocate(SERVICES_MAX, sizeof(struct ks_scheduler_state));
	for (uint16_t port = 0; port < WORLD_PORTS; port++) {
		for (uint16_t worker = 0; worker < WORLD_WORKERS; worker++)
			bench->keys[worker][port] = allocate(
				worker == 0 ? connections_max : 65536, sizeof(struct ks_flow_key));
		if (rte_pktmbuf_alloc_bulk(bench->world->pool, bench->mbufs[port], PORT_PACKETS) !=
			0) {
			fprintf(stderr, "no packet buffers\n");
			exit(1);
		}
	}
	return bench;
}

/* Services beside the first ones, in tables of their own: a world has room for eight. */
static void
add_services(struct world *world, uint32_t services_count)
{
	static struct ks_virtual_server services[SERVICES_MAX];
	static const struct ks_virtual_server *slots[4 * SERVICES_MAX];

	memset(slots, 0, sizeof(slots));
	for (uint32_t i = 0; i <= services_count; i++) {
		struct ks_virtual_server *service = &services[i];
		uint32_t slot;

		*service = world->services[i < services_count ? 0 : 1];
		service->id = i;
		if (i < services_count)
			service->port_be = rte_cpu_to_be_16((uint16_t)(80 + i));
		slot = ks_virtual_server_hash(
			service->address, service->port_be, service->protocol);
		while (slots[slot % RTE_DIM(slots)] != NULL)
			slot++;
		slots[slot % RTE_DIM(slots)] = service;
	}
	world->tables.virtual_server_slots = slots;
	world->tables.virtual_server_mask = RTE_DIM(slots) - 1;
}

void
bench_reset(struct bench *bench, uint16_t workers_count, uint32_t connections_max,
	uint32_t services_count, const struct bench_mode *mode)
{
	struct world *world = bench->world;
	struct ks_worker *first = &world->workers[0];

	first->connections->connections_max = RTE_MIN(connections_max, bench->connections_max);
	world_reset(world, workers_count);
	world_use_queues(world);
	memset(first->schedulers, 0, SERVICES_MAX * sizeof(*first->schedulers));
	world->services_count = 0;
	world->servers_count = 0;
	world_add_service(world, BUILT_TCP, 80, SERVERS)->sources_count[KS_IPV4] = 2;
	world_add_service(world, BUILT_UDP, 53, 0)->sources_count[KS_IPV4] = 2;
	world->services[1].servers = world->services[0].servers;
	world->services[1].servers_count = SERVERS;
	for (uint32_t i = 0; i < SERVERS; i++)
		world_set_neighbor(world, 10 + i, 1, SERVER_A + i, MAC_SERVER_A, 1);
	bench_mode_set(world, mode);
	world_publish(world);
	add_services(world, services_count);
	bench->mode = mode;
	bench->workers_count = workers_count;
	memset(bench->flows_of, 0, sizeof(bench->flows_of));
	for (uint16_t i = 0; bench->has_clock && i < workers_count; i++) {
		world->workers[i].tsc_per_tick = rte_get_tsc_hz() / KS_TICKS_PER_SECOND;
		world->workers[i].next_tick_tsc = rte_rdtsc();
	}
}

void
bench_tick(struct bench *bench)
{
	for (uint16_t i = 0; i < bench->workers_count; i++)
		bench->world->workers[i].now_ticks++;
}

void
bench_enqueue(struct bench *bench, uint16_t worker, uint16_t port)
{
	rte_ring_enqueue_bulk(bench->world->to_queue[port][worker], (void **)bench->mbufs[port],
		PORT_PACKETS, NULL);
}

void
bench_take_back(struct bench *bench, uint16_t worker, uint16_t port, uint16_t to)
{
	uint32_t count = rte_ring_dequeue_burst(bench->world->from_queue[port][worker],
		(void **)bench->mbufs[to], PORT_PACKETS, NULL);

	if (count != PORT_PACKETS) {
		fprintf(stderr, "%u of %u packets came out\n", count, PORT_PACKETS);
		exit(1);
	}
}

/* The next flows of one worker: their first packets, or second ones. */
static uint32_t
send_flows(struct bench *bench, uint16_t worker, uint32_t from, uint8_t protocol, uint8_t tcp_flags)
{
	const struct ks_rss *rss = &bench->world->rss;
	uint32_t count = 0;

	for (; count < PORT_PACKETS; from++) {
		struct ks_flow_key key = bench_client_key(bench, from, protocol, 0);

		if (bench->workers_count > 1 &&
			ks_rss_owner(rss, KS_IPV4, &key.source_be, &key.source_port_be) != worker)
			continue;
		bench_fill(bench->mbufs[0][count++], 0, &key, tcp_flags, FRAME_BYTES);
	}
	bench_enqueue(bench, worker, 0);
	bench_passes(bench, worker, false);
	bench_take_back(bench, worker, 1, 0);
	return from;
}

/* As packets of this half arrive; of IPv6, the addresses that stand for them. */
static struct ks_flow_key
key_of(const struct ks_connection_table *table, const struct ks_connection_half *half)
{
	const struct ks_endpoints *of = ks_connection_endpoints(table, half);
	bool is_from_client = half->direction == KS_FROM_CLIENT;
	struct ks_flow_key key = half->key;

	if (key.family == KS_IPV6) {
		key.source_be = ks_ip_v4(is_from_client ? of->client : of->server);
		key.destination_be = ks_ip_v4(is_from_client ? of->virtual_address : of->local);
	}
	return key;
}

void
bench_establish(struct bench *bench, uint32_t count, uint8_t protocol)
{
	uint32_t per_worker = count / bench->workers_count;

	for (uint16_t worker = 0; worker < bench->workers_count; worker++) {
		const struct ks_connection_table *table = bench->world->workers[worker].connections;
		uint32_t from = 0;

		for (uint32_t done = 0; done < per_worker; done += PORT_PACKETS)
			from = send_flows(bench, worker, from, protocol, SYN);
		from = 0;
		for (uint32_t done = 0; done < per_worker; done += PORT_PACKETS)
			from = send_flows(bench, worker, from, protocol, ACK);
		/* Kept apart, so that making packets warms no connection. */
		for (uint32_t flow = 0; flow < per_worker; flow++) {
			const struct ks_connection_half *first = &table->halves[2 * (flow + 1)];

			bench->keys[worker][0][flow] = key_of(table, &first[0]);
			bench->keys[worker][1][flow] = key_of(table, &first[1]);
		}
		bench->flows_of[worker] = per_worker;
	}
}
