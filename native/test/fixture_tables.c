/* Directives of fixtures: each makes tables of fixture.h what a line says. */
#include <stdlib.h>

#include <arpa/inet.h>

#include "fixture_tables.h"
#include "source_port.h"

#define NAT_SERVER_SLOTS 64u
#define NEIGHBORS_FIRST 10u /* those before are fixture.c's */

/* Beside the world's own, of the fixture in progress. */
static struct {
	struct ks_nat_server nat_servers[NAT_SERVER_SLOTS];
	struct ks_match matches[WORLD_SERVICES_MAX];
	const struct ks_virtual_server *matching[WORLD_SERVICES_MAX];
	uint32_t neighbors_count;
} tables;

void
fixture_fail(const struct fixture_line *line, const char *reason)
{
	printf("Bail out! %s:%u: %s: %s\n", line->path, line->number, line->words[0], reason);
	exit(1);
}

uint32_t
fixture_number(const struct fixture_line *line, uint32_t word)
{
	char *end;
	unsigned long value;

	if (word >= line->count)
		fixture_fail(line, "a number is missing");
	value = strtoul(line->words[word], &end, 0);
	if (*end != '\0' || end == line->words[word])
		fixture_fail(line, "not a number");
	return (uint32_t)value;
}

struct ks_ip
fixture_address(const struct fixture_line *line, uint32_t word)
{
	uint8_t octets[16];
	uint32_t ipv4;

	if (word >= line->count)
		fixture_fail(line, "an address is missing");
	if (inet_pton(AF_INET, line->words[word], &ipv4) == 1)
		return ks_ip_from_v4(ipv4);
	if (inet_pton(AF_INET6, line->words[word], octets) != 1)
		fixture_fail(line, "not an address");
	return ks_ip_from_octets(octets);
}

/* The place of the word in a list that NULL ends. */
static uint32_t
place_in(const struct fixture_line *line, uint32_t word, const char *const *list)
{
	for (uint32_t i = 0; word < line->count && list[i] != NULL; i++) {
		if (strcmp(list[i], line->words[word]) == 0)
			return i;
	}
	fixture_fail(line, word < line->count ? line->words[word] : "a word is missing");
	return 0;
}

static uint8_t
protocol_of(const struct fixture_line *line, uint32_t word)
{
	static const char *const names[] = {"tcp", "udp", "sctp", "icmp", "icmpv6", NULL};
	static const uint8_t protocols[] = {6, 17, 132, 1, 58};

	return protocols[place_in(line, word, names)];
}

static bool
has_word(const struct fixture_line *line, uint32_t from, const char *wanted)
{
	for (uint32_t i = from; i < line->count; i++) {
		if (strcmp(line->words[i], wanted) == 0)
			return true;
	}
	return false;
}

static struct ks_virtual_server *
add_service(struct world *world, const struct fixture_line *line, uint32_t flags_from)
{
	struct ks_virtual_server *service;

	if (world->services_count == WORLD_SERVICES_MAX)
		fixture_fail(line, "too many services");
	service = world_add_service(world, protocol_of(line, 1), 0, 0);
	service->sources_count[KS_IPV6] = 1;
	if (has_word(line, flags_from, "no_sources"))
		service->sources_count[KS_IPV4] = service->sources_count[KS_IPV6] = 0;
	service->options.flags = KS_SERVICE_NO_CLIENT_ADDRESS;
	if (has_word(line, flags_from, "rejects"))
		service->options.flags |= KS_SERVICE_REJECTS;
	for (uint32_t i = flags_from; i < line->count; i++) {
		if (strcmp(line->words[i], "limit") == 0)
			service->options.connections_max = fixture_number(line, i + 1);
	}
	return service;
}

/* service PROTOCOL ADDRESS PORT [rejects] [no_sources] */
static void
set_service(struct world *world, const struct fixture_line *line)
{
	struct ks_virtual_server *service = add_service(world, line, 4);

	service->address = fixture_address(line, 2);
	service->port_be = rte_cpu_to_be_16((uint16_t)fixture_number(line, 3));
	world->tables.has_any_port |= service->port_be == 0;
}

/* match PROTOCOL ipv4|ipv6 [source FIRST LAST] [destination FIRST LAST] [in PORT] [out PORT] */
static void
set_match(struct world *world, const struct fixture_line *line)
{
	static const char *const families[] = {"ipv4", "ipv6", NULL};
	struct ks_virtual_server *service = add_service(world, line, 3);
	uint32_t index = world->tables.matches_count++;
	struct ks_match *match = &tables.matches[index];

	*match = (struct ks_match){.in_port = KS_MATCH_ANY_PORT,
		.out_port = KS_MATCH_ANY_PORT,
		.is_ipv6 = place_in(line, 2, families) == 1};
	for (uint32_t i = 3; i < line->count; i++) {
		if (strcmp(line->words[i], "source") == 0) {
			match->source_first = fixture_address(line, i + 1);
			match->source_last = fixture_address(line, i + 2);
		} else if (strcmp(line->words[i], "destination") == 0) {
			match->destination_first = fixture_address(line, i + 1);
			match->destination_last = fixture_address(line, i + 2);
		} else if (strcmp(line->words[i], "in") == 0) {
			match->in_port = (uint16_t)fixture_number(line, i + 1);
		} else if (strcmp(line->words[i], "out") == 0) {
			match->out_port = (uint16_t)fixture_number(line, i + 1);
		}
	}
	service->address = (struct ks_ip){{0, 0}};
	service->match = match;
	tables.matching[index] = service;
	world->tables.matches = tables.matching;
}

