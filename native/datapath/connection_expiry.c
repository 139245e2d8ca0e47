/*
 * Lazy ageing: packets only write when they saw their connection, and this scan visits every
 * connection about once a second, a few per pass of the worker.
 */
#include <netinet/in.h>

#include <rte_common.h>

#include "connect.h"
#include "connection.h"

#define SCANNED_PER_PASS_MAX 64u

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
		if (first->key.protocol != 0 && has_expired(worker, first))
			ks_disconnect(worker, first);
	}
}
