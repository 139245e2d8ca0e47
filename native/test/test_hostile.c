/*
 * Traffic made to hurt: flows that all fall into one bucket under one tag, and a worker that stands
 * still while others go on. What is lost has a name, and nothing needs a restart.
 */
#include "connect.h"
#include "fixture.h"
#include "tap.h"

#define BUCKETS 4u
#define ALIKE 40u

static struct world *world;
static struct ks_worker *worker;

static struct packet_spec
syn_of(uint32_t client)
{
	return (struct packet_spec){
		.source_mac = MAC_GATEWAY,
		.destination_mac = MAC_PORT_0,
		.source = CLIENT + client / 60000,
		.destination = VIP,
		.source_port = (uint16_t)(1024 + client % 60000),
		.destination_port = 80,
		.protocol = BUILT_TCP,
		.tcp_flags = SYN,
		.ttl = 64,
	};
}

static uint64_t
hash_of(uint32_t client)
{
	struct packet_spec spec = syn_of(client);
	struct ks_flow_key key = {.source_be = rte_cpu_to_be_32(spec.source),
		.destination_be = RTE_BE32(VIP),
		.source_port_be = rte_cpu_to_be_16(spec.source_port),
		.destination_port_be = RTE_BE16(80),
		.protocol = BUILT_TCP};

	return ks_hash_flow(&worker->connections->secret, &key);
}

/* An attacker who knows the secret: clients whose flows have the bucket and the tag of the first.
 */
static void
find_alike(uint32_t clients[ALIKE])
{
	const struct ks_connection_table *table = worker->connections;
	uint64_t wanted = hash_of(0);
	uint32_t found = 0;

	for (uint32_t client = 0; found < ALIKE; client++) {
		uint64_t hash = hash_of(client);

		if (hash >> 48 == wanted >> 48 &&
			ks_connection_bucket(table, hash) == ks_connection_bucket(table, wanted))
			clients[found++] = client;
	}
}

static uint64_t
count_of(enum ks_verdict verdict)
{
	return worker->verdicts[verdict];
}

static void
test_collisions(void)
{
	uint32_t clients[ALIKE];
	struct packet_spec spec;
	uint32_t accepted = 0, kept = 0;

	world_reset(world, 1);
	/* Few buckets, so that the search for such flows ends soon. */
	worker->connections->buckets_count = BUCKETS;
	find_alike(clients);
	for (uint32_t i = 0; i < ALIKE; i++) {
		spec = syn_of(clients[i]);
		accepted += world_verdict(world, 0, &spec) == KS_VERDICT_forwarded;
	}
	tap_ok(accepted > 0 && accepted <= 2 * KS_BUCKET_SLOTS,
		"of %u flows with one bucket and tag, %u find a slot in its two buckets", ALIKE,
		accepted);
	tap_equal(count_of(KS_VERDICT_drop_table_full), ALIKE - accepted, "the others have a name");
	tap_equal(worker->sources[1].used, accepted, "and hold no source port");
	for (uint32_t i = 0; i < accepted; i++) {
		spec = syn_of(clients[i]);
		kept += world_verdict(world, 0, &spec) == KS_VERDICT_forwarded;
	}
	tap_equal(kept, accepted, "who is in is found among all the alike");
	tap_equal(ks_connection_table_count(worker->connections), accepted, "and is no second one");
	worker->now_ticks += 60 * KS_TICKS_PER_SECOND;
	for (uint32_t pass = 0; pass < 100; pass++)
		world_run(world, 0);
	tap_equal(ks_connection_table_count(worker->connections), 0, "they expire like others");
	tap_equal(world_verdict(world, 0, &spec), KS_VERDICT_forwarded, "and there is room again");
}

/* The owner of most packets stands still, as a stopped or starved thread does. */
static void
test_stalled_worker(void)
{
	const struct ks_worker *owner = &world->workers[1];
	uint64_t handed_over, lost, served = 0;
	struct built_packet out;

	world_reset(world, 2);
	for (uint32_t client = 0; client < 1000; client++) {
		struct packet_spec spec = syn_of(client);

		served += world_verdict(world, 0, &spec) == KS_VERDICT_forwarded;
		world_take(world->from_port[1], &out, NULL);
	}
	handed_over = count_of(KS_VERDICT_steered);
	lost = count_of(KS_VERDICT_drop_steer_full);
	tap_ok(served > 400, "worker 0 serves its own clients meanwhile: %u", (uint32_t)served);
	tap_equal(handed_over, 63, "the other's wait in its ring");
	tap_equal(served + handed_over + lost, 1000, "or are counted as drop_steer_full");
	world_run(world, 1);
	world_run(world, 1);
	tap_equal(owner->verdicts[KS_VERDICT_forwarded], handed_over, "it goes on and serves them");
	for (uint32_t client = 0; client < 1000; client++) {
		struct packet_spec spec = syn_of(client);

		world_verdict(world, 0, &spec);
		world_run(world, 1);
		while (world_take(world->from_port[1], &out, NULL))
			;
	}
	tap_equal(count_of(KS_VERDICT_drop_steer_full), lost, "nothing is lost any more");
	tap_equal(ks_connection_table_count(worker->connections) +
			  ks_connection_table_count(owner->connections),
		1000, "every client is connected");
}

/* A port that takes no more, while a burst has packets of old and of new connections. */
static void
test_full_port(void)
{
	uint32_t left = 0;
	struct built_packet out;

	world_reset(world, 1);
	for (uint32_t client = 0; client < 32; client++) {
		struct packet_spec spec = syn_of(client);

		world_verdict(world, 0, &spec);
	}
	while (world_take(world->from_port[1], &out, NULL))
		;
	for (uint32_t round = 0; round < 10; round++) {
		/* New ones first in the burst: they are decided first, and queued last. */
		for (uint32_t i = 0; i < KS_BURST; i++) {
			uint32_t client = i % 2 == 0 ? 100 + round * KS_BURST + i : i;
			struct packet_spec spec = syn_of(client);
			struct built_packet packet = build(&spec);

			world_send(world, 0, &packet);
		}
		world_run(world, 0);
	}
	while (world_take(world->from_port[1], &out, NULL))
		left++;
	tap_equal(left, 255, "the port took what it could");
	tap_equal(count_of(KS_VERDICT_forwarded), 32 + 255, "which counts as forwarded");
	tap_equal(count_of(KS_VERDICT_drop_tx_full), 320 - 255, "and the rest as dropped");
}

int
main(void)
{
	world = world_open("test_hostile", 2000);
	worker = &world->workers[0];
	test_collisions();
	test_stalled_worker();
	test_full_port();
	world_check_leaks(world);
	return tap_done();
}
