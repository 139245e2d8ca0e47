/*
 * One packet at a time through the whole packet path: what goes in, which verdict, which bytes come
 * out. Every verdict of verdict.def is reached here or in test_connect.c, which runs connections.
 */
#include "fixture.h"
#include "tap.h"

enum {
	NOWHERE = -1,
	TO_PUNT_RING = -2,
};

struct fixture {
	const char *description;
	void (*prepare)(struct world *world);
	struct packet_spec in;
	uint16_t in_port;
	enum ks_verdict verdict;
	int out; /* a port, NOWHERE or TO_PUNT_RING */
	struct packet_spec expected;
};

static struct world *world;

/* From the client's network to a service, before any connection. */
#define FROM_CLIENT                                                                                \
	.source_mac = MAC_GATEWAY, .destination_mac = MAC_PORT_0, .source = CLIENT,                \
	.destination = VIP, .source_port = 40000, .ttl = 64
#define SYN_TO(port)                                                                               \
	{                                                                                          \
		FROM_CLIENT, .destination_port = (port), .protocol = BUILT_TCP, .tcp_flags = SYN   \
	}
#define PING                                                                                       \
	{                                                                                          \
		FROM_CLIENT, .protocol = BUILT_ICMP, .tcp_flags = 8, .payload_bytes = 56           \
	}

static void
release_vip(struct world *changed)
{
	changed->held_until_tsc[0] = 0;
}

static void
let_lease_pass(struct world *changed)
{
	changed->held_until_tsc[0] = rte_rdtsc();
}

static void
release_sources(struct world *changed)
{
	changed->held_until_tsc[1] = changed->held_until_tsc[2] = 0;
}

static void
no_sources(struct world *changed)
{
	changed->services[SERVICE_TCP].sources_count[KS_IPV4] = 0;
}

static void
no_routes(struct world *changed)
{
	memset(changed->tables.route_lengths, 0, sizeof(changed->tables.route_lengths));
}

static void
route_to_no_port(struct world *changed)
{
	changed->routes[0].port = WORLD_PORTS;
}

static void
small_mtu(struct world *changed)
{
	changed->workers[0].ports[1].mtu_bytes = 100;
}

