/*
 * Two workers: return packets that arrive at the wrong one are handed to the owner of the source
 * port, and only these. One thread runs both workers in turn.
 */
#include "fixture.h"
#include "tap.h"

static struct world *world;

static struct built_packet
syn(uint16_t client_port)
{
	struct packet_spec spec = {
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

	return build(&spec);
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

/* Every client's SYN goes to one worker, the answer arrives at the other. */
static void
test_answers(uint16_t worker)
{
	uint16_t other = 1 - worker;
	uint32_t foreign_ports = 0, wrong = 0;

	world_reset(world, 2);
	for (uint16_t client_port = 2000; client_port < 2100; client_port++) {
		struct built_packet out = syn(client_port), expected, actual = {.length = 0};
		struct packet_spec spec;

		world_send(world, 0, &out);
		world_run(world, worker);
		world_take(world->from_port[1], &out, NULL);
		spec = syn_ack(&out);
		foreign_ports += spec.destination_port % 2 != worker;
		out = build(&spec);
		world_send(world, 1, &out);
		world_run(world, other);
		world_run(world, worker);
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
	tap_equal(foreign_ports, 0, "a worker takes ports that it owns");
	tap_equal(wrong, 0, "all answers reach the client");
	tap_equal(world->workers[other].verdicts[KS_VERDICT_steered], 100, "by the other worker");
	tap_equal(world->workers[worker].steered_in, 100, "to the owner");
	tap_equal(world->workers[worker].rx, 100, "who received only the SYNs itself");
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
		.destination_port = 5001,
		.protocol = BUILT_TCP,
		.tcp_flags = ACK,
		.ttl = 64,
	};
	struct built_packet packet;

	world_reset(world, 2);
	tap_equal(world_verdict(world, 1, &spec), KS_VERDICT_steered, "an unknown return packet");
	world_run(world, 1);
	tap_equal(world->workers[1].verdicts[KS_VERDICT_punt_kernel], 1, "ends at the owner");
	spec.destination_port = 5002;
	tap_equal(world_verdict(world, 1, &spec), KS_VERDICT_punt_kernel, "or here, if it is ours");
	spec.protocol = BUILT_ICMP;
	spec.tcp_flags = 8;
	spec.destination_port = 0;
	tap_equal(world_verdict(world, 1, &spec), KS_VERDICT_echo_reply, "ping needs no owner");

	packet = syn(3001);
	world_send(world, 0, &packet);
	world_run(world, 0);
	tap_equal(world->workers[0].verdicts[KS_VERDICT_forwarded], 1, "new connections need none");
}

/* A service on a source address: its clients are served where they arrive. */
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
	world_add_service(world, BUILT_TCP, 5001, 1)->address_be = RTE_BE32(LIP);
	world_publish(world);
	tap_equal(world_verdict(world, 1, &spec), KS_VERDICT_forwarded,
		"a service on a source address");
	world_reset(world, 1);
	world_add_service(world, BUILT_TCP, 5001, 1)->address_be = RTE_BE32(LIP);
	world_publish(world);
	for (uint32_t client = 0; client < 65000; client++) {
		struct built_packet out = syn((uint16_t)client);

		world_send(world, 0, &out);
		world_run(world, 0);
		if (world_take(world->from_port[1], &out, NULL))
			clashes += (out.bytes[34] << 8 | out.bytes[35]) == 5001;
	}
	tap_equal(clashes, 0, "its port is never a source port");
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
	test_full_steer_ring();
	world_check_leaks(world);
	return tap_done();
}
