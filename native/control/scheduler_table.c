#include "scheduler_table.h"

#include <stdlib.h>

#include "../datapath/persistence.h"
#include "../datapath/scheduler_slots.h"
#include "reason.h"
#include "scheduler_table_parts.h"

bool
ks_maglev_slots_fit(uint32_t slots_count)
{
	if (slots_count == 0)
		return true;
	if (slots_count < KS_MAGLEV_SLOTS_MIN || slots_count > KS_MAGLEV_SLOTS_MAX)
		return false;
	for (uint32_t divisor = 2; divisor * divisor <= slots_count; divisor++) {
		if (slots_count % divisor == 0)
			return false;
	}
	return true;
}

static int
compare_servers(const void *left, const void *right, void *context)
{
	const struct ks_virtual_server *service = context;
	const struct ks_server *a = &service->servers[*(const uint32_t *)left];
	const struct ks_server *b = &service->servers[*(const uint32_t *)right];
	int order = ks_ip_compare(a->address, b->address);

	return order != 0 ? order
			  : (int)rte_be_to_cpu_16(a->port_be) - (int)rte_be_to_cpu_16(b->port_be);
}

/* Returns how many there are. */
static uint32_t
rank_servers(const struct ks_virtual_server *service, uint32_t *servers)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < service->servers_count; i++) {
		if (service->servers[i].options.weight > 0)
			servers[count++] = i;
	}
	qsort_r(servers, count, sizeof(*servers), compare_servers, (void *)(uintptr_t)service);
	return count;
}

static void *
build(const struct ks_ranking *ranking)
{
	const struct ks_service_options *options = &ranking->service->options;

	if (ks_persistence_is_by_hash(options))
		return ks_maglev_build(ranking, options->maglev_slots);
	switch (options->scheduler) {
	case KS_SCHEDULER_SOURCE_HASH:
	case KS_SCHEDULER_DESTINATION_HASH:
		return ks_hash_slots_build(ranking);
	case KS_SCHEDULER_MAGLEV:
		return ks_maglev_build(ranking, options->maglev_slots);
	case KS_SCHEDULER_CONSISTENT_HASH:
		return ks_ring_build(ranking);
	default:
		return NULL;
	}
}

const void *
ks_scheduler_table_build(const struct ks_virtual_server *service)
{
	uint32_t *servers = ks_allocate(service->servers_count + 1, sizeof(*servers));
	struct ks_ranking ranking = {service, servers, rank_servers(service, servers)};
	void *table = ranking.count == 0 ? NULL : build(&ranking);

	free(servers);
	return table;
}