static void
add_nat_server(struct world *world, uint8_t protocol, const struct ks_server *server)
{
	uint32_t slot = ks_virtual_server_hash(server->address, server->port_be, protocol);

	while (tables.nat_servers[slot % NAT_SERVER_SLOTS].protocol != 0)
		slot++;
	tables.nat_servers[slot % NAT_SERVER_SLOTS] =
		(struct ks_nat_server){server->address, server->port_be, protocol, {0}};
	world->tables.nat_servers = tables.nat_servers;
	world->tables.nat_server_mask = NAT_SERVER_SLOTS - 1;
}

/* server FORWARDING ADDRESS PORT [weight N] [ipip|gre|gue] [checksum] [port N], of the last one */
static void
set_server(struct world *world, const struct fixture_line *line)
{
	static const char *const forwardings[] = {"fnat", "nat", "dr", "tun", "snat", NULL};
	struct ks_server *server = &world->servers[world->servers_count];
	struct ks_virtual_server *service;

	if (world->services_count == 0)
		fixture_fail(line, "before any service");
	service = &world->services[world->services_count - 1];
	*server = (struct ks_server){.address = fixture_address(line, 2),
		.port_be = rte_cpu_to_be_16((uint16_t)fixture_number(line, 3)),
		.id = world->servers_count,
		.options = {.weight = 1, .forwarding = (uint8_t)place_in(line, 1, forwardings)}};
	if (has_word(line, 4, "gre"))
		server->options.tunnel = KS_TUNNEL_GRE;
	if (has_word(line, 4, "gue"))
		server->options.tunnel = KS_TUNNEL_GUE;
	server->options.tunnel_has_checksum = has_word(line, 4, "checksum");
	for (uint32_t i = 4; i < line->count; i++) {
		if (strcmp(line->words[i], "port") == 0)
			server->options.tunnel_port_be =
				rte_cpu_to_be_16((uint16_t)fixture_number(line, i + 1));
		if (strcmp(line->words[i], "weight") == 0)
			server->options.weight = (uint16_t)fixture_number(line, i + 1);
	}
	if (server->options.weight == 0)
		service->weight_max = 0;
	world->server_is_available[server->id] = 1;
	world->servers_count++;
	service->servers_count++;
	if (server->options.forwarding == KS_FORWARD_NAT) {
		service->has_nat = 1;
		add_nat_server(world, service->protocol, server);
	}
}

/* Makes the pool of the source address give this very port for the next connection to the server */
static void
set_source_port(struct world *world, uint16_t worker_index, const struct fixture_line *line)
{
	struct ks_worker *worker = &world->workers[worker_index];
	struct ks_ip source = fixture_address(line, 2);
	uint16_t port = (uint16_t)fixture_number(line, 3);
	struct ks_ip both[2] = {fixture_address(line, 5), source};
	uint32_t ipv4[2] = {ks_ip_v4(both[0]), ks_ip_v4(both[1])};
	const struct ks_local_address *address = ks_address_find(&world->tables, source);
	struct ks_port_path path;
	uint32_t position, entry = 0;

	if (address == NULL)
		fixture_fail(line, "not an address of ours");
	path = ks_port_path(&worker->connections->source_ports, &world->rss, ks_ip_family(source),
		ks_ip_is_v4(source) ? (const void *)ipv4 : (const void *)both,
		rte_cpu_to_be_16((uint16_t)fixture_number(line, 6)), protocol_of(line, 1),
		worker_index);
	position = ks_port_position(path.groups, port);
	while (entry < path.entries_count &&
		path.groups->group_of[path.constant ^
				      world->rss.entries[path.first_entry + entry]] !=
			position >> path.groups->rest_bits)
		entry++;
	if (entry == path.entries_count)
		fixture_fail(line, "another worker's port");
	worker->sources[address->id].cursor = (entry << path.groups->rest_bits) +
					      (position & ((1u << path.groups->rest_bits) - 1)) + 1;
}

static void
set_address(struct world *world, const struct fixture_line *line)
{
	uint32_t id = world->tables.addresses_count++;

	if (id == WORLD_ADDRESSES_MAX)
		fixture_fail(line, "too many addresses");
	world->addresses[id] = (struct ks_local_address){.address = fixture_address(line, 1),
		.id = id,
		.port = (uint16_t)fixture_number(line, 2),
		.prefix_bits = KS_IP_BITS,
		.is_source = has_word(line, 3, "source")};
	world->held_until_tsc[id] = UINT64_MAX;
}

static void
set_neighbor(struct world *world, uint16_t port, struct ks_ip address, uint8_t mac)
{
	world_set_neighbor_ip(
		world, NEIGHBORS_FIRST + tables.neighbors_count++, port, address, mac, 1);
}

