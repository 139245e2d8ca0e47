#include "workers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_pause.h>
#include <rte_ring.h>

#include "../datapath/connection_dump.h"
#include "../datapath/locality.h"
#include "../datapath/persistence.h"
#include "memory.h"
#include "reason.h"
#include "slow_thread.h"

/*
 * An idle worker first pauses, then sleeps a little longer each time. A wake-up costs 20 us on a
 * virtual machine, so after a while without any packet (50 ms) it takes a longer nap.
 */
#define IDLE_PASSES_BEFORE_SLEEP 256u
#define SLEEPS_BEFORE_NAP 1000u
#define SLEEP_NS_STEP 1000
#define SLEEP_NS_MAX 50000
#define NAP_NS 250000

#define SERVERS_BYTES (KS_SERVERS_MAX * sizeof(struct ks_server_counters))
#define SOURCES_BYTES (KS_ADDRESSES_MAX * sizeof(struct ks_source_counters))
#define SCHEDULERS_BYTES (KS_SERVICES_MAX * sizeof(struct ks_scheduler_state))
#define PERSISTENCE_BYTES ks_persistence_table_bytes(KS_TEMPLATES_MAX)

static uint64_t
make_seed(const void *owner)
{
	uint64_t seed = rte_rdtsc();

	/* The clock alone is no secret, but better than no table. */
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) < 0)
		seed ^= (uintptr_t)owner;
	return seed;
}

static struct rte_ring *
make_ring(const char *kind, uint32_t index, unsigned int size, unsigned int flags)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "ks_%s_%u", kind, index);
	return rte_ring_create(name, size, SOCKET_ID_ANY, flags);
}

static void
fill_ports(struct ks_worker *worker, const struct ks_ports *ports)
{
	worker->ports_count = (uint16_t)ports->count;
	for (uint32_t i = 0; i < ports->count; i++) {
		const struct ks_port *from = &ports->ports[i];
		struct ks_worker_port *port = &worker->ports[i];

		port->ethdev_id = from->ethdev_id;
		port->queue_id = worker->index;
		port->mtu_bytes = from->mtu_bytes;
		port->completes_checksums = from->completes_checksums;
		port->transmits_only = worker->index >= from->rx_queues;
		port->is_hashed = from->is_hashed;
		port->rss = from->rss;
		port->mac = from->mac;
		port->mac_word = ks_mac_word(&from->mac);
	}
}

static int
make_worker(struct ks_workers *workers, uint32_t index, const struct ks_workers_options *options,
	struct ks_reason *reason)
{
	struct ks_worker *worker = ks_memory_map(sizeof(*worker), false);

	workers->workers[index] = worker;
	worker->index = (uint16_t)index;
	worker->workers_count = (uint16_t)options->count;
	worker->cpu = (uint16_t)options->cpus[index];
	worker->neighbors = options->neighbors;
	worker->published = options->published;
	worker->qsbr = options->qsbr;
	worker->tsc_per_tick = rte_get_tsc_hz() / KS_TICKS_PER_SECOND;
	worker->servers = ks_memory_map(SERVERS_BYTES, false);
	worker->servers_max = KS_SERVERS_MAX;
	worker->sources = ks_memory_map(SOURCES_BYTES, false);
	worker->addresses_max = KS_ADDRESSES_MAX;
	worker->schedulers = ks_memory_map(SCHEDULERS_BYTES, false);
	worker->services_max = KS_SERVICES_MAX;
	worker->dump = ks_memory_map(sizeof(*worker->dump), false);
	worker->locality = ks_memory_map(sizeof(*worker->locality), false);
	ks_locality_init(worker->locality, make_seed(worker->locality));
	worker->persistence = workers->persistence;
	fill_ports(worker, options->ports);

	worker->punt = make_ring("punt", index, KS_PUNT_RING_SIZE, RING_F_SP_ENQ | RING_F_SC_DEQ);
	worker->inject = make_ring("inject", index, KS_INJECT_RING_SIZE, RING_F_SC_DEQ);
	worker->steered = make_ring("steer", index, KS_STEER_RING_SIZE, RING_F_SC_DEQ);
	if (worker->punt == NULL || worker->inject == NULL || worker->steered == NULL)
		return ks_refuse(reason, ENOMEM,
			"no memory for the rings of worker %u; raise packet_buffers or the "
			"hugepages",
			index);
	return 0;
}

/* Workers without a transmit queue of a port send through one that has it. */
static void
connect_workers(struct ks_workers *workers, const struct ks_ports *ports)
{
	for (uint32_t i = 0; i < workers->count; i++) {
		struct ks_worker *worker = workers->workers[i];

		for (uint32_t j = 0; j < workers->count; j++)
			worker->steer[j] = workers->workers[j]->steered;
		for (uint32_t j = 0; j < ports->count; j++) {
			uint32_t tx_queues = ports->ports[j].tx_queues;

			if (i >= tx_queues)
				worker->ports[j].relay = workers->workers[i % tx_queues]->inject;
		}
	}
}

struct table_order {
	struct ks_worker *worker;
	size_t bytes;
	uint32_t connections_max;
	bool may_reserve;
};

/* Runs on the worker's lcore: memory comes from the NUMA node of who touches it first. */
static int
make_table(void *argument)
{
	const struct table_order *order = argument;
	struct ks_worker *worker = order->worker;

	/* What lies aside is touched as connections need them: no page of theirs is reserved. */
	worker->connections =
		ks_connection_table_init(ks_memory_map(order->bytes, order->may_reserve),
			ks_memory_map(ks_connection_aside_bytes(order->connections_max), false),
			order->connections_max, make_seed(worker));
	return 0;
}

