/*
 * Persistence: what a template does and how it ends; several workers that see parts of a client's
 * connections; floods; and workers that write at the same time.
 */
#include <pthread.h>

#include "../control/scheduler_table.h"
#include "persistence.h"
#include "scheduler_world.h"

#define TEMPLATES 4096u
#define WORKERS 4u
#define CLIENT address_of(198, 51, 100, 7)
#define SECONDS(n) ((n)*KS_TICKS_PER_SECOND)

static struct ks_persistence_table *table;

static void
rebuild(struct ks_virtual_server *service)
{
	free((void *)(uintptr_t)service->scheduler_table);
	service_set_weights(service);
	service->scheduler_table = ks_scheduler_table_build(service);
}

static void
end(struct ks_virtual_server *service)
{
	free((void *)(uintptr_t)service->scheduler_table);
	free(table);
	table = NULL;
}

static struct ks_virtual_server
begin(uint8_t scheduler, uint32_t count)
{
	struct ks_virtual_server service = service_of(scheduler, count, NULL);
	size_t bytes = RTE_ALIGN(ks_persistence_table_bytes(TEMPLATES), 64);

	forget_connections();
	service.options.persistence_seconds = 300;
	rebuild(&service);
	table = aligned_alloc(64, bytes);
	memset(table, 0, bytes);
	ks_persistence_table_init(table, TEMPLATES, 0xabcdef);
	worker.persistence = table;
	worker.now_ticks = 1000;
	return service;
}

static const struct ks_server *
choose_with(struct ks_worker *with, const struct ks_virtual_server *service, uint32_t source,
	bool drops_quiescent)
{
	struct ks_packet packet = packet_from(source, 40000, address_of(192, 0, 2, 10));

	return ks_persistence_choose(with, service, &packet, drops_quiescent);
}

static const struct ks_server *
choose(const struct ks_virtual_server *service, uint32_t source)
{
	return choose_with(&worker, service, source, false);
}

static uint32_t
count_templates(struct ks_template *last)
{
	struct ks_template template;
	uint32_t count = 0;

	for (uint32_t place = 0; place < ks_persistence_places(table); place++) {
		if (!ks_persistence_read(table, place, worker.now_ticks, &template))
			continue;
		count++;
		if (last != NULL)
			*last = template;
	}
	return count;
}

/* A server of the highest weight comes, so that nearly every client would be its. */
static void
add_giant(struct ks_virtual_server *service)
{
	struct ks_server *giant = &servers[service->servers_count++];

	*giant = servers[0];
	giant->id = service->servers_count - 1;
	giant->address = ks_ip_from_v4(rte_cpu_to_be_32(address_of(10, 2, 0, 1)));
	giant->options.weight = 60000;
	rebuild(service);
}

static void
test_template(void)
{
	struct ks_virtual_server service = begin(KS_SCHEDULER_ROUND_ROBIN, 5);
	const struct ks_server *own = choose(&service, CLIENT);
	struct ks_template template = {0};
	uint32_t others = 0;

	tap_equal(count_templates(&template), 1, "the first connection makes a template");
	tap_ok(ks_ip_equal(template.client, ks_ip_from_v4(rte_cpu_to_be_32(CLIENT))) &&
			template.server_id == own->id && template.service_id == service.id &&
			template.expires_ticks == 1000 + SECONDS(300),
		"which says all that a listing wants to know");
	add_giant(&service);
	for (uint32_t i = 1; i <= 100; i++)
		others += choose(&service, CLIENT + i)->id == 5;
	tap_ok(others > 95, "a server comes, to which other clients go");
	tap_ok(choose(&service, CLIENT) == own, "this one stays with its own");
	for (uint32_t i = 0; i < 10; i++) {
		worker.now_ticks += SECONDS(299);
		others += choose(&service, CLIENT) != own;
	}
	tap_ok(choose(&service, CLIENT) == own, "every connection gives 300 seconds more");
	worker.now_ticks += SECONDS(300);
	tap_ok(choose(&service, CLIENT)->id == 5, "300 seconds without any, and it is forgotten");
	end(&service);
}

