#include "counters.h"

#include <string.h>

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
		traffic->in_packets += read_counter(&counters->in_packets);
		traffic->in_bytes += read_counter(&counters->in_bytes);
		traffic->out_packets += read_counter(&counters->out_packets);
		traffic->out_bytes += read_counter(&counters->out_bytes);
	}
}

void
ks_counters_of_source(
	const struct ks_workers *workers, uint32_t address_id, uint64_t *used, uint64_t *missed)
{
	*used = 0;
	*missed = 0;
	for (uint32_t i = 0; i < workers->count; i++) {
		const struct ks_source_counters *counters =
			&workers->workers[i]->sources[address_id];

		*used += read_counter(&counters->used);
		*missed += read_counter(&counters->missed);
	}
}

void
ks_counters_of_worker(const struct ks_worker *worker, struct ks_worker_row *row)
{
	*row = (struct ks_worker_row){.worker = worker->index,
		.cpu = worker->cpu,
		.connections = ks_connection_table_count(worker->connections),
		.rx = read_counter(&worker->rx) + read_counter(&worker->steered_in),
		.injected = read_counter(&worker->injected),
		.inject_failed = read_counter(&worker->inject_failed),
		.checksums_completed = read_counter(&worker->checksums_completed),
		.verdicts = worker->verdicts,
		.verdicts_count = KS_VERDICT_COUNT};
}
