/*
 * Owner: nobody; state is the worker's, one per service. Threads: the worker alone. Lifetime: the
 * program.
 *
 * Which server takes a new connection: NULL when none does. A server of weight 0 takes none.
 */
#ifndef KS_DATAPATH_SCHEDULER_H
#define KS_DATAPATH_SCHEDULER_H

#include <stddef.h>

#include "tables.h"
#include "worker.h"

const struct ks_server *ks_schedule_round_robin(
	const struct ks_virtual_server *service, struct ks_scheduler_state *state);
const struct ks_server *ks_schedule_weighted_round_robin(
	const struct ks_virtual_server *service, struct ks_scheduler_state *state);

static inline const struct ks_server *
ks_schedule(const struct ks_virtual_server *service, struct ks_scheduler_state *state)
{
	if (service->scheduler == KS_SCHEDULER_WEIGHTED_ROUND_ROBIN)
		return ks_schedule_weighted_round_robin(service, state);
	return ks_schedule_round_robin(service, state);
}

#endif
