/*
 * Source ports, numbered per worker: entry of the RSS table that is the worker's, then rest within
 * the group that this entry means on this path. Words of free bits are searched from the cursor on.
 */
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "hash.h"
#include "source_port.h"

#define BLOCK_BITS 512u
#define BLOCK_WORDS (BLOCK_BITS / 64)
#define PATH_BLOCKS (65536u / BLOCK_BITS)
/* So less than one bit in a hundred is set even when the connection table is full. */
#define BITS_PER_CONNECTION 112u
#define BLOCKS_MIN 4096u

static uint32_t
blocks_count(uint32_t connections_max)
{
	uint64_t wanted = (uint64_t)connections_max * BITS_PER_CONNECTION / BLOCK_BITS;

	return wanted > BLOCKS_MIN ? (uint32_t)wanted : BLOCKS_MIN;
}

size_t
ks_port_map_bytes(uint32_t connections_max)
{
	return (size_t)blocks_count(connections_max) * (BLOCK_BITS / 8);
}

void
ks_port_map_init(struct ks_port_map *map, void *memory, uint32_t connections_max, uint64_t seed)
{
	memset(memory, 0, ks_port_map_bytes(connections_max));
	map->words = memory;
	map->secret[0] = ks_hash_scramble(seed + 1);
	map->secret[1] = ks_hash_scramble(seed + 2) | 1;
	map->blocks_count = blocks_count(connections_max);
}

/* Folds two addresses in the order of a header. */
static uint64_t
fold_addresses(const struct ks_port_map *map, enum ks_family family, const uint8_t *addresses)
{
	uint64_t words[4];

	if (family == KS_IPV4) {
		memcpy(words, addresses, 8);
		return words[0];
	}
	memcpy(words, addresses, 32);
	return ks_hash_fold(words[0] ^ map->secret[1], words[1] ^ map->secret[0]) ^
	       ks_hash_fold(words[2] ^ map->secret[0], words[3] ^ map->secret[1]);
}

struct ks_port_path
ks_port_path(const struct ks_port_map *map, const struct ks_rss *rss, enum ks_family family,
	const void *return_addresses, rte_be16_t server_port_be, uint8_t protocol, uint16_t worker)
{
	const rte_be16_t ports_be[2] = {server_port_be, 0};
	uint64_t addresses = fold_addresses(map, family, return_addresses);
	uint64_t ends = ((uint64_t)server_port_be << 8) | protocol;

	uint64_t place = ks_hash_fold(addresses ^ map->secret[0], ends ^ map->secret[1]);

	return (struct ks_port_path){
		.rss = rss,
		.groups = &rss->groups[family],
		.first_block = (uint32_t)(((place >> 32) * map->blocks_count) >> 32),
		.constant = ks_rss_hash(rss, family, return_addresses, ports_be) & rss->table_mask,
		.first_entry = rss->entries_first[worker],
		.entries_count =
			rss->entries_first[worker + 1] - (uint32_t)rss->entries_first[worker],
	};
}

static uint64_t *
block_words(const struct ks_port_map *map, const struct ks_port_path *path, uint32_t position)
{
	uint32_t block = path->first_block + position / BLOCK_BITS;

	if (block >= map->blocks_count)
		block -= map->blocks_count;
	return map->words + (size_t)block * BLOCK_WORDS;
}

/* What the worker's n-th entry of the RSS table means on this path. */
static uint32_t
group_at(const struct ks_port_path *path, uint32_t entry)
{
	return path->groups
		->group_of[path->constant ^ path->rss->entries[path->first_entry + entry]];
}

/* The first position in [from, end) with a clear bit, or end. */
static uint32_t
first_clear(
	const struct ks_port_map *map, const struct ks_port_path *path, uint32_t from, uint32_t end)
{
	while (from < end) {
		const uint64_t *words = block_words(map, path, from);
		uint64_t clear = ~words[from % BLOCK_BITS / 64] >> (from % 64);

		if (clear != 0) {
			from += (uint32_t)__builtin_ctzll(clear);
			return from < end ? from : end;
		}
		from += 64 - from % 64;
	}
	return end;
}

