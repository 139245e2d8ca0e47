/*
 * The connection table: find, add, remove. 64-byte buckets of 8 slots; a tag of 16 bits per slot is
 * compared in one instruction, the alternative bucket follows from bucket and tag alone, and the
 * full key decides. Ageing is connection_expiry.c; what a connection is for is connect.c.
 */
#include <rte_branch_prediction.h>
#include <rte_debug.h>
#include <rte_prefetch.h>

#include "client_address.h"
#include "connection.h"

/* Buckets that a search for a free slot may visit before the table counts as full. */
#define SEARCH_BUCKETS_MAX 256u
/* Of the slots, when the table is full; a table need not be a power of two. */
#define LOAD_PERCENT_MAX 90u

static uint16_t
tag_of(uint64_t hash)
{
	return (uint16_t)(hash >> 48);
}

/* The same of a hash in memory, by one load. */
static uint16_t
tag_in(const uint64_t *hash)
{
	uint16_t tag;

	memcpy(&tag, (const uint8_t *)hash + 6, sizeof(tag));
	return tag;
}

/* A point that depends on the tag, minus the bucket: so each of the two leads to the other. */
static uint32_t
other_bucket(const struct ks_connection_table *table, uint32_t bucket, uint16_t tag)
{
	uint32_t point = ks_connection_bucket(table, tag * UINT64_C(0x5bd1e995));

	return point >= bucket ? point - bucket : point + table->buckets_count - bucket;
}

/* Bit pairs 0-1, 2-3 … of the slots whose tag is this one. */
static uint32_t
matching_slots(const struct ks_bucket *bucket, uint16_t tag)
{
	__m128i tags = _mm_load_si128((const __m128i *)bucket->tags);

	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi16(tags, _mm_set1_epi16((short)tag)));
}

/* Where a new flow would be, too, and must not be. */
static void
prefetch_other_bucket(const struct ks_connection_table *table, uint64_t hash)
{
	uint32_t bucket = ks_connection_bucket(table, hash);

	rte_prefetch0(&table->buckets[other_bucket(table, bucket, tag_of(hash))]);
}

void
ks_connections_prefetch(
	const struct ks_connection_table *table, struct ks_packet *packets, uint32_t count)
{
	struct ks_connection_half *halves = table->halves;

	for (struct ks_packet *packet = packets; packet < packets + count; packet++) {
		const struct ks_bucket *bucket = packet->bucket;
		uint32_t slots = matching_slots(bucket, tag_in(&packet->hash));

		if (unlikely(slots == 0)) {
			packet->half = halves;
			prefetch_other_bucket(table, packet->hash);
			continue;
		}
		packet->half = &halves[bucket->halves[(uint32_t)__builtin_ctz(slots) / 2]];
		rte_prefetch0(packet->half);
		if (packet->kind == KS_PACKET_PLAIN6)
			rte_prefetch0(ks_connection_endpoints(table, packet->half));
	}
}

static struct ks_connection_half *
find_in_bucket(const struct ks_connection_table *table, uint32_t bucket_index, uint16_t tag,
	const struct ks_flow_key *key)
{
	const struct ks_bucket *bucket = &table->buckets[bucket_index];

	for (uint32_t slots = matching_slots(bucket, tag); slots != 0;) {
		uint32_t slot = (uint32_t)__builtin_ctz(slots) / 2;
		struct ks_connection_half *half = &table->halves[bucket->halves[slot]];

		if (ks_flow_keys_equal(&half->key, key))
			return half;
		slots &= ~(UINT32_C(3) << (slot * 2));
	}
	return NULL;
}

struct ks_connection_half *
ks_connection_find(
	const struct ks_connection_table *table, const struct ks_flow_key *key, uint64_t hash)
{
	uint32_t bucket = ks_connection_bucket(table, hash);
	uint16_t tag = tag_of(hash);
	struct ks_connection_half *half = find_in_bucket(table, bucket, tag, key);

	if (half != NULL)
		return half;
	return find_in_bucket(table, other_bucket(table, bucket, tag), tag, key);
}

struct ks_connection_half *
ks_connection_find_displaced(
	const struct ks_connection_table *table, const struct ks_flow_key *key, uint64_t hash)
{
	uint16_t tag = tag_of(hash);
	uint32_t bucket = other_bucket(table, ks_connection_bucket(table, hash), tag);

	return find_in_bucket(table, bucket, tag, key);
}