static void
test_servers_that_leave(void)
{
	struct ks_virtual_server service = begin(KS_SCHEDULER_WEIGHTED_ROUND_ROBIN, 5);
	struct ks_server *own = &servers[choose(&service, CLIENT)->id];
	uint32_t id = own->id;
	const struct ks_server *other;

	own->options.weight = 0;
	rebuild(&service);
	tap_ok(choose(&service, CLIENT) == own, "a server of weight 0 keeps its templates");
	other = choose_with(&worker, &service, CLIENT, true);
	tap_ok(other != NULL && other != own, "unless expire_quiescent_template");
	tap_ok(choose(&service, CLIENT) == other, "then the template is the other's");
	own = &servers[other->id];
	own->options.upper_threshold = 1;
	counters[own->id].active = 1;
	ks_server_note_taken(&worker, own);
	tap_ok(choose(&service, CLIENT) == own, "an overloaded server keeps them, too");
	tap_ok(choose(&service, CLIENT + 1) != own, "but gets no others");
	id = own->id;
	*own = servers[service.servers_count - 1];
	service.servers_count--;
	rebuild(&service);
	other = choose(&service, CLIENT);
	tap_ok(other != NULL && other->id != id, "a removed server has none");
	tap_equal(count_templates(NULL), 2, "one template per client, whatever happened");
	service.servers_count = 0;
	rebuild(&service);
	tap_ok(choose(&service, CLIENT) == NULL, "nobody left");
	end(&service);
}

