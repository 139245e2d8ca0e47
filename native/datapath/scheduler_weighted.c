/*
 * wrr as LVS: rounds over the servers at a falling threshold, from the highest weight down in steps
 * of the greatest common divisor; each round takes the servers whose weight reaches the threshold.
 */
#include "scheduler.h"

static void
begin_round(const struct ks_virtual_server *service, struct ks_scheduler_state *state)
{
	state->position = 0;
	state->weight_now = state->weight_now > service->weight_gcd
				    ? state->weight_now - service->weight_gcd
				    : service->weight_max;
}

const struct ks_server *
ks_schedule_weighted_round_robin(const struct ks_virtual_server *service,
	struct ks_scheduler_state *state, const struct ks_server_counters *counters,
	const struct ks_packet *packet)
{
	(void)packet;
	(void)counters;
	if (service->weight_max == 0)
		return NULL;
	/* A new service, or one whose weights fell since the last connection. */
	if (state->weight_now == 0 || state->weight_now > service->weight_max)
		state->weight_now = service->weight_max;
	/* What is left of this round, and one whole round: that one has the heaviest server. */
	for (uint32_t tries = 0; tries < 2 * service->servers_count; tries++) {
		const struct ks_server *server;

		if (state->position >= service->servers_count)
			begin_round(service, state);
		server = &service->servers[state->position++];
		if (server->options.weight >= state->weight_now)
			return server;
	}
	return NULL;
}
