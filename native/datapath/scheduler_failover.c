/* fo as LVS: everything to the server of the highest weight, the first of them if several have it.
 */
#include "scheduler.h"

const struct ks_server *
ks_schedule_failover(const struct ks_virtual_server *service, struct ks_scheduler_state *state,
	const struct ks_server_counters *counters, const struct ks_packet *packet)
{
	(void)packet;
	const struct ks_server *found = NULL;

	(void)state;
	(void)counters;
	for (uint32_t i = 0; i < service->servers_count; i++) {
		const struct ks_server *server = &service->servers[i];

		if (server->options.weight > (found == NULL ? 0 : found->options.weight))
			found = server;
	}
	return found;
}