static void
test_granularity(void)
{
	struct ks_virtual_server service = begin(KS_SCHEDULER_LEAST_CONNECTION, 7);
	static const uint8_t octets[16] = {
		0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
	struct ks_ip masked, v6 = ks_ip_from_octets(octets);
	uint32_t others = 0, all = 0;

	service.options.persistence_bits = 24;
	for (uint32_t i = 0; i < 256; i++)
		others += choose(&service, address_of(198, 51, 100, (uint8_t)i)) !=
			  choose(&service, CLIENT);
	tap_equal(others, 0, "24 bits: a network has one server");
	tap_equal(count_templates(NULL), 1, "and one template");
	for (uint32_t i = 0; i < 200; i++)
		all += choose(&service, address_of(198, 18, (uint8_t)i, 1)) !=
		       choose(&service, CLIENT);
	tap_ok(all > 120, "networks differ");
	masked = ks_persistence_client(v6, 64);
	tap_ok(masked.words[0] == v6.words[0] && masked.words[1] == 0, "64 bits of IPv6");
	tap_ok(ks_ip_equal(ks_persistence_client(v6, 128), v6) &&
			ks_ip_equal(ks_persistence_client(v6, 0), v6),
		"128 of them, and 0, are all");
	service.options.persistence_bits = 32;
	tap_ok(ks_ip_equal(ks_persistence_client(ks_ip_from_v4(1), 32), ks_ip_from_v4(1)) &&
			ks_ip_equal(ks_persistence_client(ks_ip_from_v4(1), 128), ks_ip_from_v4(1)),
		"32 of IPv4, and more");
	end(&service);
}

static void
test_hold(void)
{
	struct ks_virtual_server service = begin(KS_SCHEDULER_ROUND_ROBIN, 5);
	uint32_t own = choose(&service, CLIENT)->id;
	struct ks_ip client = ks_ip_from_v4(rte_cpu_to_be_32(CLIENT));
	struct ks_template template = {0};

	add_giant(&service);
	ks_persistence_hold(table, service.id, client, own, worker.now_ticks);
	count_templates(&template);
	tap_equal(template.expires_ticks, 1000 + SECONDS(300), "a hold takes nothing away");
	for (uint32_t i = 0; i < 100; i++) {
		worker.now_ticks += SECONDS(30);
		ks_persistence_hold(table, service.id, client, own, worker.now_ticks);
	}
	tap_equal(choose(&service, CLIENT)->id, own, "a living connection keeps the template");
	worker.now_ticks += SECONDS(299);
	ks_persistence_hold(table, service.id, client, own + 1, worker.now_ticks);
	ks_persistence_hold(table, service.id + 1, client, own, worker.now_ticks);
	worker.now_ticks += SECONDS(1);
	tap_equal(choose(&service, CLIENT)->id, 5, "one of another server or service does not");
	end(&service);
}

static void
test_tick_wrap(void)
{
	struct ks_virtual_server service = begin(KS_SCHEDULER_ROUND_ROBIN, 5);
	const struct ks_server *own;

	worker.now_ticks = UINT32_MAX - SECONDS(10);
	own = choose(&service, CLIENT);
	add_giant(&service);
	worker.now_ticks += SECONDS(20);
	tap_ok(choose(&service, CLIENT) == own, "ticks may wrap");
	service.options.persistence_seconds = UINT32_MAX;
	choose(&service, CLIENT);
	worker.now_ticks += SECONDS(2678399u);
	tap_ok(choose(&service, CLIENT) == own, "31 days are the longest");
	worker.now_ticks += SECONDS(2678400u);
	tap_equal(choose(&service, CLIENT)->id, 5, "whatever was asked for");
	end(&service);
}

/* Far more clients than places: the table stays as large as it is, and serves those in use. */
static void
test_flood(void)
{
	struct ks_virtual_server service = begin(KS_SCHEDULER_ROUND_ROBIN, 5);
	const struct ks_server *own[100];
	uint32_t lost = 0, moved = 0;

	for (uint32_t i = 0; i < 300000; i++) {
		worker.now_ticks += i % 1000 == 0;
		choose(&service, address_of(100, 0, 0, 0) + i);
	}
	tap_ok(count_templates(NULL) <= ks_persistence_places(table),
		"300 000 clients: %u templates in %u places", count_templates(NULL),
		ks_persistence_places(table));
	for (uint32_t i = 0; i < 100; i++)
		own[i] = choose(&service, CLIENT + i);
	for (uint32_t i = 0; i < 300000; i++)
		choose(&service, address_of(100, 0, 0, 0) + i);
	for (uint32_t i = 0; i < 100; i++)
		moved += choose(&service, CLIENT + i) != own[i];
	tap_equal(moved, 0, "clients whose templates a flood replaced have the same servers");
	add_giant(&service);
	worker.now_ticks += SECONDS(2);
	for (uint32_t i = 0; i < 300; i++) {
		worker.now_ticks += SECONDS(1);
		for (uint32_t j = 0; j < 100; j++)
			lost += choose(&service, CLIENT + j) != own[j];
		for (uint32_t j = 0; j < 250; j++)
			choose(&service, address_of(101, 0, 0, 0) + i * 250 + j);
	}
	tap_equal(lost, 0, "templates in use survive a flood that fills the table in 16 s");
	end(&service);
}

/* Schedulers that say who is next by rank or destination go on doing so. */
static void
test_ranked(void)
{
	struct ks_virtual_server service = begin(KS_SCHEDULER_FAILOVER, 3);
	uint32_t wrong = 0;

	servers[1].options.weight = 9;
	rebuild(&service);
	for (uint32_t i = 0; i < 100; i++)
		wrong += choose(&service, CLIENT + i)->id != 1;
	tap_equal(wrong, 0, "fo: new clients go to the heaviest");
	servers[2].options.weight = 10;
	rebuild(&service);
	tap_ok(choose(&service, CLIENT)->id == 1 && choose(&service, CLIENT + 200)->id == 2,
		"fo: known ones stay");
	worker.persistence = NULL;
	tap_equal(choose(&service, CLIENT)->id, 2, "without a table the scheduler alone speaks");
	end(&service);
}

static void
test_shares(void)
{
	struct ks_virtual_server service = begin(KS_SCHEDULER_WEIGHTED_LEAST_CONNECTION, 5);
	static const uint16_t weights[5] = {10, 0, 40, 20, 30};
	uint64_t got[5] = {0};

	for (uint32_t i = 0; i < 5; i++)
		servers[i].options.weight = weights[i];
	rebuild(&service);
	for (uint32_t i = 0; i < 100000; i++)
		got[choose(&service, address_of(198, 18, 0, 0) + i)->id]++;
	tap_equal(wrong_shares(&service, got, 20), 0, "new clients: shares as the weights");
	end(&service);
}

/*
 * Four workers with counters of their own and a part of every client's connections; servers come
 * and go between connections. A client never has two servers that are both still there.
 */
static void
test_workers_agree(void)
{
	struct ks_virtual_server service = begin(KS_SCHEDULER_WEIGHTED_LEAST_CONNECTION, 8);
	static struct ks_worker workers[WORKERS];
	static struct ks_server_counters own_counters[WORKERS][SCHEDULED_SERVERS_MAX];
	static uint32_t server_of[500];
	uint64_t seed = 99;
	uint32_t wrong = 0, moved = 0;

	for (uint32_t i = 0; i < WORKERS; i++) {
		workers[i] = worker;
		workers[i].index = (uint16_t)i;
		workers[i].servers = own_counters[i];
	}
	memset(server_of, 0xff, sizeof(server_of));
	for (uint32_t round = 0; round < 50; round++) {
		servers[round * 5 % 8].options.weight = (uint16_t)(round * 7 % 11);
		if (round % 10 == 9)
			add_giant(&service);
		rebuild(&service);
		for (uint32_t i = 0; i < 2000; i++) {
			uint32_t client = (uint32_t)(next_random(&seed) % 500);
			uint32_t by = (uint32_t)(next_random(&seed) % WORKERS);
			const struct ks_server *server = choose_with(
				&workers[by], &service, address_of(198, 18, 0, 0) + client, false);

			own_counters[by][server->id].active++;
			moved += server_of[client] == UINT32_MAX;
			if (server_of[client] != UINT32_MAX)
				wrong += server_of[client] != server->id;
			server_of[client] = server->id;
		}
	}
	tap_equal(moved, 500, "all clients came");
	tap_equal(wrong, 0, "whichever worker sees a client, it has its server");
	end(&service);
}

/* Without any template, as on a node that takes over: the same servers. */
static void
test_other_node(void)
{
	struct ks_virtual_server service = begin(KS_SCHEDULER_WEIGHTED_LEAST_CONNECTION, 8);
	struct ks_ip before[1000];
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < 1000; i++)
		before[i] = choose(&service, CLIENT + i)->address;
	end(&service);
	service = begin(KS_SCHEDULER_WEIGHTED_LEAST_CONNECTION, 8);
	for (uint32_t i = 0; i < 4; i++) {
		struct ks_server other = servers[i];

		servers[i] = servers[7 - i];
		servers[7 - i] = other;
	}
	rebuild(&service);
	ks_persistence_table_init(table, TEMPLATES, 12345);
	for (uint32_t i = 0; i < 1000; i++)
		wrong += !ks_ip_equal(before[i], choose(&service, CLIENT + i)->address);
	tap_equal(wrong, 0, "another node makes the same choices");
	end(&service);
}