/* clang-format off */
static const struct fixture fixtures[] = {
	{ "ping to a virtual address", NULL, PING, 0, KS_VERDICT_echo_reply, 0,
		{ .source_mac = MAC_PORT_0, .destination_mac = MAC_GATEWAY, .source = VIP,
		  .destination = CLIENT, .source_port = 40000, .ttl = 64, .protocol = BUILT_ICMP,
		  .tcp_flags = 0, .payload_bytes = 56 } },
	{ "ping to a source address, odd and padded", NULL,
		{ .source_mac = MAC_SERVER_A, .destination_mac = MAC_PORT_1, .source = SERVER_A,
		  .destination = LIP, .source_port = 7, .ttl = 3, .protocol = BUILT_ICMP,
		  .tcp_flags = 8, .payload_bytes = 5, .padding_bytes = 13 },
		1, KS_VERDICT_echo_reply, 1,
		{ .source_mac = MAC_PORT_1, .destination_mac = MAC_SERVER_A, .source = LIP,
		  .destination = SERVER_A, .source_port = 7, .ttl = 64, .protocol = BUILT_ICMP,
		  .tcp_flags = 0, .payload_bytes = 5 } },
	{ "ping with IP options", NULL,
		{ FROM_CLIENT, .protocol = BUILT_ICMP, .tcp_flags = 8, .option_words = 3 },
		0, KS_VERDICT_echo_reply, 0,
		{ .source_mac = MAC_PORT_0, .destination_mac = MAC_GATEWAY, .source = VIP,
		  .destination = CLIENT, .source_port = 40000, .ttl = 64, .protocol = BUILT_ICMP,
		  .option_words = 3 } },
	{ "ping with a broken checksum stays broken", NULL,
		{ FROM_CLIENT, .protocol = BUILT_ICMP, .tcp_flags = 8, .checksum = CHECKSUM_WRONG },
		0, KS_VERDICT_echo_reply, NOWHERE, { 0 } },
	{ "ping to a released address", release_vip, PING, 0, KS_VERDICT_punt_kernel,
		TO_PUNT_RING, PING },
	{ "ping after the lease has passed", let_lease_pass, PING, 0, KS_VERDICT_punt_kernel,
		TO_PUNT_RING, PING },
	{ "an echo reply to us", NULL, { FROM_CLIENT, .protocol = BUILT_ICMP, .tcp_flags = 0 },
		0, KS_VERDICT_punt_kernel, NOWHERE, { 0 } },
	{ "ping from a loopback address", NULL,
		{ .source_mac = MAC_GATEWAY, .destination_mac = MAC_PORT_0, .ttl = 64,
		  .source = IPV4(127, 0, 0, 1), .destination = VIP, .protocol = BUILT_ICMP,
		  .tcp_flags = 8 }, 0, KS_VERDICT_drop_martian, NOWHERE, { 0 } },
	{ "a fragment for a service", NULL,
		{ FROM_CLIENT, .destination_port = 80, .protocol = BUILT_TCP, .tcp_flags = SYN,
		  .fragment = 0x2000 }, 0, KS_VERDICT_drop_fragment, NOWHERE, { 0 } },
	{ "a fragment for somebody else", NULL,
		{ .source_mac = MAC_GATEWAY, .destination_mac = MAC_PORT_0, .ttl = 64,
		  .source = CLIENT, .destination = IPV4(192, 0, 2, 99), .protocol = BUILT_UDP,
		  .fragment = 0x0007 }, 0, KS_VERDICT_punt_kernel, NOWHERE, { 0 } },
	{ "TCP to a virtual address without such a service", NULL, SYN_TO(4711), 0,
		KS_VERDICT_punt_kernel, TO_PUNT_RING, SYN_TO(4711) },
	{ "TCP to a foreign address", NULL,
		{ .source_mac = MAC_GATEWAY, .destination_mac = MAC_PORT_0, .ttl = 64,
		  .source = CLIENT, .destination = IPV4(192, 0, 2, 99), .destination_port = 80,
		  .protocol = BUILT_TCP, .tcp_flags = SYN },
		0, KS_VERDICT_punt_kernel, NOWHERE, { 0 } },
	{ "TCP to a service whose address is released", release_vip, SYN_TO(80), 0,
		KS_VERDICT_punt_kernel, NOWHERE, { 0 } },
	{ "TCP to a source address, no connection", NULL,
		{ .source_mac = MAC_SERVER_A, .destination_mac = MAC_PORT_1, .source = SERVER_A,
		  .destination = LIP, .source_port = 8080, .destination_port = 5000, .ttl = 64,
		  .protocol = BUILT_TCP, .tcp_flags = ACK },
		1, KS_VERDICT_punt_kernel, NOWHERE, { 0 } },
	{ "GRE to a virtual address", NULL, { FROM_CLIENT, .protocol = 47 }, 0,
		KS_VERDICT_punt_kernel, NOWHERE, { 0 } },
	{ "another station's frame", NULL,
		{ .source_mac = MAC_GATEWAY, .destination_mac = 0x99, .ttl = 64, .source = CLIENT,
		  .destination = VIP, .destination_port = 80, .protocol = BUILT_TCP,
		  .tcp_flags = SYN }, 0, KS_VERDICT_drop_foreign_mac, NOWHERE, { 0 } },
	{ "an ACK without a connection", NULL,
		{ FROM_CLIENT, .destination_port = 80, .protocol = BUILT_TCP, .tcp_flags = ACK },
		0, KS_VERDICT_drop_no_connection, NOWHERE, { 0 } },
	{ "a SYN-ACK without a connection", NULL,
		{ FROM_CLIENT, .destination_port = 80, .protocol = BUILT_TCP,
		  .tcp_flags = SYN | ACK },
		0, KS_VERDICT_drop_no_connection, NOWHERE, { 0 } },
	{ "a SYN from a multicast address", NULL,
		{ .source_mac = MAC_GATEWAY, .destination_mac = MAC_PORT_0, .ttl = 64,
		  .source = IPV4(224, 0, 0, 1), .destination = VIP, .destination_port = 80,
		  .protocol = BUILT_TCP, .tcp_flags = SYN },
		0, KS_VERDICT_drop_martian, NOWHERE, { 0 } },
	{ "a service without a server", NULL, SYN_TO(81), 0, KS_VERDICT_drop_no_server, NOWHERE,
		{ 0 } },
	{ "a service without source addresses", no_sources, SYN_TO(80), 0,
		KS_VERDICT_drop_no_source, NOWHERE, { 0 } },
	{ "a service whose source addresses are not held", release_sources, SYN_TO(80), 0,
		KS_VERDICT_drop_no_local_port, NOWHERE, { 0 } },
	{ "a TTL of 1", NULL,
		{ .source_mac = MAC_GATEWAY, .destination_mac = MAC_PORT_0, .ttl = 1,
		  .source = CLIENT, .destination = VIP, .source_port = 1, .destination_port = 80,
		  .protocol = BUILT_TCP, .tcp_flags = SYN },
		0, KS_VERDICT_drop_ttl_expired, NOWHERE, { 0 } },
	{ "no route to the server", no_routes, SYN_TO(80), 0, KS_VERDICT_drop_no_route, NOWHERE,
		{ 0 } },
	{ "a route to a port that does not exist", route_to_no_port, SYN_TO(80), 0,
		KS_VERDICT_drop_no_route, NOWHERE, { 0 } },
	{ "larger than the MTU", small_mtu,
		{ FROM_CLIENT, .destination_port = 53, .protocol = BUILT_UDP,
		  .payload_bytes = 100 - 28 + 1 }, 0, KS_VERDICT_drop_too_big, NOWHERE, { 0 } },
};
/* clang-format on */

