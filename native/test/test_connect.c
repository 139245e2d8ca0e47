/*
 * Connections through the whole packet path: both directions of FNAT byte by byte, TCP from SYN to
 * expiry, what ends them, and what is counted. Bytes expected come from packet_builder.h.
 */
#include "fixture.h"
#include "tap.h"

static struct world *world;
static struct ks_worker *worker;

struct conversation {
	uint8_t protocol;
	uint16_t client_port;
	uint16_t service_port;
	uint16_t source_port; /* as seen by the server */
	uint32_t server;
	uint16_t server_port;
	uint8_t server_mac;
};

static struct packet_spec
from_client(const struct conversation *talk, uint8_t tcp_flags)
{
	return (struct packet_spec){
		.source_mac = MAC_GATEWAY,
		.destination_mac = MAC_PORT_0,
		.source = CLIENT,
		.destination = VIP,
		.source_port = talk->client_port,
		.destination_port = talk->service_port,
		.protocol = talk->protocol,
		.tcp_flags = tcp_flags,
		.ttl = 64,
	};
}

static struct packet_spec
from_server(const struct conversation *talk, uint8_t tcp_flags)
{
	return (struct packet_spec){
		.source_mac = talk->server_mac,
		.destination_mac = MAC_PORT_1,
		.source = talk->server,
		.destination = LIP,
		.source_port = talk->server_port,
		.destination_port = talk->source_port,
		.protocol = talk->protocol,
		.tcp_flags = tcp_flags,
		.ttl = 64,
	};
}

/* What must arrive at the other end: both addresses, both ports, TTL one less, no padding. */
static struct packet_spec
at_server(const struct conversation *talk, struct packet_spec sent)
{
	sent.source_mac = MAC_PORT_1;
	sent.destination_mac = talk->server_mac;
	sent.source = LIP;
	sent.destination = talk->server;
	sent.source_port = talk->source_port;
	sent.destination_port = talk->server_port;
	sent.ttl--;
	sent.padding_bytes = 0;
	return sent;
}

static struct packet_spec
at_client(const struct conversation *talk, struct packet_spec sent)
{
	sent.source_mac = MAC_PORT_0;
	sent.destination_mac = MAC_GATEWAY;
	sent.source = VIP;
	sent.destination = CLIENT;
	sent.source_port = talk->service_port;
	sent.destination_port = talk->client_port;
	sent.ttl--;
	sent.padding_bytes = 0;
	return sent;
}

static void
expect_out(uint16_t port, const struct packet_spec *spec, const char *name)
{
	struct built_packet expected = build(spec), actual = {.length = 0};

	world_take(world->from_port[port], &actual, NULL);
	tap_equal_bytes(actual.bytes, actual.length, expected.bytes, expected.length, name);
}

static bool
expect_verdict(uint16_t port, struct packet_spec spec, enum ks_verdict expected, const char *name)
{
	enum ks_verdict verdict = world_verdict(world, port, &spec);

	if (!tap_ok(verdict == expected, "%s: %s", name, world_verdict_name(expected)))
		printf("# actual %s\n", world_verdict_name(verdict));
	return verdict == expected;
}

/* The first packet of the client; reads off the wire whom it went to and from which port. */
static struct conversation
begin(uint8_t protocol, uint16_t client_port, uint16_t service_port)
{
	struct conversation talk = {
		.protocol = protocol, .client_port = client_port, .service_port = service_port};
	struct packet_spec opening = from_client(&talk, protocol == BUILT_TCP ? SYN : 0);
	struct built_packet out = {.length = 0};
	enum ks_verdict verdict = world_verdict(world, 0, &opening);

	if (verdict != KS_VERDICT_forwarded || !world_take(world->from_port[1], &out, NULL)) {
		tap_ok(false, "a connection begins, not %s", world_verdict_name(verdict));
		return talk;
	}
	talk.server = IPV4(out.bytes[30], out.bytes[31], out.bytes[32], out.bytes[33]);
	talk.source_port = (uint16_t)(out.bytes[34] << 8 | out.bytes[35]);
	talk.server_port = protocol == BUILT_TCP ? 8080 : 5300;
	talk.server_mac = out.bytes[5];
	return talk;
}

static uint32_t
connections(void)
{
	return ks_connection_table_count(worker->connections);
}

/* Passes until every connection was looked at. */
static void
age(uint32_t seconds)
{
	worker->now_ticks += seconds * KS_TICKS_PER_SECOND;
	for (uint32_t pass = 0; pass <= worker->connections->highest_used / 32; pass++)
		world_run(world, 0);
}

