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

/* The next in turn among tries of them. */
static const struct ks_server *
next(const struct ks_worker *worker, const struct ks_virtual_server *service,
	struct ks_scheduler_state *state, uint32_t tries)
{
	for (; tries > 0; tries--) {
		const struct ks_server *server;

		if (state->position >= service->servers_count)
			begin_round(service, state);
		server = &service->servers[state->position++];
		if (server->options.weight >= state->weight_now && ks_server_takes(worker, server))
			return server;
	}
	return NULL;
}

/* The heaviest are overloaded: the rounds that would be theirs alone are left out. */
static bool
skip_empty_rounds(const struct ks_worker *worker, const struct ks_virtual_server *service,
	struct ks_scheduler_state *state)
{
	uint32_t weight = 0;

	for (uint32_t i = 0; i < service->servers_count; i++) {
		const struct ks_server *server = &service->servers[i];

		if (server->options.weight > weight && ks_server_takes(worker, server))
			weight = server->options.weight;
	}
	state->weight_now = weight;
	state->position = 0;
	return weight != 0;
}

const struct ks_server *
ks_schedule_weighted_round_robin(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	struct ks_scheduler_state *state = &worker->schedulers[service->id];
	const struct ks_server *found;

	(void)packet;
	if (service->weight_max == 0)
		return NULL;
	/* A new service, or one whose weights fell since the last connection. */
	if (state->weight_now == 0 || state->weight_now > service->weight_max)
		state->weight_now = service->weight_max;
	/* What is left of this round, and one whole round: that one has the heaviest server. */
	found = next(worker, service, state, 2 * service->servers_count);
	if (unlikely(found == NULL) && skip_empty_rounds(worker, service, state))
		found = next(worker, service, state, service->servers_count);
	return found;
}
