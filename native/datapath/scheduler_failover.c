/*
 * fo and ovf as LVS, which ask for the highest weight, the first of those that have it: fo sends
 * everything there; ovf goes on to the next as soon as a server has more established connections
 * than its weight. ovf is for TCP: UDP has none.
 */
#include "scheduler.h"

static const struct ks_server *
heaviest(const struct ks_worker *worker, const struct ks_virtual_server *service, bool overflows)
{
	const struct ks_server *found = NULL;

	for (uint32_t i = 0; i < service->servers_count; i++) {
		const struct ks_server *server = &service->servers[i];
		uint16_t weight = server->options.weight;

		if (weight <= (found == NULL ? 0 : found->options.weight))
			continue;
		if (overflows && worker->servers[server->id].active > weight)
			continue;
		if (ks_server_takes(worker, server))
			found = server;
	}
	return found;
}

const struct ks_server *
ks_schedule_failover(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	(void)packet;
	return heaviest(worker, service, false);
}

const struct ks_server *
ks_schedule_overflow(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	(void)packet;
	return heaviest(worker, service, true);
}