static void
check_out(const struct fixture *fixture)
{
	struct rte_ring *ring = fixture->out == TO_PUNT_RING ? world->workers[0].punt
							     : world->from_port[fixture->out];
	struct built_packet expected = build(&fixture->expected), actual = {.length = 0};
	struct ks_packet_note note = {0};

	tap_ok(world_take(ring, &actual, &note), "%s: a frame came out", fixture->description);
	tap_equal_bytes(
		actual.bytes, actual.length, expected.bytes, expected.length, fixture->description);
	if (fixture->out == TO_PUNT_RING)
		tap_ok(note.verdict == fixture->verdict && note.port == fixture->in_port,
			"%s: note", fixture->description);
}

static void
test_fixtures(void)
{
	for (uint32_t i = 0; i < RTE_DIM(fixtures); i++) {
		const struct fixture *fixture = &fixtures[i];
		enum ks_verdict verdict;

		world_reset(world, 1);
		if (fixture->prepare != NULL)
			fixture->prepare(world);
		verdict = world_verdict(world, fixture->in_port, &fixture->in);
		if (!tap_ok(verdict == fixture->verdict, "%s: %s", fixture->description,
			    world_verdict_name(fixture->verdict)))
			printf("# actual %s\n", world_verdict_name(verdict));
		if (fixture->out != NOWHERE)
			check_out(fixture);
		tap_equal(ks_connection_table_count(world->workers[0].connections), 0,
			"and no connection stays");
	}
}

static void
test_arp(void)
{
	struct packet_spec spec = SYN_TO(80);
	struct built_packet arp = build(&spec), out;
	struct ks_packet_note note;

	world_reset(world, 1);
	put16(arp.bytes + 12, 0x0806);
	memset(arp.bytes, 0xff, 6);
	world_send(world, 1, &arp);
	world_run(world, 0);
	tap_equal(world->workers[0].verdicts[KS_VERDICT_punt_arp], 1, "ARP by broadcast");
	tap_ok(world_take(world->workers[0].punt, &out, &note) && note.port == 1 &&
			note.verdict == KS_VERDICT_punt_arp,
		"with the port it came from");
	tap_equal_bytes(out.bytes, out.length, arp.bytes, arp.length, "as it came");
}

/* Frames of all lengths, zeros, ones and noise, and one that is sound: counted, never a crash. */
static void
test_every_length(void)
{
	static const uint32_t lengths_max = 300;
	uint32_t random = 1;

	world_reset(world, 1);
	for (uint32_t length = 0; length <= lengths_max; length++) {
		struct packet_spec spec = SYN_TO(80);
		struct built_packet frames[4] = {0};

		spec.payload_bytes = (uint16_t)lengths_max;
		frames[0] = build(&spec);
		memset(frames[1].bytes, 0xff, lengths_max);
		for (uint32_t i = 0; i < lengths_max; i++) {
			random = random * 1664525u + 1013904223u;
			frames[3].bytes[i] = (uint8_t)(random >> 24);
		}
		put_mac(frames[3].bytes, MAC_PORT_0);
		put16(frames[3].bytes + 12, 0x0800);
		for (uint32_t i = 0; i < 4; i++) {
			frames[i].length = length;
			world_send(world, 0, &frames[i]);
		}
		world_run(world, 0);
		world_drain(world);
	}
	tap_equal(world->workers[0].rx, 4 * (lengths_max + 1), "frames of every length");
	tap_equal(world->workers[0].verdicts[KS_VERDICT_forwarded], 0, "none goes on");
	tap_ok(world->workers[0].verdicts[KS_VERDICT_drop_truncated] > lengths_max,
		"the cut ones are truncated");
}

