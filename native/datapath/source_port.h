/*
 * Owner: the connection table holds it. Threads: its worker alone. Lifetime: the table's.
 *
 * Which source ports are taken towards which server: one bit per (source address, server, port),
 * ports 1024-65535. Blocks of 512 bits are placed by hash and shared when two places fall together:
 * a clear bit means free, a set bit may be another server's. With the connection table full that
 * costs a server less than 1 % of the ports on average.
 */
#ifndef KS_DATAPATH_SOURCE_PORT_H
#define KS_DATAPATH_SOURCE_PORT_H

#include <stddef.h>
#include <stdint.h>

#include <rte_byteorder.h>

#define KS_SOURCE_PORT_MIN 1024u
#define KS_SOURCE_PORTS (65536u - KS_SOURCE_PORT_MIN)

struct ks_port_map {
	uint64_t *words;
	uint64_t secret;
	uint32_t block_mask;
};

/* One way to a server, and the share of ports that this worker may use on it. */
struct ks_port_path {
	rte_be32_t source_be;
	rte_be32_t server_be;
	rte_be16_t server_port_be;
	uint8_t protocol;
	uint16_t worker_index; /* ports with port % workers_count == worker_index */
	uint16_t workers_count;
};

size_t ks_port_map_bytes(uint32_t connections_max);
void ks_port_map_init(
	struct ks_port_map *map, void *memory, uint32_t connections_max, uint64_t seed);

/*
 * Takes the next free port at or after the cursor and moves the cursor behind it, so that a port
 * rests for as long as possible before its next use. 0: none is free.
 */
uint16_t ks_source_port_take(
	struct ks_port_map *map, const struct ks_port_path *path, uint32_t *cursor);
void ks_source_port_release(
	struct ks_port_map *map, const struct ks_port_path *path, uint16_t port);

#endif
