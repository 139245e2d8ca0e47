/*
 * Schedulers with tables that control builds: sh, dh, conhash; and what all schedulers have in
 * common. mh has a file of its own.
 */
#include "../control/scheduler_table.h"
#include "hash_stable.h"
#include "locality.h"
#include "scheduler_ring.h"
#include "scheduler_world.h"

#define VIP address_of(192, 0, 2, 10)
#define CLIENTS address_of(198, 18, 0, 0)

static struct ks_locality_table locality __rte_cache_aligned;

static void
rebuild(struct ks_virtual_server *service)
{
	free((void *)(uintptr_t)service->scheduler_table);
	service_set_weights(service);
	service->scheduler_table = ks_scheduler_table_build(service);
}

static void
forget_table(struct ks_virtual_server *service)
{
	free((void *)(uintptr_t)service->scheduler_table);
	service->scheduler_table = NULL;
}

static const struct ks_server *
pick_towards(const struct ks_virtual_server *service, uint32_t destination)
{
	struct ks_packet packet = packet_from(CLIENTS, 40000, destination);

	return ks_schedule(&worker, service, &packet);
}

/* 100 000 clients; of dh, destinations. */
static void
test_shares(uint8_t scheduler, uint32_t count, const uint16_t weights[], const char *name)
{
	struct ks_virtual_server service = service_of(scheduler, count, weights);
	uint64_t got[SCHEDULED_SERVERS_MAX] = {0};

	forget_connections();
	rebuild(&service);
	for (uint32_t i = 0; i < 100000; i++) {
		const struct ks_server *server = scheduler == KS_SCHEDULER_DESTINATION_HASH
							 ? pick_towards(&service, CLIENTS + i)
							 : pick_from(&service, CLIENTS + i);

		got[server->id]++;
	}
	tap_equal(wrong_shares(&service, got, 20), 0, name);
	forget_table(&service);
}

/* The clients of the server that leaves go to others; how many of the others' move besides? */
static void
test_ring_disruption(void)
{
	static uint32_t before[100000];
	struct ks_virtual_server service = service_of(KS_SCHEDULER_CONSISTENT_HASH, 10, NULL);
	uint32_t own = 0, others = 0, back = 0;

	forget_connections();
	rebuild(&service);
	for (uint32_t i = 0; i < RTE_DIM(before); i++)
		before[i] = pick_from(&service, CLIENTS + i)->id;
	servers[4].options.weight = 0;
	rebuild(&service);
	for (uint32_t i = 0; i < RTE_DIM(before); i++) {
		own += before[i] == 4;
		others += before[i] != 4 && pick_from(&service, CLIENTS + i)->id != before[i];
	}
	tap_ok(own > 9000 && own < 11000, "conhash: a leaving server moves its tenth: %u", own);
	tap_equal(others, 0, "conhash: and nobody else");
	servers[4].options.weight = 1;
	servers[7].options.upper_threshold = 1;
	counters[7].active = 1;
	ks_server_note_taken(&worker, &servers[7]);
	rebuild(&service);
	for (uint32_t i = 0; i < RTE_DIM(before); i++)
		back += before[i] != 7 && pick_from(&service, CLIENTS + i)->id != before[i];
	tap_equal(back, 0, "conhash: it gets them back; an overloaded one moves its own only");
	tap_ok(pick_from(&service, CLIENTS)->id != 7, "conhash: overload is passed by");
	forget_table(&service);
}

static struct ks_ring *
ring_of(const struct ks_virtual_server *service)
{
	return (struct ks_ring *)(uintptr_t)service->scheduler_table;
}

static void
test_ring_bound(void)
{
	struct ks_virtual_server service = service_of(KS_SCHEDULER_CONSISTENT_HASH, 2000, NULL);
	const struct ks_ring_point *points;
	uint32_t wrong = 0, with_points = 0;
	static bool has_point[2000];

	for (uint32_t i = 0; i < 2000; i++)
		servers[i].options.weight = (uint16_t)(i * 32 + 1);
	rebuild(&service);
	tap_ok(ring_of(&service)->points_count <= KS_RING_POINTS_MAX + 2000,
		"conhash: points are bounded: %u", ring_of(&service)->points_count);
	points = ks_ring_points(ring_of(&service));
	for (uint32_t i = 0; i < ring_of(&service)->points_count; i++) {
		wrong += i > 0 && points[i].position < points[i - 1].position;
		with_points += !has_point[points[i].server];
		has_point[points[i].server] = true;
	}
	tap_equal(wrong, 0, "conhash: points are in order");
	tap_equal(with_points, 2000, "conhash: every server has one");
	forget_table(&service);
}

