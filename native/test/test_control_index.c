/* control/index.c against an array that is searched from end to end, with keys of 100 octets. */
#include <stdlib.h>

#include <rte_common.h>

#include "../control/index.h"
#include "tap.h"

#define KEYS 300u
#define KEY_BYTES 100u
#define STEPS 20000u

/* Object i has keys[i]; the first octets are those of every key. */
static uint8_t keys[KEYS][KEY_BYTES];

static bool
is_wanted(const void *wanted, uint32_t value)
{
	return memcmp(wanted, keys[value], KEY_BYTES) == 0;
}

static uint64_t
good_hash(uint32_t key)
{
	return ks_index_hash(0, keys[key], KEY_BYTES);
}

/* Four values in all. */
static uint64_t
bad_hash(uint32_t key)
{
	return (uint64_t)(key % 4) << 60;
}

static uint32_t
find(const struct ks_index *index, uint64_t (*hash)(uint32_t), uint32_t key)
{
	return ks_index_find(index, hash(key), is_wanted, keys[key]);
}

static void
test_against_array(uint64_t (*hash)(uint32_t), const char *name)
{
	bool is_there[KEYS] = {false};
	struct ks_index index = {0};
	bool is_right = true;

	tap_equal(find(&index, hash, 7), KS_INDEX_NONE, "an empty index finds nothing");
	ks_index_remove(&index, hash(7), 7);
	srand(1);
	for (uint32_t step = 0; step < STEPS; step++) {
		uint32_t key = (uint32_t)rand() % KEYS;

		if (is_there[key])
			ks_index_remove(&index, hash(key), key);
		else
			ks_index_add(&index, hash(key), key);
		is_there[key] = !is_there[key];
		for (uint32_t other = 0; other < KEYS; other += 17)
			is_right &= find(&index, hash, other) ==
				    (is_there[other] ? other : KS_INDEX_NONE);
	}
	tap_ok(is_right, "%s: finds what was added and nothing that was removed", name);
	ks_index_free(&index);
	tap_equal(index.size, 0, "gives its memory back");
}

/* Keys of operators are much alike: every one of them must have slots of its own all the same. */
static void
test_spread(void)
{
	uint32_t slots[1024] = {0};
	uint32_t most = 0;

	for (uint32_t i = 0; i < 1024 * 8; i++) {
		uint8_t address[16] = {
			0x20, 0x01, 0x0d, 0xb8, [6] = (uint8_t)(i >> 8), [15] = (uint8_t)i};
		uint64_t hash = ks_index_hash(0, address, sizeof(address));
		uint32_t *slot =
			&slots[(hash * UINT64_C(0x9e3779b97f4a7c15) >> 32) % RTE_DIM(slots)];

		most = RTE_MAX(most, ++*slot);
	}
	/* 8 on the average; of a random function about 20. */
	tap_ok(most < 32, "like keys do not crowd: %u of 8 expected", most);
}

int
main(void)
{
	for (uint32_t i = 0; i < KEYS; i++)
		memcpy(&keys[i][KEY_BYTES - sizeof(i)], &i, sizeof(i));
	test_against_array(good_hash, "hashes that differ");
	test_against_array(bad_hash, "hashes that collide");
	test_spread();
	return tap_done();
}
