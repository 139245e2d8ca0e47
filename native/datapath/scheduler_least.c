/*
 * lc, wlc, sed, nq as LVS: the server with the least load, the first of them in the order of the
 * service when several have it. Loads are compared by cross products, so nothing is divided.
 */
#include "scheduler.h"

/* sed and nq: what a server has to do with one connection more. */
static uint64_t
expected_load(const struct ks_server_counters *counters)
{
	return counters->active + 1;
}

static const struct ks_server *
least(const struct ks_worker *worker, const struct ks_virtual_server *service,
	uint64_t (*load_of)(const struct ks_server_counters *counters), bool is_weighted)
{
	const struct ks_server *found = NULL;
	uint64_t found_load = 0;

	for (uint32_t i = 0; i < service->servers_count; i++) {
		const struct ks_server *server = &service->servers[i];
		uint64_t load = load_of(&worker->servers[server->id]);

		if (!ks_server_takes(worker, server))
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
ks_schedule_least_connection(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	(void)packet;
	return least(worker, service, ks_connection_load, false);
}

const struct ks_server *
ks_schedule_weighted_least_connection(struct ks_worker *worker,
	const struct ks_virtual_server *service, const struct ks_packet *packet)
{
	(void)packet;
	return least(worker, service, ks_connection_load, true);
}

const struct ks_server *
ks_schedule_shortest_expected_delay(struct ks_worker *worker,
	const struct ks_virtual_server *service, const struct ks_packet *packet)
{
	(void)packet;
	return least(worker, service, expected_load, true);
}

const struct ks_server *
ks_schedule_never_queue(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	(void)packet;
	for (uint32_t i = 0; i < service->servers_count; i++) {
		const struct ks_server *server = &service->servers[i];

		if (worker->servers[server->id].active == 0 && ks_server_takes(worker, server))
			return server;
	}
	return least(worker, service, expected_load, true);
}
