/*
 * Four workers, every mode, both families: wherever a packet arrives, it ends at the worker that
 * has its connection. Answers, and ICMP errors from either side, are made of the packets that left;
 * none may be lost, or handed from worker to worker for ever.
 */
#include <stdlib.h>

#include "fixture_tables.h"
#include "flow_packet.h"
#include "tap.h"

#define WORKERS 4u
#define CONNECTIONS 60u
#define HANDOVERS_MAX 3u

struct mode {
	const char *name;
	enum ks_family client, server;
	const char *tables[4];
	bool begins_inside; /* SNAT */
	bool is_by_match;   /* so for no address of ours */
	bool is_one_way;
	bool is_tunnel;
	uint8_t protocol;
};

#define SERVICE4 "service tcp 192.0.2.10 80"
#define SERVICE6 "service tcp 2001:db8:0:1::10 80"

static const struct mode modes[] = {
	{"FNAT", KS_IPV4, KS_IPV4, {SERVICE4, "server fnat 10.0.0.101 8080"}, .protocol = 6},
	{"FNAT, IPv6", KS_IPV6, KS_IPV6, {SERVICE6, "server fnat 2001:db8:0:2::101 8080"},
		.protocol = 6},
	{"NAT64", KS_IPV6, KS_IPV4, {SERVICE6, "server fnat 10.0.0.101 8080"}, .protocol = 6},
	{"NAT46", KS_IPV4, KS_IPV6, {SERVICE4, "server fnat 2001:db8:0:2::101 8080"},
		.protocol = 6},
	{"NAT", KS_IPV4, KS_IPV4, {SERVICE4, "server nat 10.0.0.101 8080"}, .protocol = 6},
	{"NAT, IPv6", KS_IPV6, KS_IPV6, {SERVICE6, "server nat 2001:db8:0:2::101 8080"},
		.protocol = 6},
	{"NAT of any port", KS_IPV4, KS_IPV4,
		{"service udp 192.0.2.10 0", "server nat 10.0.0.101 0"}, .protocol = 17},
	{"NAT by match", KS_IPV4, KS_IPV4, {"match tcp ipv4 in 0", "server nat 10.0.0.101 8080"},
		.is_by_match = true, .protocol = 6},
	{"NAT by match, IPv6", KS_IPV6, KS_IPV6,
		{"match tcp ipv6 in 0", "server nat 2001:db8:0:2::101 8080"}, .is_by_match = true,
		.protocol = 6},
	{"DR by match", KS_IPV4, KS_IPV4, {"match udp ipv4 in 0", "server dr 10.0.0.101 0"},
		.is_by_match = true, .is_one_way = true, .protocol = 17},
	{"TUN by match", KS_IPV6, KS_IPV4, {"match udp ipv6 in 0", "server tun 10.0.0.101 0"},
		.is_by_match = true, .is_one_way = true, .is_tunnel = true, .protocol = 17},
	{"FNAT by match", KS_IPV4, KS_IPV4, {"match tcp ipv4 in 0", "server fnat 10.0.0.101 8080"},
		.is_by_match = true, .protocol = 6},
	{"SCTP by FNAT", KS_IPV4, KS_IPV4,
		{"service sctp 192.0.2.10 80", "server fnat 10.0.0.101 8080"}, .protocol = 132},
	{"DR", KS_IPV4, KS_IPV4, {SERVICE4, "server dr 10.0.0.101 0"}, .is_one_way = true,
		.protocol = 6},
	{"TUN", KS_IPV4, KS_IPV4, {SERVICE4, "server tun 10.0.0.101 0"}, .is_one_way = true,
		.is_tunnel = true, .protocol = 6},
	{"4 in 6 by GUE", KS_IPV4, KS_IPV6,
		{SERVICE4, "server tun 2001:db8:0:2::101 0 gue port 6080"}, .is_one_way = true,
		.is_tunnel = true, .protocol = 6},
	{"6 in 4 by GRE", KS_IPV6, KS_IPV4, {SERVICE6, "server tun 10.0.0.101 0 gre"},
		.is_one_way = true, .is_tunnel = true, .protocol = 6},
	{"SNAT", KS_IPV4, KS_IPV4,
		{"address 192.0.2.20 0 source", "match tcp ipv4 source 10.0.0.0 10.0.0.255",
			"server snat 192.0.2.20 0"},
		.begins_inside = true, .protocol = 6},
	{"SNAT, IPv6", KS_IPV6, KS_IPV6,
		{"address 2001:db8:0:1::20 0 source",
			"match udp ipv6 source 2001:db8:0:2:: 2001:db8:0:2::ffff",
			"server snat 2001:db8:0:1::20 0"},
		.begins_inside = true, .protocol = 17},
	{"SNAT of echo", KS_IPV4, KS_IPV4,
		{"address 192.0.2.20 0 source", "match icmp ipv4 source 10.0.0.0 10.0.0.255",
			"server snat 192.0.2.20 0"},
		.begins_inside = true, .protocol = 1},
};

static struct world *world;

static void
say(const char *text)
{
	struct fixture_line line = {.path = "test_owners.c"};
	char copy[128], *saved;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok_r(copy, " ", &saved); word != NULL;
		word = strtok_r(NULL, " ", &saved))
		line.words[line.count++] = word;
	if (!fixture_directive(world, WORKERS - 1, &line))
		exit(1);
}

