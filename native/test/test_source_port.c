/*
 * source_port.c: every port of every worker is found, none twice, its return packet hashes to the
 * worker by DPDK's own Toeplitz; exhaustion; sharing the map.
 */
#include <stdlib.h>

#include <rte_thash.h>

#include "packet_builder.h"
#include "source_port.h"
#include "tap.h"

#define PORTS (65536u - 1024u)

static struct ks_port_map map;
static struct ks_rss rss;
static uint8_t key[KS_TOEPLITZ_KEY_BYTES];
static uint64_t random_state = 4;

static uint32_t
next_random(void)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(random_state >> 33);
}

static void
open_map(uint32_t connections_max)
{
	free(map.words);
	ks_port_map_init(
		&map, aligned_alloc(64, ks_port_map_bytes(connections_max)), connections_max, 5);
}

static void
open_rss(uint32_t table_size, uint32_t workers)
{
	uint8_t owners[KS_RSS_TABLE_MAX];

	for (uint32_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)next_random();
	for (uint32_t i = 0; i < table_size; i++)
		owners[i] = (uint8_t)(i % workers);
	ks_rss_init(&rss, key, owners, table_size);
}

/* Server and source address of a return packet, and its ports. */
struct returns {
	enum ks_family family;
	uint8_t addresses[32];
	uint16_t server_port;
};

static struct returns
returns_of(uint32_t server)
{
	struct returns returns = {.family = KS_IPV4, .server_port = 80};

	put32(returns.addresses, server);
	put32(returns.addresses + 4, IPV4(10, 0, 0, 5));
	return returns;
}

static struct returns
random_returns(enum ks_family family)
{
	struct returns returns = {.family = family, .server_port = (uint16_t)next_random()};

	for (uint32_t i = 0; i < sizeof(returns.addresses); i++)
		returns.addresses[i] = (uint8_t)next_random();
	return returns;
}

static struct ks_port_path
path_of(const struct returns *returns, uint16_t worker)
{
	return ks_port_path(&map, &rss, returns->family, returns->addresses,
		rte_cpu_to_be_16(returns->server_port), BUILT_TCP, worker);
}

/* Where a NIC with this key and table puts the return packet to that local port. */
static uint16_t
nic_queue(const struct returns *returns, uint16_t port)
{
	uint32_t address_words = returns->family == KS_IPV4 ? 2 : 8;
	uint32_t words[9];

	for (uint32_t i = 0; i < address_words; i++)
		words[i] =
			rte_be_to_cpu_32(((const uint32_t *)(const void *)returns->addresses)[i]);
	words[address_words] = (uint32_t)returns->server_port << 16 | port;
	return rss.owners[rte_softrss(words, address_words + 1, key) & rss.table_mask];
}

static uint32_t wrong_ports; /* reserved, taken twice, or returning to another worker */

static uint32_t
take_all(const struct returns *returns, uint16_t worker, uint8_t *is_taken)
{
	struct ks_port_path path = path_of(returns, worker);
	uint32_t cursor = 0, count = 0;

	for (uint16_t port; (port = ks_source_port_take(&map, &path, &cursor)) != 0; count++) {
		wrong_ports += port < 1024 || is_taken[port] || nic_queue(returns, port) != worker;
		is_taken[port] = 1;
	}
	return count;
}

/* All workers until the first miss of each: together they must have used every port. */
static uint32_t
take_by_all(const struct returns *returns, uint16_t workers)
{
	static uint8_t is_taken[65536];
	uint32_t count = 0;

	memset(is_taken, 0, sizeof(is_taken));
	for (uint16_t worker = 0; worker < workers; worker++) {
		/* Each has a map of its own, with connections of others in it. */
		struct returns other = random_returns(returns->family);
		struct ks_port_path path;
		uint32_t cursor = 0;

		open_map(1000);
		path = path_of(&other, worker);
		for (uint32_t i = 0; i < 100; i++)
			ks_source_port_take(&map, &path, &cursor);
		count += take_all(returns, worker, is_taken);
	}
	return count;
}

static void
test_every_worker_count(enum ks_family family)
{
	uint32_t least = PORTS;

	wrong_ports = 0;
	for (uint32_t table_size = 64; table_size <= 512; table_size *= 2) {
		for (uint16_t workers = 1; workers <= 16; workers++) {
			struct returns returns = random_returns(family);
			uint32_t count;

			open_rss(table_size, workers);
			count = take_by_all(&returns, workers);
			least = count < least ? count : least;
		}
	}
	tap_equal(wrong_ports, 0, "every return packet comes to the worker that took the port");
	tap_ok(least >= PORTS * 99 / 100, "before the first miss %u of %u ports were in use", least,
		PORTS);
}