/* The first free port of one group, at or after `rest`; 0: none. Moves rest behind it. */
static uint16_t
take_in_group(
	struct ks_port_map *map, const struct ks_port_path *path, uint32_t group, uint32_t *rest)
{
	const struct ks_port_groups *groups = path->groups;
	uint32_t first = group << groups->rest_bits;
	uint32_t end = first + (1u << groups->rest_bits);
	uint32_t from = first + (*rest > groups->first_rest ? *rest : groups->first_rest);

	while ((from = first_clear(map, path, from, end)) < end) {
		uint16_t port = ks_port_at(groups, (uint16_t)from);

		/* Below 1024 only with a degenerate key: else first_rest has passed those. */
		if (port >= KS_SOURCE_PORT_MIN) {
			block_words(map, path, from)[from % BLOCK_BITS / 64] |= UINT64_C(1)
										<< (from % 64);
			*rest = from - first + 1;
			return port;
		}
		from++;
	}
	return 0;
}

/* Once around the worker's entries, and the rest of the first one again. */
static __rte_noinline uint16_t
search(struct ks_port_map *map, const struct ks_port_path *path, uint32_t entry, uint32_t rest,
	uint32_t *cursor)
{
	const struct ks_port_groups *groups = path->groups;

	for (uint32_t tries = 0; tries <= path->entries_count; tries++) {
		uint32_t group = group_at(path, entry);
		uint16_t port =
			group == KS_PORT_GROUP_NONE ? 0 : take_in_group(map, path, group, &rest);

		if (port != 0) {
			*cursor = (entry << groups->rest_bits) + rest + 1;
			return port;
		}
		rest = 0;
		entry = entry + 1 < path->entries_count ? entry + 1 : 0;
	}
	return 0;
}

uint16_t
ks_source_port_take(struct ks_port_map *map, const struct ks_port_path *path, uint32_t *cursor)
{
	const struct ks_port_groups *groups = path->groups;
	uint32_t number = *cursor - 1;
	uint32_t entry, rest, group;

	/* Starting elsewhere per process keeps a restart off ports that servers still remember. */
	if (unlikely(*cursor == 0))
		number = (uint32_t)(((map->secret[0] >> 32) *
					    (uint64_t)(path->entries_count << groups->rest_bits)) >>
				    32);
	entry = number >> groups->rest_bits;
	rest = number & ((1u << groups->rest_bits) - 1);
	if (unlikely(entry >= path->entries_count)) {
		entry = 0;
		if (path->entries_count == 0)
			return 0;
	}
	/* As a rule the very next port is free. */
	group = group_at(path, entry);
	if (likely(group != KS_PORT_GROUP_NONE && rest >= groups->first_rest)) {
		uint32_t position = (group << groups->rest_bits) + rest;
		uint64_t *word = &block_words(map, path, position)[position % BLOCK_BITS / 64];
		uint64_t bit = UINT64_C(1) << (position % 64);
		uint16_t port = ks_port_at(groups, (uint16_t)position);

		if (likely((*word & bit) == 0 && port >= KS_SOURCE_PORT_MIN)) {
			*word |= bit;
			*cursor = number + 2;
			return port;
		}
	}
	return search(map, path, entry, rest, cursor);
}

bool
ks_source_port_has_share(const struct ks_port_path *path)
{
	for (uint32_t entry = 0; entry < path->entries_count; entry++) {
		if (group_at(path, entry) != KS_PORT_GROUP_NONE)
			return true;
	}
	return false;
}

void
ks_source_port_release(struct ks_port_map *map, const struct ks_port_path *path, uint16_t port)
{
	uint16_t position = ks_port_position(path->groups, port);

	block_words(map, path, position)[position % BLOCK_BITS / 64] &=
		~(UINT64_C(1) << (position % 64));
}
