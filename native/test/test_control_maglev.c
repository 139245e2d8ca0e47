/*
 * mh: the table against an implementation in the plainest way, from shuffled configurations, with
 * servers leaving, with weights; and its shares of real clients.
 */
#include "../control/scheduler_table.h"
#include "hash_stable.h"
#include "scheduler_slots.h"
#include "scheduler_world.h"

#define SLOTS_MAX KS_MAGLEV_SLOTS_MAX

/* The service's table, or an empty one. The caller frees it. */
static struct ks_slots *
build(struct ks_virtual_server *service)
{
	service_set_weights(service);
	service->scheduler_table = ks_scheduler_table_build(service);
	return (struct ks_slots *)(uintptr_t)service->scheduler_table;
}

/* By the address of the server, so that it does not matter where in the service it stands. */
static uint32_t
address_in_slot(
	const struct ks_virtual_server *service, const struct ks_slots *slots, uint32_t slot)
{
	return ks_ip_v4(service->servers[slots->servers[slot]].address);
}

/* All of round's turns in the order of the addresses, which is the servers' order here. */
static void
build_plainly(const struct ks_virtual_server *service, uint32_t count, int32_t *slots)
{
	uint32_t chosen[SCHEDULED_SERVERS_MAX] = {0}, filled = 0;

	memset(slots, 0xff, count * sizeof(*slots));
	for (uint64_t round = 1; filled < count; round++) {
		for (uint32_t i = 0; i < service->servers_count && filled < count; i++) {
			const struct ks_server *server = &service->servers[i];
			uint64_t salt = server->port_be;
			uint64_t offset = ks_hash_stable(server->address, salt + (1ull << 32));
			uint64_t skip = ks_hash_stable(server->address, salt + (2ull << 32));
			uint64_t first = (offset >> 32) * count >> 32;
			uint64_t step = ((skip >> 32) * (count - 1) >> 32) + 1;

			uint64_t half = service->weight_max / 2;
			uint64_t turns = round * server->options.weight + half;
			uint64_t turns_before = turns - server->options.weight;

			if (turns / service->weight_max == turns_before / service->weight_max)
				continue;
			while (slots[(first + chosen[i] * step) % count] >= 0)
				chosen[i]++;
			slots[(first + chosen[i] * step) % count] = (int32_t)i;
			filled++;
		}
	}
}

static void
test_plain(uint32_t slots_count, uint32_t servers_count, const uint16_t weights[], const char *name)
{
	static int32_t expected[SLOTS_MAX];
	struct ks_virtual_server service = service_of(KS_SCHEDULER_MAGLEV, servers_count, weights);
	uint32_t count = slots_count == 0 ? KS_MAGLEV_SLOTS_DEFAULT : slots_count;
	struct ks_slots *slots;
	uint32_t wrong = 0;

	service.options.maglev_slots = slots_count;
	slots = build(&service);
	build_plainly(&service, count, expected);
	tap_equal(slots->slots_count, count, "as many slots as wanted");
	for (uint32_t i = 0; i < count; i++)
		wrong += (uint32_t)expected[i] != slots->servers[i];
	tap_equal(wrong, 0, name);
	free(slots);
}

static void
shuffle(struct ks_virtual_server *service, uint64_t seed)
{
	for (uint32_t i = service->servers_count - 1; i > 0; i--) {
		uint32_t j = (uint32_t)(next_random(&seed) % (i + 1));
		struct ks_server other = servers[i];

		servers[i] = servers[j];
		servers[j] = other;
	}
}

/* Another node: the same servers in another order, with other ids. */
static void
test_order(void)
{
	struct ks_virtual_server service = service_of(KS_SCHEDULER_MAGLEV, 100, NULL);
	static uint32_t expected[KS_MAGLEV_SLOTS_DEFAULT];
	struct ks_slots *slots;
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < 100; i++)
		servers[i].options.weight = (uint16_t)(i % 7 * 10);
	slots = build(&service);
	for (uint32_t i = 0; i < slots->slots_count; i++)
		expected[i] = address_in_slot(&service, slots, i);
	free(slots);
	for (uint64_t seed = 1; seed <= 20; seed++) {
		shuffle(&service, seed);
		for (uint32_t i = 0; i < 100; i++)
			servers[i].id = (uint32_t)(seed * 7 + i) % SCHEDULED_SERVERS_MAX;
		slots = build(&service);
		for (uint32_t i = 0; i < slots->slots_count; i++)
			wrong += expected[i] != address_in_slot(&service, slots, i);
		free(slots);
	}
	tap_equal(wrong, 0, "20 shuffled configurations make one table");
}

