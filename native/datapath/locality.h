/*
 * Owner: control provides the memory, one table per worker. Threads: the worker alone. Lifetime:
 * the worker's.
 *
 * What lblc and lblcr remember: which servers took connections to a destination address. One table
 * for all services of a worker, of fixed size: 16 384 entries, 1 MiB. IPVS keeps 16 384 per service
 * and begins to drop those that were not used for 6 minutes when they are more; here the one of
 * four that was used longest ago makes room at once. What is forgotten is scheduled as if new.
 * Entries unused for a day count as forgotten, as in IPVS.
 */
#ifndef KS_DATAPATH_LOCALITY_H
#define KS_DATAPATH_LOCALITY_H

#include <stddef.h>
#include <stdint.h>

#include "../ip.h"
#include "hash.h"

#define KS_LOCALITIES 16384u
#define KS_LOCALITY_WAYS 4u
#define KS_LOCALITY_SERVERS 8u /* lblcr: of one destination; IPVS has no bound */

struct ks_locality {
	struct ks_ip destination;
	uint32_t service_id;
	uint32_t used_ticks;
	uint32_t changed_ticks;                /* when a server was added or taken away */
	uint32_t count;                        /* of servers; 0: a free entry */
	uint32_t servers[KS_LOCALITY_SERVERS]; /* ids */
};

struct ks_locality_table {
	struct ks_hash_secret secret; /* clients choose destinations */
	uint64_t reserved[2];
	struct ks_locality entries[KS_LOCALITIES];
};

_Static_assert(sizeof(struct ks_locality) == 64, "one cache line");
_Static_assert(offsetof(struct ks_locality_table, entries) == 64, "entries are aligned");

/* table: zeroed, 64-byte aligned. */
void ks_locality_init(struct ks_locality_table *table, uint64_t seed);

/* The entry, used now; NULL: there is none. */
struct ks_locality *ks_locality_find(struct ks_locality_table *table, uint32_t service_id,
	struct ks_ip destination, uint32_t now_ticks);

/* A new entry without servers, for what ks_locality_find did not find. */
struct ks_locality *ks_locality_make(struct ks_locality_table *table, uint32_t service_id,
	struct ks_ip destination, uint32_t now_ticks);

#endif
