/*
 * Owner: nobody, functions over a server and a worker's counters for it. Threads: the worker alone.
 * Lifetime: the program.
 *
 * Whether a server takes new connections. A server is overloaded from the moment when its
 * connections, active and inactive, reach the upper threshold until they are below the lower one,
 * or below three quarters of the upper one where none is given, as IPVS says. The thresholds are
 * for all workers together; a worker looks at its own connections only and compares them with its
 * share, threshold / workers rounded up, as RSS gives workers like shares of connections. So a
 * server may end with up to workers - 1 connections more than the threshold, and, when clients are
 * few and spread unevenly, be refused by one worker while others still have room.
 */
#ifndef KS_DATAPATH_THRESHOLD_H
#define KS_DATAPATH_THRESHOLD_H

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "tables.h"
#include "worker.h"

/* Thresholds that an operator changed end an overload: it was one of other thresholds. */
static inline uint32_t
ks_threshold_stamp(const struct ks_server_options *options)
{
	return (options->upper_threshold * 0x9e3779b1u ^ options->lower_threshold) | 1;
}

static inline bool
ks_server_is_overloaded(const struct ks_server *server, const struct ks_server_counters *counters)
{
	return counters->overload_stamp == ks_threshold_stamp(&server->options) &&
	       counters->active + counters->inactive >= counters->resumes_below;
}

/* Every scheduler asks this and nothing else. */
static inline bool
ks_server_takes(const struct ks_worker *worker, const struct ks_server *server)
{
	if (server->options.weight == 0)
		return false;
	return likely(server->options.upper_threshold == 0) ||
	       !ks_server_is_overloaded(server, &worker->servers[server->id]);
}

/* A worker's share of a threshold. */
static inline uint32_t
ks_threshold_share(uint32_t threshold, uint32_t workers_count)
{
	return threshold / workers_count + (threshold % workers_count != 0);
}

/*
 * To be called once for every new connection, when it has been counted: only then does an overload
 * begin, and only then must one that is over be forgotten, as nothing else makes counts rise.
 */
static inline void
ks_server_note_taken(const struct ks_worker *worker, const struct ks_server *server)
{
	struct ks_server_counters *counters = &worker->servers[server->id];
	uint64_t connections = counters->active + counters->inactive;
	uint32_t upper, lower;

	if (likely(server->options.upper_threshold == 0))
		return;
	upper = ks_threshold_share(server->options.upper_threshold, worker->workers_count);
	lower = ks_threshold_share(server->options.lower_threshold, worker->workers_count);
	if (connections >= upper) {
		counters->overload_stamp = ks_threshold_stamp(&server->options);
		counters->resumes_below = lower == 0 ? upper - upper / 4 : RTE_MIN(lower, upper);
	} else if (connections <= counters->resumes_below) {
		counters->overload_stamp = 0;
	}
}

#endif
