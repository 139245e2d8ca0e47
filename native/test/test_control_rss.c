/*
 * control/rss.c: what a port's own hash and table mean for ownership, on net_null, which has both
 * (and spreads by neither); and software's where a port has none.
 */
#include <rte_dev.h>
#include <rte_ethdev.h>

#include "../control/rss.h"
#include "fixture.h"
#include "tap.h"

#define QUEUES 4u

static struct world *world;
static struct ks_rss rss;

static uint16_t
open_port(const char *name, uint8_t key[KS_RSS_KEY_BYTES_MAX])
{
	struct rte_eth_conf conf = {0};
	struct rte_eth_dev_info device;
	uint16_t id = RTE_MAX_ETHPORTS;
	bool is_open;

	is_open = rte_dev_probe(name) == 0 && rte_eth_dev_get_port_by_name(name, &id) == 0 &&
		  rte_eth_dev_info_get(id, &device) == 0;
	ks_rss_configure(&conf, &device, key);
	is_open = is_open && rte_eth_dev_configure(id, QUEUES, QUEUES, &conf) == 0;
	for (uint16_t queue = 0; is_open && queue < QUEUES; queue++)
		is_open = rte_eth_rx_queue_setup(id, queue, 64, (unsigned int)SOCKET_ID_ANY, NULL,
				  world->pool) == 0 &&
			  rte_eth_tx_queue_setup(
				  id, queue, 64, (unsigned int)SOCKET_ID_ANY, NULL) == 0;
	tap_ok(is_open && rte_eth_dev_start(id) == 0, "port %s", name);
	return id;
}

static uint32_t
entries_of(uint16_t worker)
{
	return rss.entries_first[worker + 1] - (uint32_t)rss.entries_first[worker];
}

static void
test_key(const uint8_t key[KS_RSS_KEY_BYTES_MAX])
{
	static const uint8_t owners[KS_RSS_TABLE_MAX];
	uint8_t other[KS_RSS_KEY_BYTES_MAX];
	bool is_even = true;

	for (uint32_t size = 64; size <= KS_RSS_TABLE_MAX; size *= 2) {
		ks_rss_init(&rss, key, owners, size);
		is_even = is_even && rss.groups[KS_IPV4].first_rest == 1024 / size &&
			  rss.groups[KS_IPV6].first_rest == 1024 / size;
	}
	tap_ok(is_even, "a key makes even groups for tables of every size");
	ks_rss_make_key(other);
	tap_ok(memcmp(key, other, sizeof(other)) != 0, "and is another one each time");
}

/* Of keys made at random, one in twenty leaves workers without a client's even ports. */
static void
test_key_spreads_neighbours(void)
{
	static const uint8_t owners[KS_RSS_TABLE_MAX];
	static const uint8_t addresses[32];
	uint8_t key[KS_RSS_KEY_BYTES_MAX];
	uint32_t poor = 0;

	for (uint32_t made = 0; made < 1000; made++) {
		uint32_t seen = 0;

		ks_rss_make_key(key);
		ks_rss_init(&rss, key, owners, KS_RSS_TABLE_MAX);
		for (uint16_t port = 40000; port < 40200; port += 2) {
			const rte_be16_t ports_be[2] = {rte_cpu_to_be_16(port), 0};

			seen |= 1u << (ks_rss_hash(&rss, KS_IPV4, addresses, ports_be) & 7);
		}
		poor += seen != 0xff;
	}
	tap_equal(poor, 0, "every key spreads the ports of one client over eight workers");
}

static void
test_port_with_table(uint8_t key[KS_RSS_KEY_BYTES_MAX])
{
	struct rte_eth_rss_conf conf = {.rss_key_len = KS_TOEPLITZ_KEY_BYTES};
	uint8_t port_key[KS_TOEPLITZ_KEY_BYTES];
	struct ks_toeplitz expected;
	uint16_t id = open_port("net_null_rss", key);

	tap_ok(ks_rss_learn(&rss, id, QUEUES, QUEUES, key), "the port's own table is taken");
	tap_equal(rss.table_mask + 1, 128, "with as many entries as it has");
	for (uint16_t worker = 0; worker < QUEUES; worker++)
		tap_equal(entries_of(worker), 128 / QUEUES, "evenly set");
	conf.rss_key = port_key;
	rte_eth_dev_rss_hash_conf_get(id, &conf);
	ks_toeplitz_init(&expected, port_key);
	tap_ok(memcmp(&expected, &rss.toeplitz, sizeof(expected)) == 0,
		"and the key that it says it has");

	tap_ok(!ks_rss_learn(&rss, id, QUEUES, QUEUES + 2, key), "fewer queues than workers");
	tap_equal(rss.table_mask + 1, KS_RSS_TABLE_MAX, "software has a table of its own");
	tap_ok(entries_of(0) == 86 && entries_of(QUEUES + 1) == 85, "for all workers");
	tap_ok(!ks_rss_learn(&rss, id, 1, 1, key) && entries_of(0) == KS_RSS_TABLE_MAX,
		"one worker owns everything");
}

static void
test_port_without_hash(const uint8_t key[KS_RSS_KEY_BYTES_MAX])
{
	tap_ok(!ks_rss_learn(&rss, world->ethdev_ids[0], QUEUES, QUEUES, key),
		"a port on rings has no hash");
	for (uint16_t worker = 0; worker < QUEUES; worker++)
		tap_equal(entries_of(worker), KS_RSS_TABLE_MAX / QUEUES, "software spreads evenly");
}

int
main(void)
{
	uint8_t key[KS_RSS_KEY_BYTES_MAX];

	world = world_open("test_control_rss", 1000);
	ks_rss_make_key(key);
	test_key(key);
	test_key_spreads_neighbours();
	test_port_with_table(key);
	test_port_without_hash(key);
	return tap_done();
}