/* Into a port, to that worker; what left through the other port. False: nothing did. */
static bool
pass(struct built_packet *packet, uint16_t in_port, uint16_t worker, uint16_t out_port)
{
	struct built_packet left;
	bool has_left;

	flow_address(packet, in_port == 0 ? MAC_GATEWAY : MAC_SERVER_A,
		in_port == 0 ? MAC_PORT_0 : MAC_PORT_1);
	world_send(world, in_port, packet);
	world_run(world, worker);
	for (uint32_t i = 0; i < HANDOVERS_MAX; i++) {
		for (uint16_t other = 0; other < WORKERS; other++) {
			world->workers[other].replies_left = KS_REPLIES_PER_TICK;
			world_run(world, other);
		}
	}
	has_left = world_take(world->from_port[out_port], &left, NULL);
	for (uint16_t other = 0; other < WORKERS; other++)
		has_left = has_left && rte_ring_empty(world->workers[other].steered);
	world_drain(world);
	if (has_left)
		*packet = left;
	return has_left;
}

static struct built_packet
opening_of(const struct mode *mode, uint16_t client_port)
{
	bool is_v4 = mode->client == KS_IPV4;
	struct ks_ip client = is_v4 ? world_ip(CLIENT) : world_ip6(NET6_CLIENTS, CLIENT6);
	struct ks_ip vip = is_v4 ? world_ip(VIP) : world_ip6(NET6_VIPS, VIP6);
	struct ks_ip elsewhere =
		is_v4 ? world_ip(IPV4(203, 0, 113, 9)) : world_ip6(NET6_CLIENTS, 0x99);
	struct ks_ip inside = is_v4 ? world_ip(SERVER_A) : world_ip6(NET6_SERVERS, SERVER6_A);

	if (mode->begins_inside)
		return flow_opening(inside, client, mode->protocol, client_port, 443);
	return flow_opening(
		client, mode->is_by_match ? elsewhere : vip, mode->protocol, client_port, 80);
}

/* The worker that receives changes from packet to packet. */
static uint16_t
next_worker(void)
{
	static uint32_t count;

	return (uint16_t)(count++ * 5 / 3 % WORKERS);
}

struct losses {
	uint32_t openings, answers, errors_there, errors_back;
};

/* One connection: its opening, an error about that, the answer, an error about the answer. */
static void
converse(const struct mode *mode, uint16_t client_port, struct losses *lost)
{
	uint16_t near = mode->begins_inside ? 1 : 0, far = 1 - near;
	struct built_packet packet = opening_of(mode, client_port), error, answer;
	struct built_packet opening = packet;

	if (!pass(&packet, near, next_worker(), far)) {
		lost->openings++;
		return;
	}
	if (!mode->is_one_way || mode->is_tunnel) {
		error = flow_error(&packet);
		lost->errors_there += !pass(&error, far, next_worker(), near);
	}
	if (mode->is_one_way) {
		/* The server answers past us, the client complains to us. */
		answer = flow_answer(&opening);
		error = flow_error(&answer);
		lost->errors_back += !pass(&error, near, next_worker(), far);
		return;
	}
	answer = flow_answer(&packet);
	lost->answers += !pass(&answer, far, next_worker(), near);
	error = flow_error(&answer);
	lost->errors_back += !pass(&error, near, next_worker(), far);
}

static void
test_mode(const struct mode *mode)
{
	struct losses lost = {0};
	uint32_t having = 0, count = 0;

	fixture_spread(world, WORKERS);
	for (uint32_t i = 0; i < RTE_DIM(mode->tables) && mode->tables[i] != NULL; i++)
		say(mode->tables[i]);
	for (uint32_t i = 0; i < CONNECTIONS; i++)
		converse(mode, (uint16_t)(30000 + i * 37), &lost);
	for (uint32_t i = 0; i < WORKERS; i++) {
		uint32_t of_worker = ks_connection_table_count(world->workers[i].connections);

		count += of_worker;
		having += of_worker > 0;
	}
	tap_equal(count, CONNECTIONS, mode->name);
	tap_ok(having > 1, "%s: on %u workers", mode->name, having);
	tap_equal(lost.openings, 0, "no opening is lost");
	tap_equal(lost.answers, 0, "no answer is lost");
	tap_equal(lost.errors_there, 0, "no error about an opening is lost");
	tap_equal(lost.errors_back, 0, "no error about an answer is lost");
}

/* Two connections that NAT would give the same answers, begun in one burst. */
static void
test_nat_burst(void)
{
	struct built_packet packet;

	fixture_begin(world, 0);
	say(SERVICE4);
	say("server nat 10.0.0.101 8080");
	say("service tcp 192.0.2.10 81");
	say("server nat 10.0.0.101 8080");
	for (uint16_t port = 80; port <= 81; port++) {
		packet = flow_opening(world_ip(CLIENT), world_ip(VIP), 6, 40001, port);
		flow_address(&packet, MAC_GATEWAY, MAC_PORT_0);
		world_send(world, 0, &packet);
	}
	world_run(world, 0);
	tap_equal(world->workers[0].verdicts[KS_VERDICT_forwarded], 1, "one of both goes on");
	tap_equal(world->workers[0].verdicts[KS_VERDICT_drop_no_local_port], 1,
		"the other has no answers of its own");
	tap_equal(ks_connection_table_count(world->workers[0].connections), 1, "one connection");
}

int
main(void)
{
	world = world_open("test_owners", 256);
	for (uint32_t i = 0; i < RTE_DIM(modes); i++)
		test_mode(&modes[i]);
	test_nat_burst();
	world_check_leaks(world);
	return tap_done();
}