/* KS_BUCKET_SLOTS: none is free. */
static uint32_t
free_slot(const struct ks_bucket *bucket)
{
	const __m128i *halves = (const __m128i *)bucket->halves;
	__m128i zero = _mm_setzero_si128();
	__m128i first = _mm_cmpeq_epi32(_mm_load_si128(&halves[0]), zero);
	__m128i second = _mm_cmpeq_epi32(_mm_load_si128(&halves[1]), zero);
	uint32_t free = (uint32_t)_mm_movemask_epi8(_mm_packs_epi32(first, second));

	return (uint32_t)__builtin_ctz(free | UINT32_C(1) << 16) / 2;
}

/* A bucket on the way of a search, and the slot of its parent whose entry could move here. */
struct step {
	uint32_t bucket;
	uint16_t parent; /* its own number: a start */
	uint16_t parent_slot;
};

static bool
is_on_path(const struct step *steps, uint32_t at, uint32_t bucket)
{
	for (; steps[at].bucket != bucket; at = steps[at].parent) {
		if (steps[at].parent == at)
			return false;
	}
	return true;
}

/* Moves one entry per step towards the free slot, so that the path's first bucket has one. */
static struct ks_bucket *
shift_path(struct ks_connection_table *table, const struct step *steps, uint32_t at, uint32_t *slot)
{
	while (steps[at].parent != at) {
		struct ks_bucket *to = &table->buckets[steps[at].bucket];
		uint32_t from_slot = steps[at].parent_slot;
		struct ks_bucket *from;

		at = steps[at].parent;
		from = &table->buckets[steps[at].bucket];
		to->tags[*slot] = from->tags[from_slot];
		to->halves[*slot] = from->halves[from_slot];
		from->halves[from_slot] = 0;
		*slot = from_slot;
	}
	return &table->buckets[steps[at].bucket];
}

/*
 * Breadth first from both buckets of the key: who could move to its other bucket, and who from
 * there. Nothing moves before a free slot is found.
 */
static bool
search_place(struct ks_connection_table *table, uint64_t hash, uint32_t half)
{
	struct step steps[SEARCH_BUCKETS_MAX];
	uint32_t steps_count = 2;
	uint32_t bucket = ks_connection_bucket(table, hash);

	steps[0] = (struct step){bucket, 0, 0};
	steps[1] = (struct step){other_bucket(table, bucket, tag_of(hash)), 1, 0};
	for (uint16_t at = 0; at < steps_count; at++) {
		struct ks_bucket *here = &table->buckets[steps[at].bucket];
		uint32_t slot = free_slot(here);

		if (slot < KS_BUCKET_SLOTS) {
			here = shift_path(table, steps, at, &slot);
			here->tags[slot] = tag_of(hash);
			here->halves[slot] = half;
			return true;
		}
		for (uint16_t i = 0; i < KS_BUCKET_SLOTS && steps_count < SEARCH_BUCKETS_MAX; i++) {
			uint32_t next = other_bucket(table, steps[at].bucket, here->tags[i]);

			if (!is_on_path(steps, at, next))
				steps[steps_count++] = (struct step){next, at, i};
		}
	}
	return false;
}

static bool
place(struct ks_connection_table *table, uint64_t hash, uint32_t half)
{
	struct ks_bucket *bucket = &table->buckets[ks_connection_bucket(table, hash)];
	uint32_t slot = free_slot(bucket);

	if (unlikely(slot == KS_BUCKET_SLOTS))
		return search_place(table, hash, half);
	bucket->tags[slot] = tag_of(hash);
	bucket->halves[slot] = half;
	return true;
}

static void
unplace(struct ks_connection_table *table, uint64_t hash, uint32_t half)
{
	uint32_t bucket_index = ks_connection_bucket(table, hash);

	for (int tries = 0; tries < 2; tries++) {
		struct ks_bucket *bucket = &table->buckets[bucket_index];

		for (uint32_t slot = 0; slot < KS_BUCKET_SLOTS; slot++) {
			if (bucket->halves[slot] == half) {
				bucket->halves[slot] = 0;
				return;
			}
		}
		bucket_index = other_bucket(table, bucket_index, tag_of(hash));
	}
	RTE_ASSERT(!"a half in use is in one of its two buckets");
}

