/*
 * Ports of services tell the mode: 80 FNAT, 81 FNAT to the other family, 82 NAT, 83 DR, 84 TUN,
 * 85 TUN to the other family, 86 GRE with checksum, 87 GUE with checksum to the other family, 90
 * rejects. Servers listen 8000 above. The client's port is 40001, ours 50123, that of SNAT 61234.
 */
#include "pipeline_world.h"

#include <stdlib.h>

#include "fixture_tables.h"
#include "flow_packet.h"
#include "tap.h"

#define CONNECTIONS_MAX 256u
#define DECIDER 1u
#define CLIENT_PORT 40001u

struct names {
	const char *client, *vip, *local, *server, *pool, *inside, *echo;
};

static const struct names names[KS_FAMILIES] = {
	{"198.51.100.7", "192.0.2.10", "10.0.0.5", "10.0.0.101", "192.0.2.20",
		"ipv4 source 10.0.0.0 10.0.0.255", "icmp"},
	{"2001:db8:ffff::7", "2001:db8:0:1::10", "2001:db8:0:2::5", "2001:db8:0:2::101",
		"2001:db8:0:1::20", "ipv6 source 2001:db8:0:2:: 2001:db8:0:2::ffff", "icmpv6"},
};

static const struct {
	uint16_t port;
	const char *forwarding;
	bool is_other_family;
	const char *tunnel;
} modes[] = {{80, "fnat", false, ""}, {81, "fnat", true, ""}, {82, "nat", false, ""},
	{83, "dr", false, ""}, {84, "tun", false, ""}, {85, "tun", true, ""},
	{86, "tun", false, "gre checksum"}, {87, "tun", true, "gue checksum port 6080"}};

static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {{"tcp", 6}, {"udp", 17}, {"sctp", 132}};

static struct snapshot {
	struct ks_worker worker;
	void *connections, *aside;
	struct ks_server_counters servers[WORLD_SERVERS_MAX];
	struct ks_source_counters sources[WORLD_ADDRESSES_MAX];
	struct ks_scheduler_state schedulers[WORLD_SERVICES_MAX];
} snapshots[PIPELINE_WORKERS];

static void __attribute__((format(printf, 2, 3))) say(struct world *world, const char *format, ...)
{
	struct fixture_line line = {.path = "pipeline_world.c"};
	char text[256], *saved;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (char *word = strtok_r(text, " ", &saved); word != NULL;
		word = strtok_r(NULL, " ", &saved))
		line.words[line.count++] = word;
	if (!fixture_directive(world, DECIDER, &line))
		abort();
}

static struct ks_ip
address_of(const char *text)
{
	struct fixture_line line = {.words = {(char *)(uintptr_t)text}, .count = 1};

	return fixture_address(&line, 0);
}

static void
begin(struct world *world, uint16_t port, struct built_packet packet)
{
	uint32_t before = ks_connection_table_count(world->workers[DECIDER].connections);

	flow_address(&packet, port == 0 ? MAC_GATEWAY : MAC_SERVER_A,
		port == 0 ? MAC_PORT_0 : MAC_PORT_1);
	world_send(world, port, &packet);
	for (uint16_t worker = 0; worker < PIPELINE_WORKERS; worker++)
		world_run(world, worker);
	if (ks_connection_table_count(world->workers[DECIDER].connections) != before + 1)
		abort();
}

static void
add_services(struct world *world, enum ks_family family)
{
	const struct names *here = &names[family];

	for (uint32_t i = 0; i < RTE_DIM(modes) * RTE_DIM(protocols); i++) {
		uint16_t port = modes[i / RTE_DIM(protocols)].port;
		const char *protocol = protocols[i % RTE_DIM(protocols)].name;
		bool is_other = modes[i / RTE_DIM(protocols)].is_other_family;
		const struct names *there = &names[is_other ? KS_FAMILIES - 1 - family : family];

		say(world, "service %s %s %u", protocol, here->vip, port);
		say(world, "server %s %s %u %s", modes[i / RTE_DIM(protocols)].forwarding,
			there->server, 8000 + port, modes[i / RTE_DIM(protocols)].tunnel);
		if (port <= 81)
			say(world, "source_port %s %s 50123 towards %s %u", protocol, there->local,
				there->server, 8000 + port);
		begin(world, 0,
			flow_opening(address_of(here->client), address_of(here->vip),
				protocols[i % RTE_DIM(protocols)].number, CLIENT_PORT, port));
	}
	say(world, "service tcp %s 90 rejects", here->vip);
	say(world, "server fnat %s 8090 weight 0", here->server);
}

static void
add_match(struct world *world, enum ks_family family, const char *protocol, uint8_t number,
	uint16_t port)
{
	const struct names *here = &names[family];

	say(world, "match %s %s", protocol, here->inside);
	say(world, "server snat %s 0", here->pool);
	say(world, "source_port %s %s 61234 towards %s %u", protocol, here->pool, here->client,
		port);
	begin(world, 1,
		flow_opening(address_of(here->server), address_of(here->client), number,
			CLIENT_PORT, port));
}

static void
take_snapshot(struct world *world, uint16_t index)
{
	const struct ks_worker *worker = &world->workers[index];
	struct snapshot *snapshot = &snapshots[index];
	size_t bytes = ks_connection_table_bytes(CONNECTIONS_MAX);
	size_t aside_bytes = ks_connection_aside_bytes(CONNECTIONS_MAX);

	snapshot->worker = *worker;
	snapshot->connections = memcpy(malloc(bytes), worker->connections, bytes);
	snapshot->aside = memcpy(malloc(aside_bytes), world->aside[index], aside_bytes);
	memcpy(snapshot->servers, worker->servers, sizeof(snapshot->servers));
	memcpy(snapshot->sources, worker->sources, sizeof(snapshot->sources));
	memcpy(snapshot->schedulers, worker->schedulers, sizeof(snapshot->schedulers));
}

void
pipeline_world_restore(struct world *world)
{
	for (uint16_t index = 0; index < PIPELINE_WORKERS; index++) {
		const struct snapshot *snapshot = &snapshots[index];
		struct ks_worker *worker = &world->workers[index];

		*worker = snapshot->worker;
		memcpy(worker->connections, snapshot->connections,
			ks_connection_table_bytes(CONNECTIONS_MAX));
		memcpy(world->aside[index], snapshot->aside,
			ks_connection_aside_bytes(CONNECTIONS_MAX));
		memcpy(worker->servers, snapshot->servers, sizeof(snapshot->servers));
		memcpy(worker->sources, snapshot->sources, sizeof(snapshot->sources));
		memcpy(worker->schedulers, snapshot->schedulers, sizeof(snapshot->schedulers));
	}
}

struct world *
pipeline_world_open(void)
{
	struct world *world = world_open("fuzz_pipeline", CONNECTIONS_MAX);

	fixture_begin(world, DECIDER);
	say(world, "forwards ipv4 ipv6");
	for (uint32_t family = 0; family < KS_FAMILIES; family++) {
		const struct names *here = &names[family];

		add_services(world, (enum ks_family)family);
		say(world, "address %s 0 source", here->pool);
		for (uint32_t i = 0; i < RTE_DIM(protocols); i++)
			add_match(world, (enum ks_family)family, protocols[i].name,
				protocols[i].number, 443);
		add_match(world, (enum ks_family)family, here->echo, family == KS_IPV4 ? 1 : 58, 0);
	}
	world_drain(world);
	for (uint16_t worker = 0; worker < PIPELINE_WORKERS; worker++) {
		world->workers[worker].replies_left = KS_REPLIES_PER_TICK;
		take_snapshot(world, worker);
	}
	return world;
}
