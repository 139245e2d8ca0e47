#include "counters.h"

#include <string.h>

#include "../datapath/tcp_state.h"

#define COPY_TRIES_MAX 10000u

/* One load each: the worker writes at the same time. */
static uint64_t
read_counter(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

void
ks_counters_of_server(void *workers_pointer, uint32_t server_id, struct ks_traffic *traffic)
{
	const struct ks_workers *workers = workers_pointer;

	memset(traffic, 0, sizeof(*traffic));
	for (uint32_t i = 0; i < workers->count; i++) {
		const struct ks_server_counters *counters =
			&workers->workers[i]->servers[server_id];

		traffic->connections += read_counter(&counters->connections);
		traffic->active += read_counter(&counters->active);
		traffic->inactive += read_counter(&counters->inactive);
		traffic->in_packets += read_counter(&counters->traffic[KS_FROM_CLIENT].packets);
		traffic->in_bytes += read_counter(&counters->traffic[KS_FROM_CLIENT].bytes);
		traffic->out_packets += read_counter(&counters->traffic[KS_FROM_SERVER].packets);
		traffic->out_bytes += read_counter(&counters->traffic[KS_FROM_SERVER].bytes);
	}
}

void
ks_counters_of_source(
	const struct ks_workers *workers, uint32_t address_id, struct ks_source_row *row)
{
	for (uint32_t i = 0; i < workers->count; i++) {
		const struct ks_source_counters *counters =
			&workers->workers[i]->sources[address_id];
		uint64_t exhausted = read_counter(&counters->missed[KS_MISS_EXHAUSTED]);

		row->used += read_counter(&counters->used);
		row->missed_exhausted += exhausted;
		row->missed_no_share += read_counter(&counters->missed[KS_MISS_NO_SHARE]);
		row->missed_not_held += read_counter(&counters->missed[KS_MISS_NOT_HELD]);
		if (exhausted != 0) {
			for (uint32_t j = 0; j < 2; j++)
				row->missed_server.words[j] =
					read_counter(&counters->missed_server.words[j]);
			row->missed_server_port_be = counters->missed_server_port_be;
		}
	}
}

uint64_t
ks_counters_misdirected(const struct ks_workers *workers, uint32_t port)
{
	uint64_t misdirected = 0;

	for (uint32_t i = 0; i < workers->count; i++)
		misdirected += read_counter(&workers->workers[i]->ports[port].misdirected);
	return misdirected;
}

/* Copies what must fit together; false: a burst was counted meanwhile. */
static bool
copy_verdicts(const struct ks_worker *worker, uint64_t *received, uint64_t *verdicts)
{
	uint32_t before = atomic_load_explicit(&worker->counts_change, memory_order_acquire);

	*received = read_counter(&worker->rx) + read_counter(&worker->steered_in);
	for (uint32_t i = 0; i < KS_VERDICT_COUNT; i++)
		verdicts[i] = read_counter(&worker->verdicts[i]);
	atomic_thread_fence(memory_order_acquire);
	return before % 2 == 0 &&
	       atomic_load_explicit(&worker->counts_change, memory_order_relaxed) == before;
}

void
ks_counters_of_worker(const struct ks_worker *worker, uint64_t verdicts[KS_VERDICT_COUNT],
	struct ks_worker_row *row)
{
	*row = (struct ks_worker_row){.worker = worker->index,
		.cpu = worker->cpu,
		.connections = ks_connection_table_count(worker->connections),
		.injected = read_counter(&worker->injected),
		.inject_failed = read_counter(&worker->inject_failed),
		.checksums_completed = read_counter(&worker->checksums_completed),
		.untold = read_counter(&worker->untold),
		.verdicts = verdicts,
		.verdicts_count = KS_VERDICT_COUNT};
	/* A worker counts for some nanoseconds in every microsecond. */
	for (uint32_t tries = 0; tries < COPY_TRIES_MAX; tries++) {
		if (copy_verdicts(worker, &row->rx, verdicts))
			return;
	}
}