static uint32_t
take_connection(struct ks_connection_table *table)
{
	uint32_t connection = table->first_free;
	const struct ks_connection_half *next;

	if (connection != 0)
		table->first_free = table->halves[connection * 2].next_free;
	else if (table->highest_used < table->connections_max)
		connection = ++table->highest_used;
	/* More of a burst may follow. */
	next = &table->halves[(table->first_free != 0 ? table->first_free : connection + 1) * 2];
	rte_prefetch0(next);
	rte_prefetch0(next + 1);
	return connection;
}

static void
give_back_connection(struct ks_connection_table *table, uint32_t connection)
{
	struct ks_connection_half *first = &table->halves[connection * 2];

	/* Nothing matches it, and expiry passes it by. */
	first[0].key = first[1].key = (struct ks_flow_key){0};
	first->next_free = table->first_free;
	table->first_free = connection;
}

struct ks_connection_half *
ks_connection_add(struct ks_connection_table *table, const struct ks_flow *from_client,
	const struct ks_flow *from_server)
{
	uint32_t connection = take_connection(table);
	struct ks_connection_half *first = &table->halves[connection * 2];

	if (unlikely(connection == 0))
		return NULL;
	if (unlikely(!place(table, from_client->hash, connection * 2))) {
		give_back_connection(table, connection);
		return NULL;
	}
	if (likely(from_server->key.protocol != 0) &&
		unlikely(!place(table, from_server->hash, connection * 2 + 1))) {
		unplace(table, from_client->hash, connection * 2);
		give_back_connection(table, connection);
		return NULL;
	}
	first[0].key = from_client->key;
	first[0].direction = KS_FROM_CLIENT;
	first[1].key = from_server->key;
	first[1].direction = KS_FROM_SERVER;
	table->count++;
	return first;
}

void
ks_connection_remove(struct ks_connection_table *table, struct ks_connection_half *first)
{
	uint32_t half = (uint32_t)(first - table->halves);

	unplace(table, ks_hash_flow(&table->secret, &first[0].key), half);
	if (likely(first[1].key.protocol != 0))
		unplace(table, ks_hash_flow(&table->secret, &first[1].key), half + 1);
	give_back_connection(table, half / 2);
	table->count--;
}

static uint32_t
buckets_count(uint32_t connections_max)
{
	uint64_t slots = (uint64_t)connections_max * 2 * 100 / LOAD_PERCENT_MAX;

	return (uint32_t)RTE_MAX(slots / KS_BUCKET_SLOTS + 1, UINT64_C(2));
}

static size_t
halves_bytes(uint32_t connections_max)
{
	return ((size_t)connections_max + 1) * 2 * sizeof(struct ks_connection_half);
}

size_t
ks_connection_table_bytes(uint32_t connections_max)
{
	return sizeof(struct ks_connection_table) +
	       buckets_count(connections_max) * sizeof(struct ks_bucket) +
	       halves_bytes(connections_max) + ks_port_map_bytes(connections_max);
}

static size_t
endpoints_bytes(uint32_t connections_max)
{
	return ((size_t)connections_max + 1) * sizeof(struct ks_endpoints);
}

size_t
ks_connection_aside_bytes(uint32_t connections_max)
{
	return endpoints_bytes(connections_max) +
	       ((size_t)connections_max + 1) * sizeof(struct ks_client_state);
}

struct ks_connection_table *
ks_connection_table_init(void *memory, void *aside, uint32_t connections_max, uint64_t seed)
{
	struct ks_connection_table *table = memory;
	size_t buckets_bytes = buckets_count(connections_max) * sizeof(struct ks_bucket);
	uint8_t *next = (uint8_t *)memory + sizeof(*table);

	memset(table, 0, sizeof(*table));
	table->secret = ks_hash_secret_from_seed(seed);
	table->endpoints = aside;
	table->client_states = (struct ks_client_state *)(void *)((uint8_t *)aside +
								  endpoints_bytes(connections_max));
	table->connections_max = connections_max;
	table->buckets_count = buckets_count(connections_max);
	table->buckets = (struct ks_bucket *)(void *)next;
	memset(next, 0, buckets_bytes);
	next += buckets_bytes;
	table->halves = (struct ks_connection_half *)(void *)next;
	memset(next, 0, halves_bytes(connections_max));
	next += halves_bytes(connections_max);
	ks_port_map_init(&table->source_ports, next, connections_max, seed);
	return table;
}

uint32_t
ks_connection_table_count(const struct ks_connection_table *table)
{
	return table->count;
}
