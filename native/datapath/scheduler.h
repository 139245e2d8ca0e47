/*
 * Owner: nobody; state is the worker's, one per service. Threads: the worker alone. Lifetime: the
 * program.
 *
 * Which server takes a new connection: NULL when none does. A server of weight 0, or one that is
 * overloaded (threshold.h), takes none. Schedulers that look at connections see the worker's own:
 * RSS gives workers like shares of them.
 */
#ifndef KS_DATAPATH_SCHEDULER_H
#define KS_DATAPATH_SCHEDULER_H

#include <stddef.h>

#include "packet.h"
#include "tables.h"
#include "threshold.h"
#include "worker.h"

/* packet: the first of the new connection. */
typedef const struct ks_server *ks_scheduler_function(struct ks_worker *worker,
	const struct ks_virtual_server *service, const struct ks_packet *packet);

ks_scheduler_function ks_schedule_round_robin;
ks_scheduler_function ks_schedule_weighted_round_robin;
ks_scheduler_function ks_schedule_least_connection;
ks_scheduler_function ks_schedule_weighted_least_connection;
ks_scheduler_function ks_schedule_shortest_expected_delay;
ks_scheduler_function ks_schedule_never_queue;
ks_scheduler_function ks_schedule_failover;
ks_scheduler_function ks_schedule_overflow;
ks_scheduler_function ks_schedule_source_hash;
ks_scheduler_function ks_schedule_destination_hash;
ks_scheduler_function ks_schedule_maglev;
ks_scheduler_function ks_schedule_consistent_hash;
ks_scheduler_function ks_schedule_locality;
ks_scheduler_function ks_schedule_locality_replication;

/* By enum ks_scheduler. */
extern ks_scheduler_function *const ks_schedulers[KS_SCHEDULERS];

static inline const struct ks_server *
ks_schedule(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	return ks_schedulers[service->options.scheduler](worker, service, packet);
}

/* A server that is still one of the service's, or NULL. */
static inline const struct ks_server *
ks_server_by_id(const struct ks_virtual_server *service, uint32_t id)
{
	for (uint32_t i = 0; i < service->servers_count; i++) {
		if (service->servers[i].id == id)
			return &service->servers[i];
	}
	return NULL;
}

/* lc, wlc and others: an established connection counts as 256 others, which wait for their end. */
static inline uint64_t
ks_connection_load(const struct ks_server_counters *counters)
{
	return counters->active * 256 + counters->inactive;
}

#endif
