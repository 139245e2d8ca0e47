/*
 * Source ports of FNAT connections, per source address and server. The share of worker w of n is
 * numbered from 0: number i is port first + i * n. Taking a port costs one cache line as a rule
 * and at most one pass over the share's blocks (126 lines for one worker), also when all are taken.
 */
#include <string.h>

#include "hash.h"
#include "source_port.h"

#define BLOCK_BITS 512u
#define BLOCK_WORDS (BLOCK_BITS / 64)
/* So at most one bit in 128 is set even when the connection table is full. */
#define BITS_PER_CONNECTION 128u
#define BLOCKS_MIN 4096u

struct share {
	uint32_t first_port;
	uint32_t ports_count;
	uint32_t first_block;
	uint32_t block_stride; /* odd: as many distinct blocks as the map has */
	uint32_t cursor_start;
};

static uint32_t
blocks_count(uint32_t connections_max)
{
	uint64_t wanted = (uint64_t)connections_max * BITS_PER_CONNECTION / BLOCK_BITS;
	uint32_t blocks = BLOCKS_MIN;

	while (blocks < wanted)
		blocks *= 2;
	return blocks;
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
	map->secret = ks_hash_scramble(seed + 1);
	map->block_mask = blocks_count(connections_max) - 1;
}

static struct share
share_of(const struct ks_port_map *map, const struct ks_port_path *path)
{
	uint32_t workers = path->workers_count;
	uint32_t skipped = (path->worker_index + workers - KS_SOURCE_PORT_MIN % workers) % workers;
	uint64_t addresses = ((uint64_t)path->server_be << 32) | path->source_be;
	uint64_t ends = ((uint64_t)path->server_port_be << 8) | path->protocol;
	uint64_t hash = ks_hash_scramble(addresses ^ map->secret);
	uint64_t source = ks_hash_scramble(path->source_be ^ map->secret);
	uint32_t ports_count = (KS_SOURCE_PORTS - skipped + workers - 1) / workers;

	hash = ks_hash_scramble(hash + ends);
	return (struct share){
		.first_port = KS_SOURCE_PORT_MIN + skipped,
		.ports_count = ports_count,
		.first_block = (uint32_t)hash,
		.block_stride = (uint32_t)(hash >> 32) | 1,
		.cursor_start = (uint32_t)(((source >> 32) * ports_count) >> 32),
	};
}

static uint64_t *
block_words(const struct ks_port_map *map, const struct share *share, uint32_t number)
{
	uint32_t block = share->first_block + number / BLOCK_BITS * share->block_stride;

	return map->words + (size_t)(block & map->block_mask) * BLOCK_WORDS;
}

/* The first number in [from, end) with a clear bit, or end. */
static uint32_t
first_clear(const struct ks_port_map *map, const struct share *share, uint32_t from, uint32_t end)
{
	while (from < end) {
		const uint64_t *words = block_words(map, share, from);
		uint64_t clear = ~words[from % BLOCK_BITS / 64] >> (from % 64);

		if (clear != 0) {
			from += (uint32_t)__builtin_ctzll(clear);
			return from < end ? from : end;
		}
		from += 64 - from % 64;
	}
	return end;
}

uint16_t
ks_source_port_take(struct ks_port_map *map, const struct ks_port_path *path, uint32_t *cursor)
{
	struct share share = share_of(map, path);
	/* Starting elsewhere per process keeps a restart off ports that servers still remember. */
	uint32_t start = (share.cursor_start + *cursor) % share.ports_count;
	uint32_t number = first_clear(map, &share, start, share.ports_count);

	if (number == share.ports_count) {
		number = first_clear(map, &share, 0, start);
		if (number == start)
			return 0;
	}
	block_words(map, &share, number)[number % BLOCK_BITS / 64] |= UINT64_C(1) << (number % 64);
	*cursor = (number + 1 + share.ports_count - share.cursor_start) % share.ports_count;
	return (uint16_t)(share.first_port + number * path->workers_count);
}

void
ks_source_port_release(struct ks_port_map *map, const struct ks_port_path *path, uint16_t port)
{
	struct share share = share_of(map, path);
	uint32_t number = (port - share.first_port) / path->workers_count;

	block_words(map, &share, number)[number % BLOCK_BITS / 64] &=
		~(UINT64_C(1) << (number % 64));
}
