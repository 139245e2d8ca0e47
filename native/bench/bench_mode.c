/* Services by mode; see bench_mode.h. */
#include "bench_mode.h"

#include <stdlib.h>

#include "../control/scheduler_table.h"
#include "persistence.h"

#define TEMPLATES 65536u
#define GUE_PORT 6080u
/* In the world of fixture.c. */
#define ADDRESS_VIP6 3u
#define ADDRESS_LIP6 4u

struct ks_ip
bench_ip6(rte_be32_t address_be)
{
	uint32_t address = rte_be_to_cpu_32(address_be);
	uint64_t network = address >> 24 == LIP >> 24 ? NET6_SERVERS
			   : address >> 8 == VIP >> 8 ? NET6_VIPS
						      : NET6_CLIENTS;

	return (struct ks_ip){{rte_cpu_to_be_64(network), (uint64_t)address_be << 32}};
}

/* The world's addresses of IPv6 become those that bench_ip6 makes. */
static void
set_addresses(struct world *world)
{
	world->addresses[ADDRESS_VIP6].address = bench_ip6(RTE_BE32(VIP));
	world->addresses[ADDRESS_LIP6].address = bench_ip6(RTE_BE32(LIP));
	world->source6.address = bench_ip6(RTE_BE32(LIP));
	world_set_neighbor_ip(world, 3, 0, world_ip6(NET6_VIPS, GATEWAY6), MAC_GATEWAY, 1);
}

static void
set_servers(struct world *world, struct ks_virtual_server *service, const struct bench_mode *mode)
{
	for (uint32_t i = 0; i < service->servers_count; i++) {
		struct ks_server *server = &world->servers[i];

		server->options.forwarding = mode->forwarding;
		server->options.tunnel = mode->tunnel;
		server->options.tunnel_port_be = RTE_BE16(GUE_PORT);
		if (mode->server_is_v6) {
			server->address = bench_ip6(ks_ip_v4(server->address));
			world_set_neighbor_ip(world, 10 + service->servers_count + i, 1,
				server->address, MAC_SERVER_A, 1);
		}
	}
}

/* By match, for whatever goes through; the "servers" are addresses to go out with. */
static void
set_snat(struct world *world, struct ks_virtual_server *service)
{
	static const struct ks_match match = {
		.in_port = KS_MATCH_ANY_PORT, .out_port = KS_MATCH_ANY_PORT};
	static const struct ks_virtual_server *matches[1];

	service->match = &match;
	service->servers_count = 2;
	world->servers[0].address = world_ip(LIP);
	world->servers[1].address = world_ip(LIP_2);
	matches[0] = service;
	world->tables.matches = matches;
	world->tables.matches_count = RTE_DIM(matches);
}

static void
set_persistence(struct world *world)
{
	static void *memory;

	if (memory == NULL)
		memory = aligned_alloc(RTE_CACHE_LINE_SIZE,
			RTE_ALIGN(ks_persistence_table_bytes(TEMPLATES), RTE_CACHE_LINE_SIZE));
	if (memory == NULL) {
		fprintf(stderr, "no memory\n");
		exit(1);
	}
	memset(memory, 0, ks_persistence_table_bytes(TEMPLATES));
	world->workers[0].persistence = ks_persistence_table_init(memory, TEMPLATES, 1);
}

void
bench_mode_set(struct world *world, const struct bench_mode *mode)
{
	struct ks_virtual_server *service = &world->services[0];
	struct ks_service_options *options = &service->options;

	set_addresses(world);
	set_servers(world, service, mode);
	service->has_nat = mode->forwarding == KS_FORWARD_NAT;
	if (mode->client_is_v6)
		service->address = bench_ip6(RTE_BE32(VIP));
	if (mode->server_is_v6) {
		service->sources_count[KS_IPV6] = 1;
	}
	if (mode->tells_client)
		options->flags &= (uint8_t)~KS_SERVICE_NO_CLIENT_ADDRESS;
	options->proxy_protocol = mode->proxy_protocol;
	options->scheduler = mode->scheduler;
	options->persistence_seconds = mode->persistence_seconds;
	if (mode->forwarding == KS_FORWARD_SNAT)
		set_snat(world, service);
	if (mode->persistence_seconds != 0)
		set_persistence(world);
	free((void *)(uintptr_t)service->scheduler_table);
	service->scheduler_table = ks_scheduler_table_build(service);
}