static void
test_both_directions(uint8_t protocol, uint16_t service_port, uint8_t checksum, const char *name)
{
	static const uint16_t payloads[] = {0, 1, 2, 6, 7, 63, 64, 1001, 1460};
	struct conversation talk;

	world_reset(world, 1);
	talk = begin(protocol, 40000, service_port);
	tap_ok(talk.source_port >= 1024, "%s: source port %u", name, talk.source_port);
	for (uint32_t i = 0; i < RTE_DIM(payloads); i++) {
		struct packet_spec request = from_client(&talk, ACK | PSH);
		struct packet_spec reply = from_server(&talk, ACK | PSH);
		struct packet_spec expected;

		request.payload_bytes = reply.payload_bytes = payloads[i];
		request.checksum = reply.checksum = checksum;
		request.padding_bytes = payloads[i] < 18 ? (uint16_t)(18 - payloads[i]) : 0;
		reply.option_words = i % 3 == 2 ? 2 : 0;
		if (reply.payload_bytes + 28 + reply.option_words * 4 > 1480)
			reply.option_words = 0;
		world_verdict(world, 0, &request);
		expected = at_server(&talk, request);
		expect_out(1, &expected, name);
		world_verdict(world, 1, &reply);
		expected = at_client(&talk, reply);
		expect_out(0, &expected, name);
	}
	tap_equal(worker->verdicts[KS_VERDICT_forwarded], 1 + 2 * RTE_DIM(payloads), name);
}

/* A computed UDP checksum of zero is sent as all ones: search the payload that makes it so. */
static void
test_udp_checksum_zero(void)
{
	struct conversation talk;
	uint32_t ones = 0, wrong = 0;

	world_reset(world, 1);
	talk = begin(BUILT_UDP, 40000, 53);
	for (uint32_t word = 0; word < 65536; word += 1) {
		struct packet_spec spec = from_client(&talk, 0), expected_spec;
		struct built_packet packet, expected, actual = {.length = 0};

		spec.payload_bytes = 2;
		expected_spec = at_server(&talk, spec);
		packet = build(&spec);
		expected = build(&expected_spec);
		put16(packet.bytes + 42, word);
		put16(expected.bytes + 42, word);
		put16(packet.bytes + 40, 0);
		put16(expected.bytes + 40, 0);
		put_l4_checksum(&spec, packet.bytes + 14, packet.bytes + 34, 10);
		put_l4_checksum(&expected_spec, expected.bytes + 14, expected.bytes + 34, 10);
		world_send(world, 0, &packet);
		world_run(world, 0);
		world_take(world->from_port[1], &actual, NULL);
		wrong += memcmp(actual.bytes, expected.bytes, expected.length) != 0;
		ones += actual.bytes[40] == 0xff && actual.bytes[41] == 0xff;
	}
	tap_equal(wrong, 0, "UDP with every payload word: checksums right");
	tap_ok(ones > 0, "among them %u that sum to zero", ones);
}

static void
test_partial_checksums(void)
{
	struct conversation talk;
	struct packet_spec spec, expected;

	world_reset(world, 1);
	talk = begin(BUILT_TCP, 40000, 80);
	spec = from_client(&talk, ACK);
	spec.payload_bytes = 777;
	expected = at_server(&talk, spec);
	spec.checksum = CHECKSUM_PARTIAL;
	worker->ports[0].completes_checksums = true;
	expect_verdict(0, spec, KS_VERDICT_forwarded, "a partial checksum");
	expect_out(1, &expected, "is completed");
	tap_equal(worker->checksums_completed, 1, "and counted");
	spec.checksum = CHECKSUM_WRONG;
	expected.checksum = CHECKSUM_FULL;
	expect_verdict(0, spec, KS_VERDICT_forwarded, "a wrong checksum");
	tap_equal(worker->checksums_completed, 1, "is not completed");
	world_drain(world);

	spec.destination_port = 4711;
	spec.checksum = CHECKSUM_FULL;
	expected = spec;
	spec.checksum = CHECKSUM_PARTIAL;
	expect_verdict(0, spec, KS_VERDICT_punt_kernel, "a partial checksum, punted");
	{
		struct built_packet whole = build(&expected), actual = {.length = 0};

		world_take(worker->punt, &actual, NULL);
		tap_equal_bytes(actual.bytes, actual.length, whole.bytes, whole.length,
			"is completed for the kernel too");
	}
}

static void
expect_counts(uint32_t server, uint64_t active, uint64_t inactive, const char *name)
{
	tap_ok(worker->servers[server].active == active &&
			worker->servers[server].inactive == inactive,
		"%s: %llu active, %llu inactive", name, (unsigned long long)active,
		(unsigned long long)inactive);
}

