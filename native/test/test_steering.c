/*
 * Two workers: packets that arrive at another one than their owner by RSS are handed to it, and
 * only these. One thread runs both workers in turn.
 */
#include "fixture.h"
#include "tap.h"

static struct world *world;

static struct packet_spec
syn_spec(uint16_t client_port)
{
	return (struct packet_spec){
		.source_mac = MAC_GATEWAY,
		.destination_mac = MAC_PORT_0,
		.source = CLIENT,
		.destination = VIP,
		.source_port = client_port,
		.destination_port = 80,
		.protocol = BUILT_TCP,
		.tcp_flags = SYN,
		.ttl = 64,
	};
}

static struct packet_spec
syn_ack(const struct built_packet *at_server)
{
	return (struct packet_spec){
		.source_mac = at_server->bytes[5],
		.destination_mac = MAC_PORT_1,
		.source = IPV4(10, 0, 0, at_server->bytes[33]),
		.destination = LIP,
		.source_port = 8080,
		.destination_port = (uint16_t)(at_server->bytes[34] << 8 | at_server->bytes[35]),
		.protocol = BUILT_TCP,
		.tcp_flags = SYN | ACK,
		.ttl = 64,
	};
}

static uint16_t
owner_of(const struct packet_spec *spec)
{
	const rte_be32_t addresses[2] = {
		rte_cpu_to_be_32(spec->source), rte_cpu_to_be_32(spec->destination)};
	const rte_be16_t ports[2] = {
		rte_cpu_to_be_16(spec->source_port), rte_cpu_to_be_16(spec->destination_port)};

	return ks_rss_owner(&world->rss, KS_IPV4, addresses, ports);
}

static void
run_both(uint16_t first)
{
	world_run(world, first);
	world_run(world, 1 - first);
	world_run(world, first);
}

/* Every client's SYN arrives at one worker, every answer at the one that is not its owner. */
static void
test_answers(uint16_t receiver)
{
	uint32_t foreign_answers = 0, wrong = 0, steered = 0;
	uint32_t clients_of[2] = {0, 0};

	world_reset(world, 2);
	for (uint16_t client_port = 2000; client_port < 2100; client_port++) {
		struct packet_spec spec = syn_spec(client_port);
		struct built_packet out = build(&spec), expected, actual = {.length = 0};
		uint16_t owner = owner_of(&spec);

		clients_of[owner]++;
		steered += owner != receiver;
		world_send(world, 0, &out);
		run_both(receiver);
		world_take(world->from_port[1], &out, NULL);
		spec = syn_ack(&out);
		foreign_answers += owner_of(&spec) != owner;
		out = build(&spec);
		world_send(world, 1, &out);
		run_both(1 - owner);
		world_take(world->from_port[0], &actual, NULL);
		spec.source_mac = MAC_PORT_0;
		spec.destination_mac = MAC_GATEWAY;
		spec.source = VIP;
		spec.destination = CLIENT;
		spec.source_port = 80;
		spec.destination_port = client_port;
		spec.ttl--;
		expected = build(&spec);
		wrong += actual.length != expected.length ||
			 memcmp(actual.bytes, expected.bytes, expected.length) != 0;
	}
	tap_ok(clients_of[0] > 30 && clients_of[1] > 30, "clients are spread: %u and %u",
		clients_of[0], clients_of[1]);
	tap_equal(foreign_answers, 0, "a worker takes ports whose answers it owns");
	tap_equal(wrong, 0, "all answers reach the client");
	for (uint16_t worker = 0; worker < 2; worker++) {
		tap_equal(ks_connection_table_count(world->workers[worker].connections),
			clients_of[worker], "the owner has the connections");
		tap_equal(world->workers[worker].steered_in,
			clients_of[worker] + (worker != receiver ? steered : 0),
			"and got what arrived elsewhere");
	}
}

