/* connection.c: 100 000 connections in, found, out again; displacement, duplicates of tags, full.
 */
#include <stdlib.h>

#include "connection.h"
#include "packet_builder.h"
#include "tap.h"

#define CONNECTIONS 100000u

struct pair {
	struct ks_flow_key client;
	struct ks_flow_key server;
	struct ks_connection_half *first;
};

static uint64_t random_state = 88172645463325252u;

static uint32_t
next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 16);
}

static struct ks_connection_table *
new_table(uint32_t connections_max)
{
	size_t bytes = ks_connection_table_bytes(connections_max);
	void *memory = aligned_alloc(64, bytes);

	/* It must not count on zeroed memory. */
	memset(memory, 0xa5, bytes);
	return ks_connection_table_init(memory, NULL, connections_max, 7);
}

static struct ks_flow_key
random_key(uint32_t number)
{
	/* The number in the ports and the low address bits keeps keys distinct. */
	return (struct ks_flow_key){.source_be = next_random() << 8 | (number & 0xff),
		.destination_be = next_random(),
		.source_port_be = (rte_be16_t)(number >> 8),
		.destination_port_be = (rte_be16_t)(number >> 24 | 0x1000),
		.protocol = BUILT_TCP};
}

static struct ks_connection_half *
find(const struct ks_connection_table *table, const struct ks_flow_key *key)
{
	return ks_connection_find(table, key, ks_hash_flow(&table->secret, key));
}

static struct ks_connection_half *
add(struct ks_connection_table *table, const struct ks_flow_key *from_client,
	const struct ks_flow_key *from_server)
{
	struct ks_flow client = {*from_client, ks_hash_flow(&table->secret, from_client)};
	struct ks_flow server = {*from_server, ks_hash_flow(&table->secret, from_server)};

	return ks_connection_add(table, &client, &server);
}

static uint32_t
bucket_of(const struct ks_connection_table *table, const struct ks_flow_key *key)
{
	uint64_t hash = ks_hash_flow(&table->secret, key);

	return (uint32_t)(((hash & UINT32_MAX) * table->buckets_count) >> 32);
}

static void
add_all(struct ks_connection_table *table, struct pair *pairs, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		pairs[i].client = random_key(i * 2);
		pairs[i].server = random_key(i * 2 + 1);
		pairs[i].first = add(table, &pairs[i].client, &pairs[i].server);
	}
}

static uint32_t
missing(const struct ks_connection_table *table, const struct pair *pairs, uint32_t from,
	uint32_t end)
{
	uint32_t count = 0;

	for (uint32_t i = from; i < end; i++)
		count += find(table, &pairs[i].client) != pairs[i].first ||
			 find(table, &pairs[i].server) != pairs[i].first + 1;
	return count;
}

static uint32_t
slots_in_use(const struct ks_connection_table *table)
{
	uint32_t count = 0;

	for (uint32_t bucket = 0; bucket < table->buckets_count; bucket++)
		for (uint32_t slot = 0; slot < KS_BUCKET_SLOTS; slot++)
			count += table->buckets[bucket].halves[slot] != 0;
	return count;
}

static uint32_t
displaced(const struct ks_connection_table *table)
{
	uint32_t count = 0;

	for (uint32_t bucket = 0; bucket < table->buckets_count; bucket++) {
		for (uint32_t slot = 0; slot < KS_BUCKET_SLOTS; slot++) {
			uint32_t half = table->buckets[bucket].halves[slot];

			count += half != 0 && bucket_of(table, &table->halves[half].key) != bucket;
		}
	}
	return count;
}

