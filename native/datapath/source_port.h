/*
 * Owner: the connection table holds it. Threads: its worker alone. Lifetime: the table's.
 *
 * Source-address pools: which local ports are taken towards which server. A worker takes a port
 * whose return packets it owns (rss.h): hash(return tuple) = constant(server, source address) XOR
 * share(port), so the ports of the right groups are known without a search, all 64 512 ports from
 * 1024 on belong to exactly one worker each, and no two workers can hold one tuple.
 *
 * One bit per (source address, server, port), in blocks of 512 that lie somewhere by hash and are
 * shared when two places fall together: a clear bit means free, a set bit may be another server's.
 * With the connection table full that costs a server less than 1 % of the ports on average.
 */
#ifndef KS_DATAPATH_SOURCE_PORT_H
#define KS_DATAPATH_SOURCE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_byteorder.h>

#include "rss.h"

#define KS_SOURCE_PORT_MIN 1024u
#define KS_SOURCE_PORTS (65536u - KS_SOURCE_PORT_MIN)

struct ks_port_map {
	uint64_t *words;
	uint64_t secret[2];
	uint32_t blocks_count;
};

/* One way from a source address to a server, as one worker may use it. */
struct ks_port_path {
	const struct ks_rss *rss; /* of the port that return packets arrive at */
	const struct ks_port_groups *groups;
	uint32_t first_block; /* where its bits begin */
	uint32_t constant;    /* index of the return tuple with local port 0 in the RSS table */
	uint32_t first_entry; /* of the worker */
	uint32_t entries_count;
};

size_t ks_port_map_bytes(uint32_t connections_max);
void ks_port_map_init(
	struct ks_port_map *map, void *memory, uint32_t connections_max, uint64_t seed);

/* return_addresses: the server's and the source address, 8 octets (IPv4) or 32, as in returns. */
struct ks_port_path ks_port_path(const struct ks_port_map *map, const struct ks_rss *rss,
	enum ks_family family, const void *return_addresses, rte_be16_t server_port_be,
	uint8_t protocol, uint16_t worker);

/*
 * Takes the next free port of the worker's at or after the cursor (0: not begun) and moves the
 * cursor behind it, so that a port rests for as long as possible before its next use. 0: none is
 * free. One cache line as a rule; when all are taken, 128 lines divided by the number of workers.
 */
uint16_t ks_source_port_take(
	struct ks_port_map *map, const struct ks_port_path *path, uint32_t *cursor);
/* Whether the RSS table leaves the worker any port on this path. */
bool ks_source_port_has_share(const struct ks_port_path *path);
void ks_source_port_release(
	struct ks_port_map *map, const struct ks_port_path *path, uint16_t port);

#endif
