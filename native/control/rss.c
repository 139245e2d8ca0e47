#include "rss.h"

#include <string.h>
#include <sys/random.h>

#include <rte_cycles.h>

#include "../datapath/hash.h"

#define HASHED (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP)
#define TABLE_GROUPS_MAX (2048u / RTE_ETH_RETA_GROUP_SIZE)

/* Where Linux begins with the ports of clients. */
#define KS_FIRST_CLIENT_PORT 32768u

static void
fill_random(uint8_t *bytes, uint32_t count)
{
	uint64_t seed = rte_rdtsc();

	if (getrandom(bytes, count, GRND_NONBLOCK) == (ssize_t)count)
		return;
	/* The clock is no secret; the hash is only less hard to aim at. */
	for (uint32_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)ks_hash_scramble(seed + i);
}

/*
 * One client's ports, which its kernel takes two by two, go to eight workers alike: a key may as
 * well not look at their lower bits.
 */
static bool
spreads_neighbours(const struct ks_rss *rss, enum ks_family family)
{
	static const uint8_t addresses[32];
	uint32_t seen = 0;

	for (uint32_t i = 0; i < 64; i++) {
		const rte_be16_t ports_be[2] = {
			rte_cpu_to_be_16((uint16_t)(KS_FIRST_CLIENT_PORT + 2 * i)), 0};

		seen |= 1u << (ks_rss_hash(rss, family, addresses, ports_be) & 7);
	}
	return seen == 0xff;
}

void
ks_rss_make_key(uint8_t key[KS_RSS_KEY_BYTES_MAX])
{
	static struct ks_rss trial;
	static const uint8_t owners[KS_RSS_TABLE_MAX];

	/* About one key in six will do. */
	for (uint32_t tries = 0; tries < 1000; tries++) {
		fill_random(key, KS_RSS_KEY_BYTES_MAX);
		ks_rss_init(&trial, key, owners, KS_RSS_TABLE_MAX);
		if (trial.groups[KS_IPV4].first_rest != 0 &&
			trial.groups[KS_IPV6].first_rest != 0 &&
			spreads_neighbours(&trial, KS_IPV4) && spreads_neighbours(&trial, KS_IPV6))
			return;
	}
}

void
ks_rss_configure(struct rte_eth_conf *conf, const struct rte_eth_dev_info *device,
	uint8_t key[KS_RSS_KEY_BYTES_MAX])
{
	uint64_t hashed = device->flow_type_rss_offloads & HASHED;

	if (hashed == 0)
		return;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf->rx_adv_conf.rss_conf.rss_hf = hashed;
	if (device->hash_key_size >= KS_TOEPLITZ_KEY_BYTES &&
		device->hash_key_size <= KS_RSS_KEY_BYTES_MAX) {
		conf->rx_adv_conf.rss_conf.rss_key = key;
		conf->rx_adv_conf.rss_conf.rss_key_len = device->hash_key_size;
	}
}

/* What the driver says that it uses, whatever was asked for. */
static bool
read_key(uint16_t ethdev_id, uint8_t key[KS_RSS_KEY_BYTES_MAX])
{
	struct rte_eth_rss_conf conf = {.rss_key = key, .rss_key_len = KS_RSS_KEY_BYTES_MAX};

	memset(key, 0, KS_RSS_KEY_BYTES_MAX);
	if (rte_eth_dev_rss_hash_conf_get(ethdev_id, &conf) != 0)
		return false;
	/* A driver that keeps the key to itself leaves it as it was. */
	for (uint32_t i = 0; i < KS_TOEPLITZ_KEY_BYTES; i++) {
		if (key[i] != 0)
			return (conf.rss_hf & RTE_ETH_RSS_NONFRAG_IPV4_TCP) != 0;
	}
	return false;
}

static void
set_table(uint16_t ethdev_id, uint32_t size, uint32_t rx_queues)
{
	struct rte_eth_rss_reta_entry64 groups[TABLE_GROUPS_MAX] = {{0}};

	for (uint32_t i = 0; i < size; i++) {
		struct rte_eth_rss_reta_entry64 *group = &groups[i / RTE_ETH_RETA_GROUP_SIZE];

		group->mask |= UINT64_C(1) << (i % RTE_ETH_RETA_GROUP_SIZE);
		/* With a period that is a power of two, more entries than we keep say no more. */
		group->reta[i % RTE_ETH_RETA_GROUP_SIZE] =
			(uint16_t)(i % KS_RSS_TABLE_MAX % rx_queues);
	}
	rte_eth_dev_rss_reta_update(ethdev_id, groups, (uint16_t)size);
}

/* The table as it is, 0..511 of it; false: unreadable, or not to be told by its first entries. */
static bool
read_table(uint16_t ethdev_id, uint32_t size, uint8_t *owners, uint32_t workers_count)
{
	struct rte_eth_rss_reta_entry64 groups[TABLE_GROUPS_MAX] = {{0}};

	for (uint32_t i = 0; i < size / RTE_ETH_RETA_GROUP_SIZE; i++)
		groups[i].mask = UINT64_MAX;
	if (rte_eth_dev_rss_reta_query(ethdev_id, groups, (uint16_t)size) != 0)
		return false;
	for (uint32_t i = 0; i < size; i++) {
		uint16_t queue =
			groups[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];

		if (queue >= workers_count)
			return false;
		if (i < KS_RSS_TABLE_MAX)
			owners[i] = (uint8_t)queue;
		else if (owners[i % KS_RSS_TABLE_MAX] != queue)
			return false;
	}
	return true;
}

static bool
learn_from_port(struct ks_rss *rss, uint16_t ethdev_id, uint32_t workers_count)
{
	struct rte_eth_dev_info device;
	uint8_t key[KS_RSS_KEY_BYTES_MAX], owners[KS_RSS_TABLE_MAX];
	uint32_t size;

	if (rte_eth_dev_info_get(ethdev_id, &device) != 0)
		return false;
	size = device.reta_size;
	if (size < KS_RSS_TABLE_MIN || size > TABLE_GROUPS_MAX * RTE_ETH_RETA_GROUP_SIZE ||
		(size & (size - 1)) != 0 || !read_key(ethdev_id, key))
		return false;
	set_table(ethdev_id, size, workers_count);
	if (!read_table(ethdev_id, size, owners, workers_count))
		return false;
	ks_rss_init(rss, key, owners, RTE_MIN(size, KS_RSS_TABLE_MAX));
	return true;
}

bool
ks_rss_learn(struct ks_rss *rss, uint16_t ethdev_id, uint32_t rx_queues, uint32_t workers_count,
	const uint8_t key[KS_RSS_KEY_BYTES_MAX])
{
	uint8_t owners[KS_RSS_TABLE_MAX];

	if (workers_count > 1 && rx_queues == workers_count &&
		learn_from_port(rss, ethdev_id, workers_count))
		return true;
	for (uint32_t i = 0; i < KS_RSS_TABLE_MAX; i++)
		owners[i] = (uint8_t)(i % workers_count);
	ks_rss_init(rss, key, owners, KS_RSS_TABLE_MAX);
	return false;
}