/* Slots that were not the leaving server's and have another server now, in per mille of all. */
static uint32_t
moved_per_mille(uint32_t slots_count, uint32_t servers_count, const uint16_t weights[])
{
	struct ks_virtual_server service = service_of(KS_SCHEDULER_MAGLEV, servers_count, weights);
	static uint32_t before[SLOTS_MAX];
	uint32_t leaving = servers_count / 2, moved = 0;
	struct ks_slots *slots;

	service.options.maglev_slots = slots_count;
	slots = build(&service);
	for (uint32_t i = 0; i < slots_count; i++)
		before[i] = slots->servers[i];
	free(slots);
	servers[leaving].options.weight = 0;
	slots = build(&service);
	for (uint32_t i = 0; i < slots_count; i++)
		moved += before[i] != leaving && before[i] != slots->servers[i];
	free(slots);
	return moved * 1000 / slots_count;
}

/*
 * The theory asks for a leaving server's own slots, 1 of N, which are not counted here. What
 * changes hands besides is Maglev's price for even shares: at most this much.
 */
static void
test_disruption(void)
{
	static const struct {
		uint32_t slots, servers, per_mille_max;
	} rows[] = {{65537, 5, 10}, {65537, 100, 15}, {65537, 1000, 15}, {4093, 10, 25},
		{131071, 1000, 15}};
	static const uint16_t weights[6] = {100, 50, 70, 100, 10, 20};

	for (uint32_t i = 0; i < RTE_DIM(rows); i++) {
		uint32_t moved = moved_per_mille(rows[i].slots, rows[i].servers, NULL);

		tap_ok(moved <= rows[i].per_mille_max,
			"%u slots, one of %u servers leaves: %u per mille moved beside its own",
			rows[i].slots, rows[i].servers, moved);
	}
	tap_ok(moved_per_mille(65537, 6, weights) <= 20, "with weights, too");
}

static void
test_slot_shares(
	uint32_t slots_count, uint32_t servers_count, const uint16_t weights[], const char *name)
{
	struct ks_virtual_server service = service_of(KS_SCHEDULER_MAGLEV, servers_count, weights);
	uint64_t got[SCHEDULED_SERVERS_MAX] = {0}, all = 0;
	struct ks_slots *slots;
	uint32_t wrong = 0;

	service.options.maglev_slots = slots_count;
	slots = build(&service);
	for (uint32_t i = 0; i < slots_count; i++)
		got[slots->servers[i]]++;
	for (uint32_t i = 0; i < servers_count; i++)
		all += servers[i].options.weight;
	for (uint32_t i = 0; i < servers_count; i++) {
		uint64_t share = slots_count * (uint64_t)servers[i].options.weight;

		wrong += got[i] * all + 2 * all <= share || got[i] * all >= share + 2 * all;
	}
	tap_equal(wrong, 0, name);
	free(slots);
}

static void
test_client_shares(void)
{
	static const uint16_t weights[5] = {10, 0, 40, 20, 30};
	struct ks_virtual_server service = service_of(KS_SCHEDULER_MAGLEV, 5, weights);
	uint64_t got[5] = {0}, by_port[5] = {0};
	struct ks_slots *slots = build(&service);

	for (uint32_t i = 0; i < 100000; i++)
		got[pick_from(&service, address_of(198, 18, 0, 0) + i)->id]++;
	tap_equal(wrong_shares(&service, got, 20), 0, "100 000 clients: shares as the weights");
	service.options.scheduler_flags = KS_HASH_PORT;
	for (uint32_t i = 0; i < 100000; i++) {
		struct ks_packet packet = packet_from(address_of(198, 18, 0, (uint8_t)(i / 50000)),
			(uint16_t)(i % 50000 + 1024), address_of(192, 0, 2, 10));

		by_port[ks_schedule(&worker, &service, &packet)->id]++;
	}
	tap_equal(wrong_shares(&service, by_port, 20), 0, "mh-port: one client's ports, too");
	free(slots);
}

