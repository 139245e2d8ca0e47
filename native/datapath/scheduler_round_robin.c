/* rr: every server of positive weight in turn, whatever its weight, as LVS. */
#include "scheduler.h"

const struct ks_server *
ks_schedule_round_robin(const struct ks_virtual_server *service, struct ks_scheduler_state *state,
	const struct ks_server_counters *counters, const struct ks_packet *packet)
{
	(void)packet;
	(void)counters;
	for (uint32_t tries = 0; tries < service->servers_count; tries++) {
		const struct ks_server *server;

		if (state->position >= service->servers_count)
			state->position = 0;
		server = &service->servers[state->position++];
		if (server->options.weight > 0)
			return server;
	}
	return NULL;
}
