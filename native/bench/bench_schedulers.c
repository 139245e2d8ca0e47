/*
 * What schedulers cost: the table that control builds for a changed service, and one choice of the
 * packet path, for services of 10, 100 and 1000 servers. The best of several runs counts, as
 * everything that disturbs makes a run longer. One JSON line per row.
 */
#include <time.h>

#include "../control/scheduler_table.h"
#include "locality.h"
#include "persistence.h"
#include "scheduler_world.h"

#define BUILDS 15u
#define CHOICES 100000u
#define ROUNDS 5u

struct table_case {
	const char *name;
	uint8_t scheduler;
	uint32_t maglev_slots;
};

static const struct table_case table_cases[] = {
	{"sh", KS_SCHEDULER_SOURCE_HASH, 0},
	{"mh 4093", KS_SCHEDULER_MAGLEV, 4093},
	{"mh 65537", KS_SCHEDULER_MAGLEV, 65537},
	{"mh 131071", KS_SCHEDULER_MAGLEV, 131071},
	{"conhash", KS_SCHEDULER_CONSISTENT_HASH, 0},
};

static const char *const names[KS_SCHEDULERS] = {"rr", "wrr", "lc", "wlc", "sed", "nq", "fo", "ovf",
	"sh", "dh", "mh", "conhash", "lblc", "lblcr"};

static struct ks_locality_table locality __rte_cache_aligned;

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Weights alike, or from 1 to 100. */
static struct ks_virtual_server
make_service(uint8_t scheduler, uint32_t count, bool is_mixed)
{
	struct ks_virtual_server service = service_of(scheduler, count, NULL);

	for (uint32_t i = 0; i < count && is_mixed; i++)
		servers[i].options.weight = (uint16_t)(i * 37 % 100 + 1);
	service_set_weights(&service);
	return service;
}

static void
time_table(const struct table_case *table_case, uint32_t count, bool is_mixed)
{
	struct ks_virtual_server service = make_service(table_case->scheduler, count, is_mixed);
	uint64_t best_ns = UINT64_MAX;

	service.options.maglev_slots = table_case->maglev_slots;
	for (uint32_t i = 0; i < BUILDS; i++) {
		uint64_t begun_ns = now_ns();
		const void *table = ks_scheduler_table_build(&service);

		best_ns = RTE_MIN(best_ns, now_ns() - begun_ns);
		free((void *)(uintptr_t)table);
	}
	printf("{\"name\":\"table %s%s\",\"servers\":%u,\"microseconds\":%.1f}\n", table_case->name,
		is_mixed ? ", mixed weights" : "", count, (double)best_ns / 1000);
}

/* Every choice becomes a connection, as schedulers look at them. */
static uint64_t
time_choices(const struct ks_virtual_server *service)
{
	uint64_t begun_ns = now_ns();

	for (uint32_t i = 0; i < CHOICES; i++) {
		struct ks_packet packet = packet_from(address_of(198, 18, 0, 0) + i, 40000,
			address_of(203, 0, 113, 0) + i % 5000);
		const struct ks_server *server =
			service->options.persistence_seconds != 0
				? ks_persistence_choose(&worker, service, &packet, false)
				: ks_schedule(&worker, service, &packet);

		if (server != NULL)
			counters[server->id].active++;
	}
	return now_ns() - begun_ns;
}

static void
time_scheduler(const char *name, uint8_t scheduler, uint32_t persistence_seconds, uint32_t count)
{
	struct ks_virtual_server service = make_service(scheduler, count, false);
	uint64_t best_ns = UINT64_MAX;

	service.options.persistence_seconds = persistence_seconds;
	service.scheduler_table = ks_scheduler_table_build(&service);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		forget_connections();
		best_ns = RTE_MIN(best_ns, time_choices(&service));
	}
	free((void *)(uintptr_t)service.scheduler_table);
	printf("{\"name\":\"choice %s\",\"servers\":%u,\"nanoseconds\":%.1f}\n", name, count,
		(double)best_ns / CHOICES);
}

int
main(void)
{
	size_t bytes = RTE_ALIGN(ks_persistence_table_bytes(KS_TEMPLATES_MAX), 64);
	void *memory = aligned_alloc(64, bytes);

	if (memory == NULL)
		return 1;
	memset(memory, 0, bytes);
	worker.persistence = ks_persistence_table_init(memory, KS_TEMPLATES_MAX, 1);
	ks_locality_init(&locality, 1);
	worker.locality = &locality;
	for (uint32_t i = 0; i < RTE_DIM(table_cases); i++) {
		for (uint32_t count = 10; count <= 1000; count *= 10)
			time_table(&table_cases[i], count, false);
		time_table(&table_cases[i], 1000, true);
	}
	for (uint8_t scheduler = 0; scheduler < KS_SCHEDULERS; scheduler++) {
		for (uint32_t count = 10; count <= 1000; count *= 10)
			time_scheduler(names[scheduler], scheduler, 0, count);
	}
	for (uint32_t count = 10; count <= 1000; count *= 10)
		time_scheduler(
			"persistent wlc", KS_SCHEDULER_WEIGHTED_LEAST_CONNECTION, 300, count);
	free(memory);
	return 0;
}