static void
test_what_is_not_steered(void)
{
	struct packet_spec spec = {
		.source_mac = MAC_SERVER_A,
		.destination_mac = MAC_PORT_1,
		.source = SERVER_A,
		.destination = LIP,
		.source_port = 8080,
		.destination_port = 5000,
		.protocol = BUILT_TCP,
		.tcp_flags = ACK,
		.ttl = 64,
	};

	world_reset(world, 2);
	while (owner_of(&spec) != 1)
		spec.destination_port++;
	tap_equal(world_verdict(world, 1, &spec), KS_VERDICT_steered, "an unknown return packet");
	world_run(world, 1);
	tap_equal(world->workers[1].verdicts[KS_VERDICT_punt_kernel], 1, "ends at the owner");
	while (owner_of(&spec) != 0)
		spec.destination_port++;
	tap_equal(world_verdict(world, 1, &spec), KS_VERDICT_punt_kernel, "or here, if it is ours");
	spec.protocol = BUILT_ICMP;
	spec.tcp_flags = 8;
	spec.destination_port = 0;
	tap_equal(world_verdict(world, 1, &spec), KS_VERDICT_echo_reply, "ping needs no owner");
	spec = syn_spec(3000);
	spec.destination = IPV4(192, 0, 2, 99);
	for (spec.source_port = 3000; owner_of(&spec) != 1; spec.source_port++)
		;
	tap_equal(world_verdict(world, 0, &spec), KS_VERDICT_punt_kernel,
		"nor what is not for an address of ours");
}

/* A service on a source address. */
static void
test_service_on_source_address(void)
{
	struct packet_spec spec = {
		.source_mac = MAC_SERVER_B,
		.destination_mac = MAC_PORT_1,
		.source = SERVER_B,
		.destination = LIP,
		.source_port = 999,
		.destination_port = 5001,
		.protocol = BUILT_TCP,
		.tcp_flags = SYN,
		.ttl = 64,
	};
	uint32_t clashes = 0;

	world_reset(world, 2);
	world_add_service(world, BUILT_TCP, 5001, 1)->address = world_ip(LIP);
	world_publish(world);
	while (owner_of(&spec) != 1)
		spec.source_port++;
	tap_equal(world_verdict(world, 1, &spec), KS_VERDICT_steered,
		"a client of a service on a source address goes to its owner");
	world_run(world, 1);
	tap_equal(world->workers[1].verdicts[KS_VERDICT_forwarded], 1, "who serves it");
	world_reset(world, 1);
	world_add_service(world, BUILT_TCP, 5001, 1)->address = world_ip(LIP);
	world_publish(world);
	for (uint32_t client = 0; client < 65000; client++) {
		struct packet_spec client_syn = syn_spec((uint16_t)client);
		struct built_packet out = build(&client_syn);

		world_send(world, 0, &out);
		world_run(world, 0);
		if (world_take(world->from_port[1], &out, NULL))
			clashes += (out.bytes[34] << 8 | out.bytes[35]) == 5001;
	}
	tap_equal(clashes, 0, "its port is never a source port");
}

/* The first clients of every worker must not all go to the first server. */
static void
test_first_choices(void)
{
	uint8_t servers[2] = {0};

	world_reset(world, 2);
	for (uint16_t worker = 0; worker < 2; worker++) {
		struct packet_spec spec = syn_spec(2000);
		struct built_packet out;

		while (owner_of(&spec) != worker)
			spec.source_port++;
		out = build(&spec);
		world_send(world, 0, &out);
		world_run(world, worker);
		world_take(world->from_port[1], &out, NULL);
		servers[worker] = out.bytes[33];
	}
	tap_equal(servers[0], 101, "worker 0 begins with the first server");
	tap_equal(servers[1], 102, "worker 1 with the second");
}

static void
test_full_steer_ring(void)
{
	struct packet_spec spec = {
		.source_mac = MAC_SERVER_A,
		.destination_mac = MAC_PORT_1,
		.source = SERVER_A,
		.destination = LIP,
		.destination_port = 5001,
		.protocol = BUILT_UDP,
		.ttl = 64,
	};

	world_reset(world, 2);
	while (owner_of(&spec) != 1)
		spec.destination_port++;
	for (uint16_t i = 0; i < 70; i++)
		world_verdict(world, 1, &spec);
	tap_equal(world->workers[0].verdicts[KS_VERDICT_steered], 63, "the steer ring holds 63");
	tap_equal(world->workers[0].verdicts[KS_VERDICT_drop_steer_full], 7, "the rest is dropped");
	world_run(world, 1);
	world_run(world, 1);
	tap_equal(world->workers[1].steered_in, 63, "the owner takes them");
}

int
main(void)
{
	world = world_open("test_steering", 70000);
	test_answers(0);
	test_answers(1);
	test_what_is_not_steered();
	test_service_on_source_address();
	test_first_choices();
	test_full_steer_ring();
	world_check_leaks(world);
	return tap_done();
}
