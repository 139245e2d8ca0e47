/* rr: every server that takes connections in turn, whatever its weight, as LVS. */
#include "scheduler.h"

const struct ks_server *
ks_schedule_round_robin(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	struct ks_scheduler_state *state = &worker->schedulers[service->id];

	(void)packet;
	for (uint32_t tries = 0; tries < service->servers_count; tries++) {
		const struct ks_server *server;

		if (state->position >= service->servers_count)
			state->position = 0;
		server = &service->servers[state->position++];
		if (ks_server_takes(worker, server))
			return server;
	}
	return NULL;
}
