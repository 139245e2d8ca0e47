/*
 * A lab without hardware: four workers, four queues per port on rings, and a NIC in software that
 * spreads packets over the queues by DPDK's own Toeplitz (rte_thash.h). No packet of a connection
 * may reach another worker than the one that made it.
 */
#include <rte_thash.h>

#include "fixture.h"
#include "tap.h"

#define CLIENTS 4000u

static struct world *world;
static uint8_t key[KS_TOEPLITZ_KEY_BYTES];
static uint64_t random_state = 99;

static uint32_t
next_random(void)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(random_state >> 33);
}

/* A random key, and a table of this size whose entries go to random queues. */
static void
open_lab(uint32_t table_size, uint16_t workers)
{
	uint8_t owners[KS_RSS_TABLE_MAX];

	world_reset(world, workers);
	world_use_queues(world);
	for (uint32_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)next_random();
	for (uint32_t i = 0; i < table_size; i++)
		owners[i] = (uint8_t)(i < workers ? i : next_random() % workers);
	ks_rss_init(&world->rss, key, owners, table_size);
	for (uint16_t worker = 0; worker < workers; worker++) {
		for (uint16_t port = 0; port < WORLD_PORTS; port++)
			world->workers[worker].ports[port].is_hashed = true;
	}
}

/* What the NIC does with a frame. */
static uint16_t
queue_of(const struct built_packet *packet)
{
	uint32_t words[3];

	for (uint32_t i = 0; i < 3; i++) {
		memcpy(&words[i], packet->bytes + 26 + 4 * i, sizeof(words[i]));
		words[i] = rte_be_to_cpu_32(words[i]);
	}
	return world->rss.owners[rte_softrss(words, 3, key) & world->rss.table_mask];
}

/* Sends through the NIC, runs the worker of the queue, takes what left through the other port. */
static bool
pass_through(uint16_t port, const struct built_packet *packet, struct built_packet *out)
{
	uint16_t queue = queue_of(packet);

	if (rte_ring_enqueue(world->to_queue[port][queue], world_mbuf(world, packet)) != 0)
		return false;
	world_run(world, queue);
	return world_take(world->from_queue[1 - port][queue], out, NULL);
}

static struct packet_spec
client_spec(uint32_t client, uint8_t tcp_flags)
{
	return (struct packet_spec){
		.source_mac = MAC_GATEWAY,
		.destination_mac = MAC_PORT_0,
		.source = CLIENT + client / 50,
		.destination = VIP,
		.source_port = (uint16_t)(1024 + client * 7),
		.destination_port = 80,
		.protocol = BUILT_TCP,
		.tcp_flags = tcp_flags,
		.ttl = 64,
	};
}

static struct built_packet
answer(const struct built_packet *at_server)
{
	struct packet_spec spec = {
		.source_mac = at_server->bytes[5],
		.destination_mac = MAC_PORT_1,
		.source = IPV4(10, 0, 0, at_server->bytes[33]),
		.destination = IPV4(10, 0, 0, at_server->bytes[29]),
		.source_port = 8080,
		.destination_port = (uint16_t)(at_server->bytes[34] << 8 | at_server->bytes[35]),
		.protocol = BUILT_TCP,
		.tcp_flags = SYN | ACK,
		.ttl = 64,
	};

	return build(&spec);
}

static void
test_connections(uint32_t table_size, uint16_t workers)
{
	uint32_t lost = 0, steered = 0, connections = 0, least = CLIENTS;

	open_lab(table_size, workers);
	world->services[SERVICE_TCP].sources_count[KS_IPV4] = 2;
	for (uint32_t client = 0; client < CLIENTS; client++) {
		struct packet_spec spec = client_spec(client, SYN);
		struct built_packet packet = build(&spec), out;

		if (!pass_through(0, &packet, &out)) {
			lost++;
			continue;
		}
		packet = answer(&out);
		lost += !pass_through(1, &packet, &out);
		spec = client_spec(client, ACK);
		packet = build(&spec);
		lost += !pass_through(0, &packet, &out);
	}
	for (uint16_t worker = 0; worker < workers; worker++) {
		uint32_t count = ks_connection_table_count(world->workers[worker].connections);

		connections += count;
		least = count < least ? count : least;
		steered += (uint32_t)world->workers[worker].verdicts[KS_VERDICT_steered];
	}
	tap_equal(lost, 0, "every packet of every connection comes through");
	tap_equal(steered, 0, "none needs to be handed over");
	tap_ok(connections == CLIENTS && least > 0,
		"%u workers, table of %u: least %u of %u connections", workers, table_size, least,
		connections);
}

/* The NIC does not do what it says: other queues than by its table. */
static void
test_lying_port(void)
{
	uint32_t lost = 0;
	uint64_t misdirected = 0;

	open_lab(128, 4);
	for (uint32_t client = 0; client < 1000; client++) {
		struct packet_spec spec = client_spec(client, SYN);
		struct built_packet packet = build(&spec), out;
		uint16_t owner = queue_of(&packet);
		uint16_t queue = (uint16_t)(client % 4);

		rte_ring_enqueue(world->to_queue[0][queue], world_mbuf(world, &packet));
		world_run(world, queue);
		world_run(world, owner);
		lost += !world_take(world->from_queue[1][owner], &out, NULL);
	}
	for (uint16_t worker = 0; worker < 4; worker++)
		misdirected += world->workers[worker].ports[0].misdirected;
	tap_equal(lost, 0, "with a table that is not the NIC's, packets still find their owner");
	tap_ok(misdirected > 700 && misdirected < 800, "and are counted: %llu of 1000",
		(unsigned long long)misdirected);
}

/* One transmit queue: others send through the worker that has it. */
static void
test_relay(void)
{
	struct built_packet out;
	uint32_t sent = 0;

	open_lab(64, 4);
	for (uint16_t worker = 1; worker < 4; worker++)
		world->workers[worker].ports[1].relay = world->workers[0].inject;
	for (uint32_t client = 0; client < 100; client++) {
		struct packet_spec spec = client_spec(client, SYN);
		struct built_packet packet = build(&spec);
		uint16_t queue = queue_of(&packet);

		rte_ring_enqueue(world->to_queue[0][queue], world_mbuf(world, &packet));
		world_run(world, queue);
		world_run(world, 0);
		sent += world_take(world->from_queue[1][0], &out, NULL);
	}
	tap_equal(sent, 100, "all leave through the one queue");
	for (uint32_t client = 100; client < 200; client++) {
		struct packet_spec spec = client_spec(client, SYN);
		struct built_packet packet = build(&spec);

		rte_ring_enqueue(world->to_queue[0][queue_of(&packet)], world_mbuf(world, &packet));
		for (uint16_t worker = 1; worker < 4; worker++)
			world_run(world, worker);
	}
	tap_ok(world->workers[1].verdicts[KS_VERDICT_drop_tx_full] > 0,
		"worker 0 stands still: what finds no room in its ring is counted");
	for (uint32_t pass = 0; pass < 8; pass++)
		world_run(world, 0);
	tap_equal(world->workers[0].inject_failed, 0, "what found room is sent when it goes on");
}

int
main(void)
{
	world = world_open("test_queues", 20000);
	test_connections(64, 4);
	test_connections(128, 3);
	test_connections(256, 2);
	test_connections(512, 4);
	test_lying_port();
	test_relay();
	world_check_leaks(world);
	return tap_done();
}