/* Any order of the servers: every client has the same one. */
static void
test_order(uint8_t scheduler, const char *name)
{
	struct ks_virtual_server service = service_of(scheduler, 50, NULL);
	static struct ks_ip before[10000];
	uint32_t wrong = 0;

	forget_connections();
	for (uint32_t i = 0; i < 50; i++)
		servers[i].options.weight = (uint16_t)(1 + i % 5);
	rebuild(&service);
	for (uint32_t i = 0; i < RTE_DIM(before); i++)
		before[i] = pick_from(&service, CLIENTS + i)->address;
	for (uint32_t i = 0; i < 25; i++) {
		struct ks_server other = servers[i];

		servers[i] = servers[49 - i];
		servers[49 - i] = other;
	}
	rebuild(&service);
	for (uint32_t i = 0; i < RTE_DIM(before); i++)
		wrong += !ks_ip_equal(before[i], pick_from(&service, CLIENTS + i)->address);
	tap_equal(wrong, 0, name);
	forget_table(&service);
}

static void
test_flags(void)
{
	struct ks_virtual_server service = service_of(KS_SCHEDULER_SOURCE_HASH, 8, NULL);
	uint32_t ports = 0;
	const struct ks_server *own;

	forget_connections();
	rebuild(&service);
	own = pick_from(&service, CLIENTS);
	for (uint16_t port = 1; port < 200; port++) {
		struct ks_packet packet = packet_from(CLIENTS, port, VIP);

		ports += ks_schedule(&worker, &service, &packet) != own;
	}
	tap_equal(ports, 0, "sh: ports do not matter");
	service.options.scheduler_flags = KS_HASH_PORT;
	for (uint16_t port = 1; port < 200; port++) {
		struct ks_packet packet = packet_from(CLIENTS, port, VIP);

		ports += ks_schedule(&worker, &service, &packet) != own;
	}
	tap_ok(ports > 150, "sh-port: they do");
	service.options.scheduler_flags = 0;
	servers[own->id].options.upper_threshold = 1;
	counters[own->id].active = 1;
	ks_server_note_taken(&worker, own);
	tap_ok(pick_from(&service, CLIENTS) == NULL, "sh: an overloaded server refuses");
	service.options.scheduler_flags = KS_HASH_FALLBACK;
	tap_ok(pick_from(&service, CLIENTS) != NULL, "sh-fallback: another one takes");
	forget_table(&service);
}

/* A QUIC client that comes from other addresses. */
static void
test_quic_id(void)
{
	static uint8_t octets[14 + 20 + 8 + 9] = {0};
	struct ks_virtual_server service = service_of(KS_SCHEDULER_CONSISTENT_HASH, 8, NULL);
	uint32_t moved = 0, alike = 0;
	const struct ks_server *first = NULL;

	forget_connections();
	service.options.hash_target = KS_HASH_QUIC_ID;
	rebuild(&service);
	for (uint32_t i = 0; i < 2000; i++) {
		struct ks_packet packet = packet_from(CLIENTS + i, 40000, VIP);

		packet.key.protocol = IPPROTO_UDP;
		packet.frame = octets;
		packet.l4_offset_bytes = 34;
		packet.ip_length_bytes = 37;
		octets[34 + 5] = 17;
		octets[42] = 0x40;
		octets[43] = (uint8_t)(i / 1000 * i);
		octets[44] = (uint8_t)(i / 1000 * i >> 8);
		if (i == 0)
			first = ks_schedule(&worker, &service, &packet);
		if (i < 1000)
			moved += ks_schedule(&worker, &service, &packet) != first;
		else
			alike += ks_schedule(&worker, &service, &packet) == first;
	}
	tap_equal(moved, 0, "conhash qid: one id, one server, wherever it comes from");
	tap_ok(alike > 80 && alike < 170, "conhash qid: other ids, other servers");
	forget_table(&service);
}

/* What a table cannot say: no scheduler may read one of another format. */
static void
test_foreign_table(void)
{
	struct ks_virtual_server service = service_of(KS_SCHEDULER_SOURCE_HASH, 3, NULL);

	rebuild(&service);
	service.options.scheduler = KS_SCHEDULER_CONSISTENT_HASH;
	tap_ok(pick_from(&service, CLIENTS) == NULL, "conhash does not read slots");
	rebuild(&service);
	service.options.scheduler = KS_SCHEDULER_MAGLEV;
	tap_ok(pick_from(&service, CLIENTS) == NULL, "mh does not read a ring");
	forget_table(&service);
}