static void
make_connection_tables(struct ks_workers *workers, const struct ks_workers_options *options)
{
	struct table_order orders[KS_WORKERS_MAX];

	for (uint32_t i = 0; i < workers->count; i++) {
		orders[i] = (struct table_order){workers->workers[i], workers->connections_bytes,
			options->connections_max, options->has_hugepages};
		if (rte_eal_remote_launch(make_table, &orders[i], options->lcores[i]) != 0)
			make_table(&orders[i]);
	}
	for (uint32_t i = 0; i < workers->count; i++)
		rte_eal_wait_lcore(options->lcores[i]);
}

int
ks_workers_make(struct ks_workers *workers, const struct ks_workers_options *options,
	struct ks_reason *reason)
{
	memset(workers, 0, sizeof(*workers));
	workers->is_adaptive = options->is_adaptive;
	workers->connections_bytes = ks_connection_table_bytes(options->connections_max);
	workers->aside_bytes = ks_connection_aside_bytes(options->connections_max);
	workers->count = options->count;
	workers->persistence = ks_persistence_table_init(
		ks_memory_map(PERSISTENCE_BYTES, false), KS_TEMPLATES_MAX, make_seed(workers));
	for (uint32_t i = 0; i < options->count; i++) {
		int error = make_worker(workers, i, options, reason);

		if (error != 0)
			return error;
		workers->lcores[i] = options->lcores[i];
	}
	connect_workers(workers, options->ports);
	make_connection_tables(workers, options);
	return 0;
}

struct worker_start {
	struct ks_workers *workers;
	struct ks_worker *worker;
};

static void
back_off(uint32_t idle_passes)
{
	uint32_t sleeps = idle_passes - RTE_MIN(idle_passes, IDLE_PASSES_BEFORE_SLEEP);
	struct timespec duration = {
		.tv_nsec = RTE_MIN(SLEEP_NS_STEP * (long)sleeps, (long)SLEEP_NS_MAX)};

	if (sleeps == 0) {
		rte_pause();
		return;
	}
	if (sleeps > SLEEPS_BEFORE_NAP)
		duration.tv_nsec = NAP_NS;
	clock_nanosleep(CLOCK_MONOTONIC, 0, &duration, NULL);
}

static void
run_passes(struct ks_workers *workers, struct ks_worker *worker)
{
	uint32_t idle_passes = 0;

	while (!atomic_load_explicit(&workers->must_stop, memory_order_relaxed)) {
		uint32_t packets = ks_pipeline_run(worker);

		ks_slow_thread_wake(workers->slow, worker);
		if (packets != 0 || !workers->is_adaptive) {
			idle_passes = 0;
			continue;
		}
		if (idle_passes < UINT32_MAX)
			idle_passes++;
		back_off(idle_passes);
	}
}

static int
worker_main(void *argument)
{
	struct worker_start *start = argument;
	struct ks_workers *workers = start->workers;
	struct ks_worker *worker = start->worker;

	/* Without it the kernel adds 50 us to every sleep. */
	prctl(PR_SET_TIMERSLACK, 1UL);
	rte_rcu_qsbr_thread_register(worker->qsbr, worker->index);
	rte_rcu_qsbr_thread_online(worker->qsbr, worker->index);
	run_passes(workers, worker);
	rte_rcu_qsbr_thread_offline(worker->qsbr, worker->index);
	rte_rcu_qsbr_thread_unregister(worker->qsbr, worker->index);
	return 0;
}

int
ks_workers_start(struct ks_workers *workers, struct ks_slow_thread *slow, struct ks_reason *reason)
{
	static struct worker_start starts[KS_WORKERS_MAX];

	workers->slow = slow;
	workers->is_running = true;
	for (uint32_t i = 0; i < workers->count; i++) {
		starts[i] = (struct worker_start){workers, workers->workers[i]};

		int error = rte_eal_remote_launch(worker_main, &starts[i], workers->lcores[i]);

		if (error != 0)
			return ks_refuse(
				reason, -error, "worker %u cannot start: %s", i, strerror(-error));
	}
	return 0;
}

void
ks_workers_stop(struct ks_workers *workers)
{
	if (!workers->is_running)
		return;
	atomic_store_explicit(&workers->must_stop, true, memory_order_relaxed);
	for (uint32_t i = 0; i < workers->count; i++)
		rte_eal_wait_lcore(workers->lcores[i]);
	workers->is_running = false;
}

static void
free_ring(struct rte_ring *ring)
{
	void *packet;

	while (ring != NULL && rte_ring_dequeue(ring, &packet) == 0)
		rte_pktmbuf_free(packet);
	rte_ring_free(ring);
}

void
ks_workers_free(struct ks_workers *workers)
{
	for (uint32_t i = 0; i < workers->count; i++) {
		struct ks_worker *worker = workers->workers[i];

		if (worker == NULL)
			continue;
		free_ring(worker->punt);
		free_ring(worker->inject);
		free_ring(worker->steered);
		ks_memory_unmap(worker->servers, SERVERS_BYTES);
		ks_memory_unmap(worker->sources, SOURCES_BYTES);
		ks_memory_unmap(worker->schedulers, SCHEDULERS_BYTES);
		ks_memory_unmap(worker->locality, sizeof(*worker->locality));
		if (worker->connections != NULL)
			ks_memory_unmap(worker->connections->endpoints, workers->aside_bytes);
		ks_memory_unmap(worker->dump, sizeof(*worker->dump));
		ks_memory_unmap(worker->connections, workers->connections_bytes);
		ks_memory_unmap(worker, sizeof(*worker));
	}
	if (workers->persistence != NULL)
		ks_memory_unmap(workers->persistence, PERSISTENCE_BYTES);
	memset(workers, 0, sizeof(*workers));
}
