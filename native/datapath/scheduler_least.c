/*
 * lc, wlc, sed, nq as LVS: the server with the least load, the first of them in the order of the
 * service when several have it. Loads are compared by cross products, so nothing is divided.
 */
#include "scheduler.h"

/* lc and wlc: an established connection counts as 256 others, which wait for their end. */
static uint64_t
connection_load(const struct ks_server_counters *counters)
{
	return counters->active * 256 + counters->inactive;
}

/* sed and nq: what a server has to do with one connection more. */
static uint64_t
expected_load(const struct ks_server_counters *counters)
{
	return counters->active + 1;
}

static const struct ks_server *
least(const struct ks_virtual_server *service, const struct ks_server_counters *counters,
	uint64_t (*load_of)(const struct ks_server_counters *counters), bool is_weighted)
{
	const struct ks_server *found = NULL;
	uint64_t found_load = 0;

	for (uint32_t i = 0; i < service->servers_count; i++) {
		const struct ks_server *server = &service->servers[i];
		uint64_t load = load_of(&counters[server->id]);

		if (server->options.weight == 0)
			continue;
		if (found == NULL || (is_weighted ? load * found->options.weight <
							     found_load * server->options.weight
						  : load < found_load)) {
			found = server;
			found_load = load;
		}
	}
	return found;
}

const struct ks_server *
ks_schedule_least_connection(const struct ks_virtual_server *service,
	struct ks_scheduler_state *state, const struct ks_server_counters *counters,
	const struct ks_packet *packet)
{
	(void)packet;
	(void)state;
	return least(service, counters, connection_load, false);
}

const struct ks_server *
ks_schedule_weighted_least_connection(const struct ks_virtual_server *service,
	struct ks_scheduler_state *state, const struct ks_server_counters *counters,
	const struct ks_packet *packet)
{
	(void)packet;
	(void)state;
	return least(service, counters, connection_load, true);
}

const struct ks_server *
ks_schedule_shortest_expected_delay(const struct ks_virtual_server *service,
	struct ks_scheduler_state *state, const struct ks_server_counters *counters,
	const struct ks_packet *packet)
{
	(void)packet;
	(void)state;
	return least(service, counters, expected_load, true);
}

const struct ks_server *
ks_schedule_never_queue(const struct ks_virtual_server *service, struct ks_scheduler_state *state,
	const struct ks_server_counters *counters, const struct ks_packet *packet)
{
	(void)packet;
	(void)state;
	for (uint32_t i = 0; i < service->servers_count; i++) {
		const struct ks_server *server = &service->servers[i];

		if (server->options.weight > 0 && counters[server->id].active == 0)
			return server;
	}
	return least(service, counters, expected_load, true);
}