/* A client keeps its server for every port, and when its server is overloaded. */
static void
test_fallback(void)
{
	struct ks_virtual_server service = service_of(KS_SCHEDULER_MAGLEV, 10, NULL);
	struct ks_slots *slots = build(&service);
	uint32_t client = address_of(198, 51, 100, 7), others = 0, moved = 0;
	const struct ks_server *first = pick_from(&service, client);
	struct ks_packet packet = packet_from(client, 1, address_of(192, 0, 2, 10));

	forget_connections();
	tap_ok(ks_schedule(&worker, &service, &packet) == first, "without mh-port, ports are one");
	servers[first->id].options.upper_threshold = 1;
	counters[first->id].active = 1;
	ks_server_note_taken(&worker, first);
	tap_ok(pick_from(&service, client) == NULL, "overloaded: refused");
	service.options.scheduler_flags = KS_HASH_FALLBACK;
	tap_ok(pick_from(&service, client) != NULL && pick_from(&service, client) != first,
		"mh-fallback: another one");
	tap_ok(pick_from(&service, client) == pick_from(&service, client), "and always the same");
	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t slot = ks_hash_reduce(
			ks_hash_stable(ks_ip_from_v4(rte_cpu_to_be_32(client + i)), 0),
			slots->slots_count);
		const struct ks_server *own = &servers[slots->servers[slot]];

		moved += own == first;
		others += own != first && pick_from(&service, client + i) != own;
	}
	tap_ok(moved > 50 && others == 0, "clients of other servers stay where they are");
	free(slots);
}

static void
test_sizes(void)
{
	static const uint32_t fitting[] = {
		0, 251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 65537, 131071};
	static const uint32_t others[] = {
		1, 2, 249, 250, 4096, 65536, 131070, 131072, 131101, UINT32_MAX};
	struct ks_virtual_server service = service_of(KS_SCHEDULER_MAGLEV, 0, NULL);
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < RTE_DIM(fitting); i++)
		wrong += !ks_maglev_slots_fit(fitting[i]);
	for (uint32_t i = 0; i < RTE_DIM(others); i++)
		wrong += ks_maglev_slots_fit(others[i]);
	tap_equal(wrong, 0, "sizes are primes from 251 to 131071");
	tap_ok(build(&service) == NULL, "no server, no table");
	tap_ok(pick_from(&service, 1) == NULL, "and nobody takes");
	service = service_of(KS_SCHEDULER_MAGLEV, 3, (uint16_t[]){0, 0, 0});
	tap_ok(build(&service) == NULL && pick_from(&service, 1) == NULL, "all drained: the same");
}

int
main(void)
{
	static uint16_t mixed[1000];

	for (uint32_t i = 0; i < RTE_DIM(mixed); i++)
		mixed[i] = (uint16_t)(i % 11 * i);
	test_plain(0, 1, NULL, "one server");
	test_plain(251, 3, NULL, "three alike");
	test_plain(0, 4, (uint16_t[]){1, 2, 3, 4}, "1:2:3:4");
	test_plain(0, 4, (uint16_t[]){65535, 1, 65534, 0}, "extreme weights");
	test_plain(65537, 100, NULL, "65 537 slots, 100 servers");
	test_plain(16381, 1000, mixed, "1000 servers of mixed weights");
	test_plain(251, 1000, NULL, "more servers than slots");
	test_order();
	test_disruption();
	test_slot_shares(65537, 1000, NULL, "1000 alike: shares to within two slots");
	test_slot_shares(131071, 1000, mixed, "1000 of mixed weights: the same");
	test_client_shares();
	test_fallback();
	test_sizes();
	return tap_done();
}