static void
test_many(void)
{
	struct ks_connection_table *table = new_table(CONNECTIONS);
	struct pair *pairs = calloc(CONNECTIONS, sizeof(*pairs));
	uint32_t failed = 0;

	add_all(table, pairs, CONNECTIONS);
	for (uint32_t i = 0; i < CONNECTIONS; i++)
		failed += pairs[i].first == NULL;
	tap_equal(failed, 0, "100 000 random connections go in");
	tap_equal(ks_connection_table_count(table), CONNECTIONS, "and are counted");
	tap_equal(missing(table, pairs, 0, CONNECTIONS), 0, "each is found in both directions");
	tap_ok(displaced(table) > 0, "%u halves are in their second bucket", displaced(table));
	tap_ok(add(table, &(struct ks_flow_key){.protocol = 6},
		       &(struct ks_flow_key){.protocol = 17}) == NULL,
		"one more than the table holds is refused");

	for (uint32_t i = 0; i < CONNECTIONS / 2; i++)
		ks_connection_remove(table, pairs[i].first);
	failed = 0;
	for (uint32_t i = 0; i < CONNECTIONS / 2; i++)
		failed += find(table, &pairs[i].client) != NULL ||
			  find(table, &pairs[i].server) != NULL;
	tap_equal(failed, 0, "what was removed is not found");
	tap_equal(missing(table, pairs, CONNECTIONS / 2, CONNECTIONS), 0, "the rest is");
	add_all(table, pairs, CONNECTIONS / 2);
	tap_equal(missing(table, pairs, 0, CONNECTIONS), 0, "the place is used again");
	for (uint32_t i = 0; i < CONNECTIONS; i++)
		ks_connection_remove(table, pairs[i].first);
	tap_equal(ks_connection_table_count(table), 0, "all removed");
	tap_equal(slots_in_use(table), 0, "no slot is left behind");
	free(pairs);
	free(table);
}

/* Buckets much smaller than the halves they must hold: moves along paths, then refusals. */
static void
test_crowded(void)
{
	struct ks_connection_table *table = new_table(CONNECTIONS);
	struct pair *pairs = calloc(CONNECTIONS, sizeof(*pairs));
	uint32_t added, slots;

	table->buckets_count = 1021;
	slots = table->buckets_count * KS_BUCKET_SLOTS;
	add_all(table, pairs, slots);
	for (added = 0; added < slots && pairs[added].first != NULL; added++)
		;
	tap_ok(added * 2 > slots * 90 / 100, "%u of %u slots are filled before the first refusal",
		added * 2, slots);
	added = 0;
	for (uint32_t i = 0; i < slots; i++) {
		if (pairs[i].first != NULL)
			pairs[added++] = pairs[i];
	}
	tap_equal(missing(table, pairs, 0, added), 0, "refusals lose nobody");
	tap_equal(ks_connection_table_count(table), added, "refusals are not counted");
	tap_equal(slots_in_use(table), added * 2, "refusals leave no half");
	for (uint32_t i = 0; i < added; i++)
		ks_connection_remove(table, pairs[i].first);
	tap_equal(slots_in_use(table), 0, "all removed");
	free(pairs);
	free(table);
}

static void
test_prefetch_candidates(void)
{
	struct ks_connection_table *table = new_table(1000);
	struct pair pairs[32];
	struct ks_packet packets[33];
	uint32_t right = 0;

	add_all(table, pairs, 32);
	for (uint32_t i = 0; i < 33; i++) {
		packets[i].key = i < 32 ? pairs[i].client : random_key(9999);
		packets[i].hash = ks_hash_flow(&table->secret, &packets[i].key);
		ks_connection_prefetch_bucket(table, &packets[i]);
	}
	ks_connections_prefetch(table, packets, 33);
	for (uint32_t i = 0; i < 32; i++)
		right += packets[i].half == pairs[i].first;
	tap_equal(right, 32, "the bulk lookup names the half of every key");
	tap_ok(!ks_flow_keys_equal(&packets[32].half->key, &packets[32].key),
		"an unknown key gets a half that does not match");
	free(table);
}

/* With the same addresses and different seeds, buckets are unrelated. */
static void
test_seeds(void)
{
	struct ks_hash_secret one = ks_hash_secret_from_seed(1), two = ks_hash_secret_from_seed(2);
	uint32_t together_one = 0, together_two = 0;
	struct ks_flow_key first = random_key(0);
	uint32_t bucket_one = (uint32_t)ks_hash_flow(&one, &first) & 0xff;
	uint32_t bucket_two = (uint32_t)ks_hash_flow(&two, &first) & 0xff;

	for (uint32_t i = 1; i < 65536; i++) {
		struct ks_flow_key key = first;

		key.source_port_be = (rte_be16_t)(first.source_port_be + i);
		if (((uint32_t)ks_hash_flow(&one, &key) & 0xff) != bucket_one)
			continue;
		together_one++;
		together_two += ((uint32_t)ks_hash_flow(&two, &key) & 0xff) == bucket_two;
	}
	tap_ok(together_one > 128 && together_one < 512, "%u of 65536 ports share a 256th",
		together_one);
	tap_ok(together_two < together_one / 8, "%u of these also under another seed",
		together_two);
}

int
main(void)
{
	test_many();
	test_crowded();
	test_prefetch_candidates();
	test_seeds();
	return tap_done();
}