static void
test_chained_buffers(void)
{
	struct packet_spec spec = SYN_TO(80);
	struct built_packet packet = build(&spec);
	struct rte_mbuf *first, *second;

	world_reset(world, 1);
	first = world_mbuf(world, &packet);
	second = world_mbuf(world, &packet);
	rte_pktmbuf_chain(first, second);
	rte_ring_enqueue(world->to_port[0], first);
	world_run(world, 0);
	tap_equal(world->workers[0].verdicts[KS_VERDICT_drop_truncated], 1,
		"a frame larger than a buffer");
}

static void
test_full_punt_ring(void)
{
	struct packet_spec spec = SYN_TO(4711);

	world_reset(world, 1);
	for (uint32_t i = 0; i < 70; i++)
		world_verdict(world, 0, &spec);
	tap_equal(world->workers[0].verdicts[KS_VERDICT_punt_kernel], 63, "the punt ring holds 63");
	tap_equal(world->workers[0].verdicts[KS_VERDICT_drop_punt_full], 7, "the rest is dropped");
}

static void
test_full_port(void)
{
	struct packet_spec spec = PING;
	struct built_packet ping = build(&spec), out;
	uint32_t sent = 0;

	world_reset(world, 1);
	for (uint32_t pass = 0; pass < 10; pass++) {
		for (uint32_t i = 0; i < KS_BURST; i++)
			world_send(world, 0, &ping);
		world_run(world, 0);
	}
	while (world_take(world->from_port[0], &out, NULL))
		sent++;
	tap_equal(sent, 255, "the port took what it could");
	tap_equal(world->workers[0].verdicts[KS_VERDICT_echo_reply], 255, "counted as replies");
	tap_equal(world->workers[0].verdicts[KS_VERDICT_drop_tx_full], 320 - 255,
		"the others as drops");
}

static void
inject(const struct built_packet *frame, uint8_t port)
{
	struct rte_mbuf *mbuf = world_mbuf(world, frame);

	ks_packet_note(mbuf)->port = port;
	rte_ring_enqueue(world->workers[0].inject, mbuf);
}

static void
test_inject(void)
{
	struct packet_spec spec = SYN_TO(80);
	struct built_packet frame = build(&spec), out = {.length = 0};
	const struct ks_worker *worker = &world->workers[0];

	world_reset(world, 1);
	inject(&frame, 1);
	inject(&frame, WORLD_PORTS);
	world_run(world, 0);
	world_take(world->from_port[1], &out, NULL);
	tap_equal_bytes(out.bytes, out.length, frame.bytes, frame.length, "injected as it was");
	tap_equal(worker->injected, 1, "injected");
	tap_equal(worker->inject_failed, 1, "injected for a port that does not exist");
	tap_equal(worker->rx, 0, "injected frames are not received ones");
}

/* A worker without a receive queue on a port leaves its packets to others, and sends through it. */
static void
test_transmits_only(void)
{
	struct packet_spec spec = PING;
	struct built_packet ping = build(&spec);

	world_reset(world, 1);
	world->workers[0].ports[0].transmits_only = true;
	world_send(world, 0, &ping);
	world_run(world, 0);
	tap_equal(world->workers[0].rx, 0, "a port that only transmits is not asked for packets");
	inject(&ping, 0);
	world_run(world, 0);
	tap_equal(world->workers[0].injected, 1, "but given some");
}

int
main(void)
{
	world = world_open("test_pipeline", 64);
	test_fixtures();
	test_arp();
	test_every_length();
	test_chained_buffers();
	test_full_punt_ring();
	test_full_port();
	test_inject();
	test_transmits_only();
	world_check_leaks(world);
	return tap_done();
}
