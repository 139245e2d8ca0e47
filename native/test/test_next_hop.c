/*
 * Neighbours that are unknown, learned, replaced and forgotten while a connection uses them; routes
 * that change; several packets of one flow in the burst that creates or ends its connection.
 */
#include "fixture.h"
#include "tap.h"

static struct world *world;
static struct ks_worker *worker;

static struct packet_spec
from_client(uint8_t protocol, uint16_t service_port, uint8_t tcp_flags)
{
	return (struct packet_spec){
		.source_mac = MAC_GATEWAY,
		.destination_mac = MAC_PORT_0,
		.source = CLIENT,
		.destination = VIP,
		.source_port = 40000,
		.destination_port = service_port,
		.protocol = protocol,
		.tcp_flags = tcp_flags,
		.ttl = 64,
	};
}

static void
expect(const struct packet_spec *spec, enum ks_verdict verdict, const char *name)
{
	tap_equal(world_verdict(world, 0, spec), verdict, name);
}

static void
expect_mac(uint16_t port, uint8_t mac, const char *name)
{
	struct built_packet out = {.length = 0};

	world_take(world->from_port[port], &out, NULL);
	tap_equal(out.bytes[5], mac, name);
}

static void
test_unknown(void)
{
	struct packet_spec spec = from_client(BUILT_TCP, 82, SYN);
	struct built_packet out = {.length = 0}, expected;
	struct ks_packet_note note = {0};

	world_reset(world, 1);
	expect(&spec, KS_VERDICT_punt_resolve, "a server without a known MAC address");
	world_take(worker->punt, &out, &note);
	tap_equal(note.verdict, KS_VERDICT_punt_resolve, "note: verdict");
	tap_equal(note.port, 1, "note: the port it will leave through");
	tap_ok(ks_ip_equal(note.next_hop, world_ip(SERVER_UNKNOWN)), "note: next hop");
	spec.source = LIP;
	spec.destination = SERVER_UNKNOWN;
	spec.source_port = (uint16_t)(out.bytes[34] << 8 | out.bytes[35]);
	spec.destination_port = 8080;
	spec.ttl--;
	expected = build(&spec);
	tap_equal_bytes(out.bytes + 14, out.length - 14, expected.bytes + 14, expected.length - 14,
		"complete but for its MAC addresses");
	tap_equal(worker->servers[4].traffic[KS_FROM_CLIENT].packets, 1,
		"counted as sent to the server");

	world_set_neighbor(world, 7, 1, SERVER_UNKNOWN, 0xc1, 3);
	spec = from_client(BUILT_TCP, 82, SYN);
	expect(&spec, KS_VERDICT_forwarded, "learned");
	expect_mac(1, 0xc1, "goes to its MAC address");
}

static void
test_changes(void)
{
	struct packet_spec spec = from_client(BUILT_UDP, 53, 0);

	world_reset(world, 1);
	expect(&spec, KS_VERDICT_forwarded, "a known server");
	expect_mac(1, MAC_SERVER_A, "goes to its MAC address");
	world_set_neighbor(world, 1, 1, SERVER_A, 0xd1, 1);
	expect(&spec, KS_VERDICT_forwarded, "the server has another MAC address");
	expect_mac(1, 0xd1, "goes there at once");

	/* The index now belongs to somebody else, the server has a new one. */
	world->neighbors->slots[ks_neighbor_slot(1, ks_neighbor_hash(world_ip(SERVER_A)))] = 0;
	world_set_neighbor(world, 1, 1, IPV4(10, 0, 0, 77), 0x77, 2);
	expect(&spec, KS_VERDICT_punt_resolve, "the index belongs to another neighbour");
	world_set_neighbor(world, 9, 1, SERVER_A, 0xd9, 1);
	expect(&spec, KS_VERDICT_forwarded, "the server is found under a new index");
	expect_mac(1, 0xd9, "goes there");

	world->neighbors->macs[9] &= ~KS_NEIGHBOR_VALID;
	expect(&spec, KS_VERDICT_punt_resolve, "the entry is no longer valid");
	world_set_neighbor(world, 9, 1, SERVER_A, 0xd9, 1);
	expect(&spec, KS_VERDICT_forwarded, "valid again");
	world_drain(world);

	/* A route change shows in the generation. */
	world->routes[0].gateway = world_ip(IPV4(10, 0, 0, 254));
	world_set_neighbor(world, 9, 1, SERVER_A, 0xd9, 2);
	world_set_neighbor(world, 10, 1, IPV4(10, 0, 0, 254), 0xfe, 1);
	expect(&spec, KS_VERDICT_forwarded, "the route has a gateway now");
	expect_mac(1, 0xfe, "goes to the gateway");
	memset(world->tables.route_lengths, 0, sizeof(world->tables.route_lengths));
	world_set_neighbor(world, 10, 1, IPV4(10, 0, 0, 254), 0xfe, 2);
	expect(&spec, KS_VERDICT_drop_no_route, "the route is gone");
	tap_equal(ks_connection_table_count(worker->connections), 1, "the connection is not");
}

/* An index that was never used has the word 0, which must not pass for a remembered neighbour. */
static void
test_nothing_remembered(void)
{
	struct packet_spec spec = from_client(BUILT_UDP, 53, 0);

	world_reset(world, 1);
	memset(world->neighbors, 0, sizeof(*world->neighbors));
	expect(&spec, KS_VERDICT_punt_resolve, "an empty neighbour table");
}

static void
test_one_burst(void)
{
	struct packet_spec spec = from_client(BUILT_UDP, 53, 0);
	struct built_packet packet = build(&spec), first = {.length = 0}, second;
	struct ks_connection_half *half;

	world_reset(world, 1);
	world_send(world, 0, &packet);
	world_send(world, 0, &packet);
	world_run(world, 0);
	tap_equal(ks_connection_table_count(worker->connections), 1,
		"two first packets in a burst make one connection");
	world_take(world->from_port[1], &first, NULL);
	tap_ok(world_take(world->from_port[1], &second, NULL), "both went on");
	tap_equal_bytes(first.bytes, first.length, second.bytes, second.length, "alike");

	/* In TIME_WAIT: SYN, which replaces the connection, and ACK, looked up before that. */
	spec = from_client(BUILT_TCP, 80, SYN);
	expect(&spec, KS_VERDICT_forwarded, "a SYN");
	world_drain(world);
	half = &worker->connections->halves[2 * 2];
	half[0].state = half[1].state = KS_STATE_TIME_WAIT;
	packet = build(&spec);
	world_send(world, 0, &packet);
	spec.tcp_flags = ACK;
	packet = build(&spec);
	world_send(world, 0, &packet);
	world_run(world, 0);
	tap_equal(ks_connection_table_count(worker->connections), 2, "the old connection is gone");
	world_take(world->from_port[1], &first, NULL);
	tap_ok(world_take(world->from_port[1], &second, NULL) &&
			memcmp(first.bytes + 26, second.bytes + 26, 12) == 0,
		"the ACK follows the SYN into the new one");
	tap_equal(worker->servers[1].active, 1, "which it establishes");
}

int
main(void)
{
	world = world_open("test_next_hop", 64);
	worker = &world->workers[0];
	test_unknown();
	test_changes();
	test_nothing_remembered();
	test_one_burst();
	world_check_leaks(world);
	return tap_done();
}