static void
set_forwards(struct world *world, const struct fixture_line *line)
{
	world->tables.forwards_ipv4 = has_word(line, 1, "ipv4");
	world->tables.forwards_ipv6 = has_word(line, 1, "ipv6");
}

/* Without the routes of length 0, most addresses have none. */
static void
remove_default_routes(struct world *world)
{
	for (uint32_t length = 0; length <= KS_IP_V4_BITS; length += KS_IP_V4_BITS) {
		world->tables.route_count[length] = 0;
		world->tables.route_lengths[length / 64] &= ~(UINT64_C(1) << length % 64);
	}
	/* As a change of neighbours' generations does. */
	for (uint16_t i = 0; i < WORLD_WORKERS; i++)
		memset(world->workers[i].known_hops, 0, sizeof(world->workers[i].known_hops));
}

static void
set_drops(struct world *world, const struct fixture_line *line)
{
	world->tables.drops_stray_tcp = has_word(line, 1, "tcp");
	world->tables.drops_unserved_udp = has_word(line, 1, "udp");
}

static void
complete_checksums(struct world *world, uint32_t port)
{
	for (uint16_t i = 0; i < WORLD_WORKERS; i++)
		world->workers[i].ports[port % WORLD_PORTS].completes_checksums = true;
}

static void
set_mtu(struct world *world, const struct fixture_line *line)
{
	for (uint16_t i = 0; i < WORLD_WORKERS; i++)
		world->workers[i].ports[fixture_number(line, 1) % WORLD_PORTS].mtu_bytes =
			(uint16_t)fixture_number(line, 2);
}

static void
release(struct world *world, const struct fixture_line *line)
{
	const struct ks_local_address *address =
		ks_address_find(&world->tables, fixture_address(line, 1));

	if (address == NULL)
		fixture_fail(line, "not an address of ours");
	world->held_until_tsc[address->id] = 0;
}

static const uint8_t rss_key[KS_TOEPLITZ_KEY_BYTES] = {0x3a, 0x91, 0x5c, 0xe7, 0x08, 0xd2, 0x4f,
	0xb6, 0x63, 0x1d, 0xa8, 0x75, 0xce, 0x29, 0xf0, 0x84, 0x57, 0x9b, 0x12, 0xed, 0x40, 0xc6,
	0x7e, 0x35, 0xb9, 0x0a, 0xd4, 0x68, 0x21, 0xf3, 0x8c, 0x5e, 0x97, 0x42, 0xab, 0x16, 0xdd,
	0x70, 0x0f, 0xe4};

void
fixture_spread(struct world *world, uint16_t workers_count)
{
	uint8_t owners[128];

	fixture_begin(world, (uint16_t)(workers_count - 1));
	for (uint32_t i = 0; i < sizeof(owners); i++)
		owners[i] = (uint8_t)(i * 7 / 3 % workers_count);
	ks_rss_init(&world->rss, rss_key, owners, sizeof(owners));
}

void
fixture_begin(struct world *world, uint16_t deciding_worker)
{
	uint8_t owners[128];

	world_reset(world, (uint16_t)(deciding_worker + 1));
	memset(owners, deciding_worker, sizeof(owners));
	ks_rss_init(&world->rss, rss_key, owners, sizeof(owners));
	memset(&tables, 0, sizeof(tables));
	world->services_count = 0;
	world->servers_count = 0;
	set_neighbor(world, 0, world_ip6(NET6_VIPS, GATEWAY6), MAC_GATEWAY);
	set_neighbor(world, 1, world_ip6(NET6_SERVERS, SERVER6_A), MAC_SERVER_A);
	set_neighbor(world, 1, world_ip6(NET6_SERVERS, SERVER6_B), MAC_SERVER_B);
	world_publish(world);
}

bool
fixture_directive(struct world *world, uint16_t deciding_worker, const struct fixture_line *line)
{
	const char *word = line->words[0];

	if (strcmp(word, "service") == 0)
		set_service(world, line);
	else if (strcmp(word, "match") == 0)
		set_match(world, line);
	else if (strcmp(word, "server") == 0)
		set_server(world, line);
	else if (strcmp(word, "address") == 0)
		set_address(world, line);
	else if (strcmp(word, "release") == 0)
		release(world, line);
	else if (strcmp(word, "mtu") == 0)
		set_mtu(world, line);
	else if (strcmp(word, "forwards") == 0)
		set_forwards(world, line);
	else if (strcmp(word, "neighbor") == 0)
		set_neighbor(world, (uint16_t)fixture_number(line, 1), fixture_address(line, 2),
			(uint8_t)fixture_number(line, 3));
	else if (strcmp(word, "no_default_route") == 0)
		remove_default_routes(world);
	else if (strcmp(word, "drops") == 0)
		set_drops(world, line);
	else if (strcmp(word, "completes_checksums") == 0)
		complete_checksums(world, fixture_number(line, 1));
	else if (strcmp(word, "source_port") == 0)
		set_source_port(world, deciding_worker, line);
	else
		return false;
	world_publish(world);
	return true;
}
