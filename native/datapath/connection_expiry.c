/*
 * Lazy ageing: packets only write when they saw their connection, and this scan visits every
 * connection about once a second, a few per pass of the worker.
 */
#include <netinet/in.h>

#include <rte_common.h>

#include "connect.h"
#include "connection.h"
#include "persistence.h"

#define SCANNED_PER_PASS_MAX 64u
/* Each connection holds its client's template at about this interval, while the scan passes it. */
#define HOLD_INTERVAL_SECONDS 16u
#define HOLD_SECONDS 2u

static bool
has_expired(const struct ks_worker *worker, const struct ks_connection_half *first)
{
	uint32_t now_ticks = worker->now_ticks;
	uint32_t idle_ticks =
		RTE_MIN(now_ticks - first[0].last_seen_ticks, now_ticks - first[1].last_seen_ticks);
	uint32_t established_ticks = worker->schedulers[first->service_id].established_ticks;

	if (first->state == KS_STATE_ESTABLISHED && established_ticks != 0)
		return idle_ticks > established_ticks;
	if (first->state == KS_STATE_ESTABLISHED && first->key.protocol == IPPROTO_SCTP)
		return idle_ticks > worker->tables->timeout_ticks[KS_STATE_SCTP];
	return idle_ticks > worker->tables->timeout_ticks[first->state];
}

static uint32_t
scan_due(struct ks_connection_table *table, uint32_t now_ticks)
{
	uint64_t elapsed_ticks = now_ticks - table->scan_ticks;
	uint64_t due =
		table->scan_due + elapsed_ticks * (table->highest_used / KS_TICKS_PER_SECOND + 1);

	table->scan_ticks = now_ticks;
	return (uint32_t)RTE_MIN(due, table->highest_used);
}

/*
 * Persistence is not to end before the connections that it led to do. The scan comes by once a
 * second or so, which is far more often than needed: so for two seconds out of sixteen only, and
 * not for all connections in the same ones.
 */
static void
hold_template(struct ks_worker *worker, const struct ks_connection_half *first)
{
	const struct ks_scheduler_state *state = &worker->schedulers[first->service_id];
	const struct ks_connection_table *table = worker->connections;
	uint32_t phase = worker->now_ticks / KS_TICKS_PER_SECOND + table->scan_position;
	struct ks_ip client;

	if (likely(!state->is_persistent) || phase % HOLD_INTERVAL_SECONDS >= HOLD_SECONDS ||
		worker->persistence == NULL)
		return;
	client = first->key.family == KS_IPV6 ? ks_connection_endpoints(table, first)->client
					      : ks_ip_from_v4(first->key.source_be);
	ks_persistence_hold(worker->persistence, first->service_id,
		ks_persistence_client(client, state->persistence_bits), first->server_id,
		worker->now_ticks);
}

void
ks_connections_expire(struct ks_worker *worker)
{
	struct ks_connection_table *table = worker->connections;
	uint32_t scans;

	table->scan_due = scan_due(table, worker->now_ticks);
	scans = RTE_MIN(table->scan_due, SCANNED_PER_PASS_MAX);
	table->scan_due -= scans;
	for (; scans > 0; scans--) {
		struct ks_connection_half *first;

		if (table->scan_position >= table->highest_used)
			table->scan_position = 0;
		first = &table->halves[++table->scan_position * 2];
		if (first->key.protocol == 0)
			continue;
		if (has_expired(worker, first))
			ks_disconnect(worker, first);
		else
			hold_template(worker, first);
	}
}