#define RACING_CLIENTS 400u
#define RACING_CHOICES 200000u

struct racer {
	struct ks_worker worker;
	const struct ks_virtual_server *service;
	uint32_t got[RACING_CLIENTS];
	uint32_t changed; /* of a client within this worker */
};

static void *
race(void *argument)
{
	struct racer *racer = argument;

	memset(racer->got, 0xff, sizeof(racer->got));
	for (uint32_t i = 0; i < RACING_CHOICES; i++) {
		uint32_t client = i % RACING_CLIENTS;
		uint32_t server = choose_with(
			&racer->worker, racer->service, address_of(198, 18, 0, 0) + client, false)
					  ->id;

		racer->changed += racer->got[client] != UINT32_MAX && racer->got[client] != server;
		racer->got[client] = server;
		racer->worker.now_ticks += i % 1000 == 0;
	}
	return NULL;
}

/*
 * At the same time, and with a scheduler that would give each worker's clients other servers. A
 * worker that is stopped in the middle of writing leaves the others without that bucket meanwhile,
 * so what they do in the race may differ a little; what they agreed upon may not.
 */
static void
test_race(void)
{
	struct ks_virtual_server service = begin(KS_SCHEDULER_OVERFLOW, 64);
	static struct racer racers[WORKERS];
	static struct ks_server_counters own_counters[WORKERS][SCHEDULED_SERVERS_MAX];
	pthread_t threads[WORKERS];
	uint32_t differing = 0, changed = 0;

	for (uint32_t i = 0; i < WORKERS; i++) {
		racers[i].worker = worker;
		racers[i].worker.servers = own_counters[i];
		racers[i].service = &service;
		/* This worker's view: all but one server have too much to do. */
		for (uint32_t j = 0; j < 64; j++)
			own_counters[i][j].active = j == i * 16 ? 0 : 1000;
		pthread_create(&threads[i], NULL, race, &racers[i]);
	}
	for (uint32_t i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	for (uint32_t i = 0; i < WORKERS; i++) {
		changed += racers[i].changed;
		for (uint32_t client = 0; client < RACING_CLIENTS; client++) {
			uint32_t source = address_of(198, 18, 0, 0) + client;

			differing += choose_with(&racers[i].worker, &service, source, false) !=
				     choose_with(&racers[0].worker, &service, source, false);
		}
	}
	tap_ok(changed < WORKERS * RACING_CHOICES / 100,
		"workers at the same time: %u of %u choices differed from the one before", changed,
		WORKERS * RACING_CHOICES);
	tap_equal(differing, 0, "and in the end all agree");
	tap_equal(count_templates(NULL), RACING_CLIENTS, "on one template per client");
	end(&service);
}

int
main(void)
{
	test_template();
	test_servers_that_leave();
	test_granularity();
	test_hold();
	test_tick_wrap();
	test_flood();
	test_ranked();
	test_shares();
	test_workers_agree();
	test_other_node();
	test_race();
	return tap_done();
}
