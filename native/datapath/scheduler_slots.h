/*
 * Owner: control builds the table with the service it belongs to (control/scheduler_table.c) and
 * frees it with it. Threads: workers only read. Lifetime: the published service's.
 *
 * sh, dh and mh: a table of slots, each with a server; the hash of an address says which slot.
 * Servers of weight 0 have no slot. IPVS keeps theirs and refuses the clients that meet them,
 * unless told sh-fallback or mh-fallback; here those clients go elsewhere at once, and a fallback
 * is for overloaded servers alone.
 */
#ifndef KS_DATAPATH_SCHEDULER_SLOTS_H
#define KS_DATAPATH_SCHEDULER_SLOTS_H

#include "scheduler.h"

/* sh and dh: slots by share of weight. */
#define KS_HASH_SLOTS_MIN 256u
#define KS_HASH_SLOTS_MAX 65536u /* more only when there are more servers */

/* mh: any prime in this range; the kernel's are 251, 509, 1021, 2039, 4093, ... 131071. */
#define KS_MAGLEV_SLOTS_MIN 251u
#define KS_MAGLEV_SLOTS_MAX 131071u
#define KS_MAGLEV_SLOTS_DEFAULT 4093u /* of IPVS and DPVS; right for up to 40 servers */

enum ks_scheduler_table_kind {
	KS_TABLE_SLOTS = 1,
	KS_TABLE_RING,
};

struct ks_slots {
	uint32_t kind;        /* KS_TABLE_SLOTS */
	uint32_t slots_count; /* at least 1 */
	uint32_t servers[];   /* by slot: index in the service's servers */
};

_Static_assert(sizeof(struct ks_slots) == 8, "slots follow their count");

/*
 * The server of a client's slot, or NULL when that one takes none: then with KS_HASH_FALLBACK
 * others that are told by the same address, so that a client stays with one of them.
 */
const struct ks_server *ks_slots_choose(const struct ks_worker *worker,
	const struct ks_virtual_server *service, struct ks_ip client, rte_be16_t port_be,
	bool falls_back);

/* When most are overloaded: whoever takes, from a place on that the client's hash tells. */
const struct ks_server *ks_any_server(
	const struct ks_worker *worker, const struct ks_virtual_server *service, uint64_t hash);

#endif
