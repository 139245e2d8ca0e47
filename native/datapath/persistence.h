/*
 * Owner: control provides the memory of one table for all workers, before they start. Threads:
 * every worker reads and writes; control reads. Nobody waits: a bucket has a count of changes, odd
 * while one of them writes; whoever finds it changed looks again, and after a few times goes on
 * without a template. Lifetime: the data plane's.
 *
 * Persistence: clients of a service, told by the first persistence_bits of their addresses, keep
 * their server for persistence_seconds after their last new connection, and while a connection of
 * theirs lives. A template remembers it. docs/decisions/0016-persistence-is-a-hash-first.md
 */
#ifndef KS_DATAPATH_PERSISTENCE_H
#define KS_DATAPATH_PERSISTENCE_H

#include <stdatomic.h>
#include <stddef.h>

#include "hash.h"
#include "packet.h"
#include "tables.h"
#include "worker.h"

/* Of all services and workers; when they are more, those that would end soonest make room. */
#define KS_TEMPLATES_MAX 1048576u
#define KS_TEMPLATE_WAYS 7u
/* What a living connection adds at least: as much as IPVS. */
#define KS_TEMPLATE_HOLD_SECONDS 60u

/* keepalived's bound, 31 days; ticks are compared over 388. */
#define KS_PERSISTENCE_SECONDS_MAX 2678400u

struct ks_template {
	struct ks_ip client; /* masked */
	uint32_t service_id;
	uint32_t server_id;
	uint32_t expires_ticks;
	uint32_t is_used;
};

struct ks_template_bucket {
	_Atomic uint64_t changes;
	uint64_t reserved[3];
	_Atomic uint64_t words[KS_TEMPLATE_WAYS][4]; /* templates as they lie in memory */
} __rte_cache_aligned;

struct ks_persistence_table {
	struct ks_hash_secret secret; /* clients are hostile */
	uint32_t buckets_count;
	uint32_t reserved[3];
	struct ks_template_bucket buckets[];
};

_Static_assert(sizeof(struct ks_template) == 4 * sizeof(uint64_t), "a template is four words");
_Static_assert(sizeof(struct ks_template_bucket) == 256, "four cache lines");
_Static_assert(offsetof(struct ks_persistence_table, buckets) == 64, "buckets are aligned");

/* Bytes of zeroed, 64-byte aligned memory for templates_max templates, rounded up. */
size_t ks_persistence_table_bytes(uint32_t templates_max);
struct ks_persistence_table *ks_persistence_table_init(
	void *memory, uint32_t templates_max, uint64_t seed);

/* Schedulers that spread clients: with persistence, their services have Maglev's table instead. */
static inline bool
ks_persistence_is_by_hash(const struct ks_service_options *options)
{
	switch (options->scheduler) {
	case KS_SCHEDULER_FAILOVER:
	case KS_SCHEDULER_OVERFLOW:
	case KS_SCHEDULER_DESTINATION_HASH:
	case KS_SCHEDULER_LOCALITY_LEAST_CONNECTION:
	case KS_SCHEDULER_LOCALITY_LEAST_CONNECTION_REPLICATION:
		return false;
	default:
		return options->persistence_seconds != 0;
	}
}

/* The client as templates know it. */
static inline struct ks_ip
ks_persistence_client(struct ks_ip source, uint8_t persistence_bits)
{
	uint32_t bits = persistence_bits + (ks_ip_is_v4(source) ? KS_IP_V4_BITS : 0);

	return persistence_bits == 0 ? source : ks_ip_masked(source, RTE_MIN(bits, KS_IP_BITS));
}

/*
 * The server of the client's template, or a new one with a new template. As in IPVS, a template
 * also leads to an overloaded server, and to one of weight 0 unless drops_quiescent
 * (expire_quiescent_template); a server that is removed has none. NULL: nobody takes.
 */
const struct ks_server *ks_persistence_choose(struct ks_worker *worker,
	const struct ks_virtual_server *service, const struct ks_packet *packet,
	bool drops_quiescent);

/*
 * A connection of the client lives: its template, if it leads to this server, lasts for 60 seconds
 * more at least. To be called for every connection of persistent services more often than that.
 */
void ks_persistence_hold(struct ks_persistence_table *table, uint32_t service_id,
	struct ks_ip client, uint32_t server_id, uint32_t now_ticks);

/* For listings: places 0 .. places - 1; false: no template, an expired one, or one being written.
 */
uint32_t ks_persistence_places(const struct ks_persistence_table *table);
bool ks_persistence_read(const struct ks_persistence_table *table, uint32_t place,
	uint32_t now_ticks, struct ks_template *template);

#endif