static void
test_tcp_life(void)
{
	struct conversation talk;
	const struct ks_server_counters *server = &worker->servers[0];

	world_reset(world, 1);
	talk = begin(BUILT_TCP, 40000, 80);
	expect_counts(0, 0, 1, "after the SYN");
	expect_verdict(1, from_server(&talk, SYN | ACK), KS_VERDICT_forwarded, "SYN-ACK");
	expect_counts(0, 0, 1, "after the SYN-ACK");
	expect_verdict(0, from_client(&talk, ACK), KS_VERDICT_forwarded, "ACK");
	expect_counts(0, 1, 0, "established");
	age(89);
	expect_verdict(0, from_client(&talk, ACK), KS_VERDICT_forwarded, "data after 89 s");
	age(89);
	tap_equal(connections(), 1, "packets keep it for 90 s more");
	expect_verdict(1, from_server(&talk, FIN | ACK), KS_VERDICT_forwarded, "FIN");
	expect_counts(0, 0, 1, "closing");
	expect_verdict(0, from_client(&talk, FIN | ACK), KS_VERDICT_forwarded, "the other FIN");
	tap_equal(server->connections, 1, "one connection");
	tap_equal(server->traffic[KS_FROM_CLIENT].packets, 4, "packets in");
	tap_equal(server->traffic[KS_FROM_CLIENT].bytes, 4 * 40, "bytes in");
	tap_equal(server->traffic[KS_FROM_SERVER].packets, 2, "packets out");
	tap_equal(server->traffic[KS_FROM_SERVER].bytes, 2 * 40, "bytes out");
	tap_equal(worker->sources[1].used, 1, "one source port in use");
	age(6);
	tap_equal(connections(), 1, "TIME_WAIT stays for 7 s");
	age(2);
	tap_equal(connections(), 0, "and no longer");
	expect_counts(0, 0, 0, "at the end");
	tap_equal(worker->sources[1].used, 0, "the source port is free");
	expect_verdict(0, from_client(&talk, ACK), KS_VERDICT_drop_no_connection, "a late ACK");
}

static void
test_timeouts(void)
{
	struct conversation talk;

	world_reset(world, 1);
	begin(BUILT_TCP, 40000, 80);
	age(29);
	tap_equal(connections(), 1, "SYN_RECV stays for 30 s");
	age(2);
	tap_equal(connections(), 0, "and no longer");
	talk = begin(BUILT_TCP, 40000, 80);
	expect_verdict(1, from_server(&talk, RST | ACK), KS_VERDICT_forwarded, "RST");
	age(4);
	tap_equal(connections(), 0, "CLOSE lasts 3 s");
	begin(BUILT_UDP, 40000, 53);
	expect_counts(2, 0, 1, "UDP");
	age(299);
	tap_equal(connections(), 1, "UDP stays for 300 s");
	age(2);
	tap_equal(connections(), 0, "and no longer");
}

/* Ticks wrap after two years of running. */
static void
test_tick_wrap(void)
{
	struct conversation talk;

	world_reset(world, 1);
	worker->now_ticks = UINT32_MAX - 10 * KS_TICKS_PER_SECOND;
	worker->connections->scan_ticks = worker->now_ticks;
	talk = begin(BUILT_TCP, 40000, 80);
	expect_verdict(1, from_server(&talk, SYN | ACK), KS_VERDICT_forwarded, "SYN-ACK");
	age(20);
	tap_equal(connections(), 1, "nothing expires because time began anew");
	age(11);
	tap_equal(connections(), 0, "nor lives for ever");
}

static void
test_reopening(void)
{
	struct conversation talk, again;

	world_reset(world, 1);
	talk = begin(BUILT_TCP, 40000, 80);
	expect_verdict(0, from_client(&talk, SYN), KS_VERDICT_forwarded, "the SYN again");
	tap_equal(connections(), 1, "is the same connection");
	world_drain(world);
	expect_verdict(1, from_server(&talk, RST | ACK), KS_VERDICT_forwarded, "RST");
	again = begin(BUILT_TCP, 40000, 80);
	tap_equal(connections(), 1, "a SYN after the end replaces the old connection");
	tap_ok(again.server != talk.server && again.source_port != talk.source_port,
		"by a new one, to the next server, from another port");
	expect_verdict(1, from_server(&talk, ACK), KS_VERDICT_punt_kernel, "the old server's ACK");
	expect_counts(0, 0, 0, "the old server");
	expect_counts(1, 0, 1, "the new server");
}