static void
test_give_back(void)
{
	struct returns returns = returns_of(IPV4(10, 0, 0, 101));
	static uint8_t is_taken[65536];
	struct ks_port_path path;
	uint32_t cursor = 0;
	uint16_t first, second;

	open_rss(128, 1);
	open_map(1000);
	wrong_ports = 0;
	path = path_of(&returns, 0);
	tap_equal(take_all(&returns, 0, is_taken), PORTS, "one worker can use all 64512 ports");
	tap_equal(wrong_ports, 0, "none twice");
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

/* A port rests until all others had their turn. */
static void
test_order(void)
{
	struct returns returns = returns_of(IPV4(10, 0, 0, 101));
	struct ks_port_path path;
	uint32_t cursor = 0;
	uint16_t first, port = 0;
	uint32_t rounds = 0;

	open_rss(128, 1);
	open_map(1000);
	path = path_of(&returns, 0);
	first = ks_source_port_take(&map, &path, &cursor);
	ks_source_port_release(&map, &path, first);
	for (; port != first && rounds < 70000; rounds++) {
		port = ks_source_port_take(&map, &path, &cursor);
		ks_source_port_release(&map, &path, port);
	}
	tap_equal(rounds, PORTS, "a port comes again after all the others");
}

/*
 * The map as full as the connection table lets it be, with connections crowded in few blocks: what
 * others took still leaves 99 % of the ports towards a server, on the average of servers.
 */
static void
test_full_map(void)
{
	uint32_t connections_max = 262144, servers = 200;
	uint64_t taken = 0;

	open_rss(128, 1);
	open_map(connections_max);
	for (uint32_t i = 0; i < connections_max; i++) {
		struct returns other = returns_of(IPV4(10, 1, 0, 0) + i % 1000);
		struct ks_port_path path = path_of(&other, 0);
		uint32_t cursor = i / 1000;

		ks_source_port_take(&map, &path, &cursor);
	}
	for (uint32_t server = 0; server < servers; server++) {
		struct returns returns = returns_of(IPV4(10, 0, 0, 101) + server);
		struct ks_port_path path = path_of(&returns, 0);
		static uint16_t ports[PORTS];
		uint32_t cursor = 0, count = 0;

		while (count < PORTS &&
			(ports[count] = ks_source_port_take(&map, &path, &cursor)) != 0)
			count++;
		taken += count;
		while (count > 0)
			ks_source_port_release(&map, &path, ports[--count]);
	}
	tap_ok(taken >= (uint64_t)servers * PORTS * 99 / 100, "a full map leaves %llu %% of 64512",
		(unsigned long long)(taken * 100 / ((uint64_t)servers * PORTS)));
}

/* A worker that the table gives no entry, and keys that leave it no port on some paths. */
static void
test_degenerate(void)
{
	struct returns returns = returns_of(IPV4(10, 0, 0, 101));
	static uint8_t is_taken[65536];
	uint8_t owners[64] = {0};

	memset(key, 0, sizeof(key));
	for (uint32_t i = 32; i < 64; i++)
		owners[i] = 1;
	ks_rss_init(&rss, key, owners, 64);
	open_map(1000);
	wrong_ports = 0;
	memset(is_taken, 0, sizeof(is_taken));
	tap_equal(
		take_all(&returns, 0, is_taken), PORTS, "a key of zeros: all ports are worker 0's");
	tap_equal(take_all(&returns, 1, is_taken), 0, "and none worker 1's");
	tap_equal(take_all(&returns, 2, is_taken), 0, "a worker without entry has no port");
	tap_equal(wrong_ports, 0, "all return to their worker");
	memset(key, 0xff, sizeof(key));
	ks_rss_init(&rss, key, owners, 64);
	open_map(1000);
	memset(is_taken, 0, sizeof(is_taken));
	tap_equal(take_all(&returns, 0, is_taken) + take_all(&returns, 1, is_taken), PORTS,
		"a key of ones: two groups, all ports");
	tap_equal(wrong_ports, 0, "all return to their worker");
}

int
main(void)
{
	test_every_worker_count(KS_IPV4);
	test_every_worker_count(KS_IPV6);
	test_give_back();
	test_order();
	test_full_map();
	test_degenerate();
	free(map.words);
	return tap_done();
}
