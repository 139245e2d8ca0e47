/* source_port.c: every port of a share is found, none twice; exhaustion; sharing the map. */
#include <stdlib.h>

#include "packet_builder.h"
#include "source_port.h"
#include "tap.h"

static struct ks_port_map map;
static uint32_t wrong_ports; /* outside the share, or taken twice */

static void
open_map(uint32_t connections_max)
{
	free(map.words);
	ks_port_map_init(
		&map, aligned_alloc(64, ks_port_map_bytes(connections_max)), connections_max, 5);
}

static struct ks_port_path
path_to(uint32_t server, uint16_t worker_index, uint16_t workers_count)
{
	return (struct ks_port_path){
		.source_be = rte_cpu_to_be_32(IPV4(10, 0, 0, 5)),
		.server_be = rte_cpu_to_be_32(server),
		.server_port_be = RTE_BE16(80),
		.protocol = BUILT_TCP,
		.worker_index = worker_index,
		.workers_count = workers_count,
	};
}

static uint32_t
take_all(const struct ks_port_path *path, uint8_t *is_taken)
{
	uint32_t cursor = 0, count = 0;

	for (uint16_t port; (port = ks_source_port_take(&map, path, &cursor)) != 0; count++) {
		wrong_ports += port < KS_SOURCE_PORT_MIN || is_taken[port] ||
			       port % path->workers_count != path->worker_index;
		is_taken[port] = 1;
	}
	return count;
}

static void
test_one_worker(void)
{
	struct ks_port_path path = path_to(IPV4(10, 0, 0, 101), 0, 1);
	static uint8_t is_taken[65536];
	uint32_t cursor = 0;
	uint16_t first, second;

	open_map(1000);
	tap_equal(take_all(&path, is_taken), 64512, "one worker can use all 64512 ports");
	tap_equal(ks_source_port_take(&map, &path, &cursor), 0, "then there is none");
	ks_source_port_release(&map, &path, 1024);
	ks_source_port_release(&map, &path, 65535);
	ks_source_port_release(&map, &path, 30000);
	first = ks_source_port_take(&map, &path, &cursor);
	second = ks_source_port_take(&map, &path, &cursor);
	tap_ok(first != second && (first == 1024 || first == 65535 || first == 30000),
		"ports given back are found");
	tap_ok(ks_source_port_take(&map, &path, &cursor) != 0, "to the last");
	tap_equal(ks_source_port_take(&map, &path, &cursor), 0, "and no more");
}

static void
test_shares(uint16_t workers_count)
{
	static uint8_t is_taken[65536];
	uint32_t count = 0;

	memset(is_taken, 0, sizeof(is_taken));
	for (uint16_t index = 0; index < workers_count; index++) {
		struct ks_port_path path = path_to(IPV4(10, 0, 0, 101), index, workers_count);

		/* Workers have tables of their own. */
		open_map(1000);
		count += take_all(&path, is_taken);
	}
	tap_equal(count, 64512, "the shares of all workers are all ports");
}

/* A port rests until all others had their turn. */
static void
test_order(void)
{
	struct ks_port_path path = path_to(IPV4(10, 0, 0, 101), 0, 1);
	uint32_t cursor = 0;
	uint16_t first, port = 0;
	uint32_t rounds = 0;

	open_map(1000);
	first = ks_source_port_take(&map, &path, &cursor);
	ks_source_port_release(&map, &path, first);
	for (; port != first && rounds < 70000; rounds++) {
		port = ks_source_port_take(&map, &path, &cursor);
		ks_source_port_release(&map, &path, port);
	}
	tap_equal(rounds, 64512, "a port comes again after all the others");
}

/*
 * The map as full as the connection table lets it be, with connections crowded in few blocks: what
 * others took still leaves 99 % of the ports towards a server, on the average of servers.
 */
static void
test_full_map(void)
{
	uint32_t connections_max = 262144, servers = 50;
	uint64_t taken = 0;

	open_map(connections_max);
	for (uint32_t i = 0; i < connections_max; i++) {
		struct ks_port_path other = path_to(IPV4(10, 1, 0, 0) + i % 1000, 0, 1);
		uint32_t cursor = i / 1000;

		ks_source_port_take(&map, &other, &cursor);
	}
	for (uint32_t server = 0; server < servers; server++) {
		struct ks_port_path path = path_to(IPV4(10, 0, 0, 101) + server, 0, 1);
		static uint8_t is_taken[65536];

		memset(is_taken, 0, sizeof(is_taken));
		taken += take_all(&path, is_taken);
		for (uint32_t port = KS_SOURCE_PORT_MIN; port < 65536; port++) {
			if (is_taken[port])
				ks_source_port_release(&map, &path, (uint16_t)port);
		}
	}
	tap_ok(taken >= (uint64_t)servers * 64512 * 99 / 100, "a full map leaves %llu %% of 64512",
		(unsigned long long)(taken * 100 / ((uint64_t)servers * 64512)));
}

int
main(void)
{
	test_one_worker();
	test_shares(2);
	test_shares(3);
	test_shares(64);
	test_order();
	test_full_map();
	tap_equal(wrong_ports, 0, "all ports were in their share and taken once");
	free(map.words);
	return tap_done();
}