static void
test_released_and_gone(void)
{
	struct conversation talk;

	world_reset(world, 1);
	talk = begin(BUILT_TCP, 40000, 80);
	world->held_until_tsc[0] = rte_rdtsc();
	expect_verdict(0, from_client(&talk, ACK), KS_VERDICT_drop_address_released,
		"the lease of the virtual address has passed");
	world->held_until_tsc[0] = UINT64_MAX;
	expect_verdict(0, from_client(&talk, ACK), KS_VERDICT_forwarded, "the lease is renewed");
	world->server_is_available[0] = 0;
	expect_verdict(0, from_client(&talk, ACK), KS_VERDICT_drop_server_gone, "server removed");
	expect_verdict(1, from_server(&talk, ACK), KS_VERDICT_drop_server_gone, "other direction");
	world->server_is_available[0] = 1;
	expect_verdict(0, from_client(&talk, ACK), KS_VERDICT_forwarded, "server added again");
	world->servers[0].options.weight = 0;
	expect_verdict(
		0, from_client(&talk, ACK), KS_VERDICT_forwarded, "weight 0 keeps connections");
}

static void
test_limits_of_a_connection(void)
{
	struct conversation talk;
	struct packet_spec spec;

	world_reset(world, 1);
	talk = begin(BUILT_TCP, 40000, 80);
	spec = from_client(&talk, ACK);
	spec.ttl = 1;
	expect_verdict(0, spec, KS_VERDICT_drop_ttl_expired, "TTL 1");
	spec.ttl = 0;
	expect_verdict(0, spec, KS_VERDICT_drop_ttl_expired, "TTL 0");
	spec.ttl = 2;
	expect_verdict(0, spec, KS_VERDICT_forwarded, "TTL 2");
	spec.payload_bytes = 1461;
	expect_verdict(0, spec, KS_VERDICT_drop_too_big, "an IP packet of 1501 octets");
	spec.payload_bytes = 1460;
	expect_verdict(0, spec, KS_VERDICT_forwarded, "an IP packet of 1500 octets");
	spec.fragment = 0x2000;
	expect_verdict(0, spec, KS_VERDICT_drop_fragment, "a fragment of a connection");
	tap_equal(worker->servers[0].traffic[KS_FROM_CLIENT].packets, 3,
		"drops are not counted for the server");
}

/* The service says how long; other options count when the next connection begins. */
static void
test_timeout_of_service(void)
{
	struct ks_virtual_server *service;
	struct conversation talk;

	world_reset(world, 1);
	service = &world->services[SERVICE_TCP];
	service->options.established_seconds = 5;
	talk = begin(BUILT_TCP, 40000, 80);
	expect_verdict(0, from_client(&talk, ACK), KS_VERDICT_forwarded, "ACK");
	age(5);
	tap_equal(connections(), 1, "established stays for the 5 s of its service");
	age(1);
	tap_equal(connections(), 0, "and no longer");

	service->options.established_seconds = 200;
	service->revision++;
	talk = begin(BUILT_TCP, 40001, 80);
	expect_verdict(0, from_client(&talk, ACK), KS_VERDICT_forwarded, "ACK");
	age(199);
	tap_equal(connections(), 1, "when these become 200 s, the next one stays as long");
	age(2);
	tap_equal(connections(), 0, "and no longer");
}

/* SYN, ACK and data of a client that does not wait, and two SYN of another, in one burst. */
static void
test_one_burst(void)
{
	struct conversation eager = {BUILT_TCP, 40000, 80, .server_port = 8080};
	struct conversation twice = {BUILT_TCP, 40001, 80, .server_port = 8080};
	const struct packet_spec specs[] = {from_client(&eager, SYN), from_client(&twice, SYN),
		from_client(&eager, ACK), from_client(&twice, SYN), from_client(&eager, ACK | PSH)};

	world_reset(world, 1);
	for (uint32_t i = 0; i < RTE_DIM(specs); i++) {
		struct built_packet packet = build(&specs[i]);

		world_send(world, 0, &packet);
	}
	world_run(world, 0);
	tap_equal(worker->verdicts[KS_VERDICT_forwarded], RTE_DIM(specs), "all of a burst go on");
	tap_equal(connections(), 2, "by two connections");
	expect_counts(0, 1, 0, "the eager one's server");
	world_drain(world);
}

int
main(void)
{
	world = world_open("test_connect", 256);
	worker = &world->workers[0];
	test_both_directions(BUILT_TCP, 80, CHECKSUM_FULL, "TCP");
	test_both_directions(BUILT_UDP, 53, CHECKSUM_FULL, "UDP");
	test_both_directions(BUILT_UDP, 53, CHECKSUM_NONE, "UDP without checksum");
	test_both_directions(BUILT_TCP, 80, CHECKSUM_WRONG, "TCP with an error in it");
	test_udp_checksum_zero();
	test_partial_checksums();
	test_tcp_life();
	test_timeouts();
	test_timeout_of_service();
	test_one_burst();
	test_tick_wrap();
	test_reopening();
	test_released_and_gone();
	test_limits_of_a_connection();
	world_check_leaks(world);
	return tap_done();
}