static void
overload(uint32_t server)
{
	servers[server].options.upper_threshold = 1;
	counters[server].inactive = 1;
	ks_server_note_taken(&worker, &servers[server]);
}

static void
test_common(uint8_t scheduler, const char *name)
{
	struct ks_virtual_server service = service_of(scheduler, 1000, NULL);
	uint32_t drained = 0, overloaded = 0, refused = 0, picked = 0;
	static bool was_picked[1000];
	bool may_refuse =
		scheduler == KS_SCHEDULER_DESTINATION_HASH || scheduler == KS_SCHEDULER_OVERFLOW;

	forget_connections();
	service.options.scheduler_flags = KS_HASH_FALLBACK;
	for (uint32_t i = 0; i < 1000; i += 2)
		servers[i].options.weight = 0;
	for (uint32_t i = 1; i < 1000; i += 4)
		overload(i);
	rebuild(&service);
	memset(was_picked, 0, sizeof(was_picked));
	for (uint32_t i = 0; i < 20000; i++) {
		struct ks_packet packet = packet_from(CLIENTS + i, 40000, CLIENTS + i);
		const struct ks_server *server = ks_schedule(&worker, &service, &packet);

		if (server == NULL) {
			refused++;
			continue;
		}
		drained += server->id % 2 == 0;
		overloaded += server->id % 4 == 1;
		picked += !was_picked[server->id];
		was_picked[server->id] = true;
		counters[server->id].active++;
	}
	/* dh has no fallback; with ovf every one is full with two. */
	tap_ok(drained == 0 && overloaded == 0 && (refused == 0 || may_refuse),
		"%s of 1000: none that is drained, none overloaded (%u others, %u refused)", name,
		picked, refused);
	for (uint32_t i = 3; i < 1000; i += 4)
		overload(i);
	tap_ok(pick_from(&service, CLIENTS) == NULL, "%s: all are overloaded", name);
	forget_table(&service);
	service = service_of(scheduler, 3, (uint16_t[]){0, 0, 0});
	tap_ok(pick_from(&service, CLIENTS) == NULL, "%s: all are drained", name);
	rebuild(&service);
	tap_ok(pick_from(&service, CLIENTS) == NULL, "%s: all are drained, with its table", name);
	service = service_of(scheduler, 1, NULL);
	forget_connections();
	rebuild(&service);
	for (uint32_t i = 0; i < 100; i++)
		refused += pick_from(&service, CLIENTS + i) != &servers[0];
	tap_ok(pick_from(&service, CLIENTS) == &servers[0], "%s: the only one", name);
	forget_table(&service);
	service.servers_count = 0;
	rebuild(&service);
	tap_ok(pick_from(&service, CLIENTS) == NULL, "%s: no server", name);
	forget_table(&service);
}

int
main(void)
{
	static const char *const names[KS_SCHEDULERS] = {"rr", "wrr", "lc", "wlc", "sed", "nq",
		"fo", "ovf", "sh", "dh", "mh", "conhash", "lblc", "lblcr"};
	static const uint16_t eighths[] = {10, 0, 20, 10, 40};
	static const uint16_t tenths[] = {10, 0, 40, 20, 30};

	ks_locality_init(&locality, 42);
	worker.locality = &locality;
	test_shares(KS_SCHEDULER_SOURCE_HASH, 5, eighths, "sh: shares as the weights");
	test_shares(KS_SCHEDULER_DESTINATION_HASH, 5, eighths, "dh: shares as the weights");
	test_shares(KS_SCHEDULER_CONSISTENT_HASH, 5, tenths, "conhash: shares as the weights");
	test_shares(KS_SCHEDULER_CONSISTENT_HASH, 4, (uint16_t[]){1, 1, 1, 1}, "conhash: alike");
	test_ring_disruption();
	test_ring_bound();
	test_order(KS_SCHEDULER_SOURCE_HASH, "sh: the order of the servers does not matter");
	test_order(KS_SCHEDULER_CONSISTENT_HASH, "conhash: nor does it here");
	test_flags();
	test_quic_id();
	test_foreign_table();
	for (uint8_t scheduler = 0; scheduler < KS_SCHEDULERS; scheduler++)
		test_common(scheduler, names[scheduler]);
	return tap_done();
}
