/*
 * What happens at the limits: source ports of one (source address, server) used up, the next source
 * address, the connection table full, and everything given back.
 */
#include "fixture.h"
#include "tap.h"

#define CONNECTIONS_MAX 140000u

static struct world *world;
static struct ks_worker *worker;
static uint8_t seen_ports[2][65536];

/* A packet of the nth client of the UDP service. */
static struct built_packet
from_client(uint32_t number)
{
	struct packet_spec spec = {
		.source_mac = MAC_GATEWAY,
		.destination_mac = MAC_PORT_0,
		.source = IPV4(100, 64, 0, 0) + number / 50000,
		.destination = VIP,
		.source_port = (uint16_t)(1024 + number % 50000),
		.destination_port = 53,
		.protocol = BUILT_UDP,
		.ttl = 64,
		.payload_bytes = 18,
	};

	return build(&spec);
}

/* Clients [from, end) send one packet each, a burst at a time. */
static void
send_clients(uint32_t from, uint32_t end)
{
	while (from < end) {
		for (uint32_t i = 0; i < KS_BURST && from < end; i++) {
			struct built_packet packet = from_client(from++);

			world_send(world, 0, &packet);
		}
		world_run(world, 0);
		for (struct built_packet out; world_take(world->from_port[1], &out, NULL);) {
			uint32_t source = out.bytes[29] == (LIP & 0xff) ? 0 : 1;

			seen_ports[source][out.bytes[34] << 8 | out.bytes[35]]++;
		}
	}
}

static uint32_t
count_ports(uint32_t source, uint32_t least)
{
	uint32_t count = 0;

	for (uint32_t port = 0; port < 65536; port++)
		count += seen_ports[source][port] >= least;
	return count;
}

static void
age(uint32_t seconds)
{
	worker->now_ticks += seconds * KS_TICKS_PER_SECOND;
	for (uint32_t pass = 0; pass <= worker->connections->highest_used / 64; pass++)
		world_run(world, 0);
}

static void
test_one_source_address(void)
{
	uint64_t drops;

	world_reset(world, 1);
	memset(seen_ports, 0, sizeof(seen_ports));
	send_clients(0, 66000);
	drops = worker->verdicts[KS_VERDICT_drop_no_local_port];
	tap_ok(count_ports(0, 1) >= 64512 * 99 / 100,
		"one source address serves %u connections to one server", count_ports(0, 1));
	tap_equal(count_ports(0, 2), 0, "no port twice");
	tap_equal(count_ports(0, 1), ks_connection_table_count(worker->connections),
		"as many connections");
	tap_equal(drops, 66000 - count_ports(0, 1), "the others are drop_no_local_port");
	tap_equal(worker->sources[1].missed[KS_MISS_EXHAUSTED], drops,
		"and counted for the source address");
	tap_equal(worker->sources[1].used, count_ports(0, 1), "ports in use");
	for (uint32_t port = 0; port < 1024; port++)
		drops += seen_ports[0][port];
	tap_equal(drops, worker->sources[1].missed[KS_MISS_EXHAUSTED], "no port below 1024");

	send_clients(0, 1000);
	tap_equal(worker->verdicts[KS_VERDICT_drop_no_local_port], drops,
		"those who have one keep it");
	age(301);
	tap_equal(ks_connection_table_count(worker->connections), 0, "all expire");
	tap_equal(worker->sources[1].used, 0, "all ports are free");
	tap_equal(worker->servers[2].inactive, 0, "no connection is left at the server");
	send_clients(0, 64512);
	tap_ok(ks_connection_table_count(worker->connections) >= 64512 * 99 / 100,
		"and can be used again");
}

static void
test_two_source_addresses(void)
{
	world_reset(world, 1);
	world->services[SERVICE_UDP].sources_count[KS_IPV4] = 2;
	memset(seen_ports, 0, sizeof(seen_ports));
	send_clients(0, 100);
	tap_equal(count_ports(0, 1), 50, "source addresses take turns");
	tap_equal(count_ports(1, 1), 50, "both of them");
	world->held_until_tsc[1] = 0;
	send_clients(100, 200);
	tap_equal(count_ports(1, 1), 150, "one that is not held is passed over");
	world->held_until_tsc[1] = UINT64_MAX;
	send_clients(200, 64512 + 1000);
	world->held_until_tsc[2] = 0;
	send_clients(64512 + 1000, 129000);
	world->held_until_tsc[2] = UINT64_MAX;
	send_clients(129000, 175000);
	tap_ok(ks_connection_table_count(worker->connections) >= 2 * 64512 * 99 / 100,
		"%u connections from two", ks_connection_table_count(worker->connections));
	tap_ok(worker->sources[1].missed[KS_MISS_EXHAUSTED] > 0 &&
			worker->sources[2].missed[KS_MISS_EXHAUSTED] > 0,
		"both counted when they had none left");
}

static void
test_table_full(void)
{
	world_reset(world, 1);
	ks_connection_table_init(worker->connections, worker->connections->endpoints, 1000, 9);
	send_clients(0, 1100);
	tap_equal(worker->verdicts[KS_VERDICT_forwarded], 1000, "a table for 1000 holds 1000");
	tap_equal(worker->verdicts[KS_VERDICT_drop_table_full], 100, "the others are dropped");
	tap_equal(worker->sources[1].used, 1000, "and hold no source port");
	tap_equal(worker->servers[2].connections, 1000, "nor count as connections");
	tap_equal(worker->servers[2].inactive, 1000, "nor as inactive ones");
	send_clients(0, 1000);
	tap_equal(worker->verdicts[KS_VERDICT_forwarded], 2000, "nobody who is in is lost");
	age(301);
	send_clients(2000, 3000);
	tap_equal(worker->verdicts[KS_VERDICT_forwarded], 3000, "slots are used again");
	worker->connections->connections_max = CONNECTIONS_MAX;
}

int
main(void)
{
	world = world_open("test_capacity", CONNECTIONS_MAX);
	worker = &world->workers[0];
	test_one_source_address();
	test_two_source_addresses();
	test_table_full();
	world_check_leaks(world);
	return tap_done();
}
