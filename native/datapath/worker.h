/*
 * Owner: control allocates and initializes it, then starts the worker. Threads: the worker alone
 * writes; control reads counters (aligned 64-bit words) at any time. Lifetime: the data plane's.
 *
 * Everything that one worker needs, passed as first argument through the packet path.
 */
#ifndef KS_DATAPATH_WORKER_H
#define KS_DATAPATH_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_rcu_qsbr.h>
#include <rte_ring.h>

#include "neighbor.h"
#include "rss.h"
#include "tables.h"
#include "verdict.h"

#define KS_BURST 32u
#define KS_PUNT_RING_SIZE 1024u
#define KS_INJECT_RING_SIZE 1024u
#define KS_STEER_RING_SIZE 1024u
/* Ticks of last-seen times and timeouts per second. */
#define KS_TICKS_PER_SECOND 64u
/* So a worker sends 1024 answers to packets that cannot go on per second, at most. */
#define KS_REPLIES_PER_TICK 16u

struct ks_connection_table;
struct ks_connection_dump;
struct ks_locality_table;
struct ks_persistence_table;

/* One Ethernet port as a worker uses it: its own receive and transmit queue. */
struct ks_worker_port {
	uint16_t ethdev_id;
	uint16_t queue_id;
	uint16_t mtu_bytes;
	/*
	 * Kernel-backed ports (veth, TAP) deliver TCP/UDP of local stacks with only the
	 * pseudo-header sum in the checksum field: complete it on receipt.
	 */
	bool completes_checksums;
	bool transmits_only; /* the port has fewer receive queues than there are workers */
	bool is_hashed;      /* the port itself spreads packets by key and table of `rss` */
	struct rte_ether_addr mac;
	uint64_t mac_word;        /* mac in the upper 48 bits, its first octet lowest */
	struct rte_ring *relay;   /* no transmit queue here: to a worker that has one; else NULL */
	const struct ks_rss *rss; /* who owns packets to addresses of this port */
	uint64_t misdirected;     /* received from is_hashed, but another worker's by `rss` */
} __rte_cache_aligned;

/* The private area of every mbuf: what the slow thread must know about a punted packet. */
struct ks_packet_note {
	uint8_t verdict; /* KS_VERDICT_punt_* */
	uint8_t port;    /* punt_resolve: the port it will leave through; else where it came from */
	uint8_t reserved[6];
	struct ks_ip next_hop; /* punt_resolve only; the packet is final but for its MACs */
};

struct ks_traffic_counters {
	uint64_t packets;
	uint64_t bytes;
};

struct ks_server_counters {
	uint64_t connections;
	uint64_t active;         /* established TCP: ipvsadm's ActiveConn */
	uint64_t inactive;       /* all other connections, UDP among them, as IPVS and DPVS count */
	uint32_t overload_stamp; /* see threshold.h; 0: not overloaded */
	uint32_t resumes_below;
	struct ks_traffic_counters traffic[2]; /* by enum ks_direction */
};

/* Why a source address gave no port for a new connection (DPVS: sa_miss). */
enum ks_miss {
	KS_MISS_EXHAUSTED, /* every port that is this worker's is in use towards the server */
	KS_MISS_NO_SHARE,  /* the RSS table gives this worker no port towards the server */
	KS_MISS_NOT_HELD,  /* the address is not held now */
	KS_MISSES,
};

struct ks_source_counters {
	uint64_t used;
	uint64_t missed[KS_MISSES];
	struct ks_ip missed_server; /* of the latest exhaustion */
	rte_be16_t missed_server_port_be;
	uint16_t reserved;
	uint32_t cursor; /* where the search for a free port goes on; the worker's own */
};

/* What a worker remembers of one service; starts as zeros. Options are those of its revision. */
struct ks_scheduler_state {
	uint32_t position;
	uint32_t weight_now;
	uint32_t source_position;
	uint32_t revision; /* 0: no connection ever began */
	bool is_persistent;
	uint8_t persistence_bits;
	bool ends_gone;             /* expire_quiescent: not only drops what is for a server gone */
	bool resets_gone;           /* And rejects: who goes on is told by a RST. */
	uint32_t connections;       /* now */
	uint32_t established_ticks; /* timeout of its established connections; 0: the general */
};

/* The neighbour that packets to an address leave by, while its word has the stamp. */
struct ks_known_hop {
	struct ks_ip destination; /* none: free */
	uint32_t neighbor;
	uint16_t neighbor_stamp;
	uint8_t port;
	uint8_t reserved[9];
};

#define KS_KNOWN_HOPS 256u

struct ks_worker {
	const struct ks_tables *tables; /* valid for the burst in progress */
	const struct ks_neighbor_table *neighbors;
	struct ks_connection_table *connections;
	struct ks_connection_dump *dump; /* for listings; NULL: there are none */
	uint64_t now_tsc;                /* start of the pass in progress */
	uint64_t next_tick_tsc;
	uint32_t now_ticks;
	uint32_t replies_left; /* in this tick: ICMP errors and RST of our own */
	uint16_t index;
	uint16_t workers_count;
	uint16_t ports_count;
	uint16_t cpu;

	struct ks_server_counters *servers;    /* KS_SERVERS_MAX at most, servers_max of them */
	struct ks_source_counters *sources;    /* by address id */
	struct ks_scheduler_state *schedulers; /* by virtual server id */
	struct ks_locality_table *locality;
	struct ks_persistence_table *persistence; /* the same for all workers: see there */
	uint32_t servers_max;
	uint32_t addresses_max;
	uint32_t services_max;

	struct rte_ring *punt;   /* to the slow thread; single producer, single consumer */
	struct rte_ring *inject; /* complete frames for our queues, note.port = where to */
	struct rte_ring *steer[KS_WORKERS_MAX]; /* to worker [i]; multi producer */
	struct rte_ring *steered;               /* what others steered here */

	_Atomic(const struct ks_tables *) *published;
	struct rte_rcu_qsbr *qsbr; /* thread id = index */
	uint64_t tsc_per_tick;

	_Atomic uint32_t counts_change; /* odd while rx, steered_in and verdicts change */
	uint64_t rx;
	uint64_t steered_in;
	uint64_t injected;
	uint64_t inject_failed; /* injected packets that the port did not take */
	uint64_t checksums_completed;
	uint64_t untold; /* packets that had no room for TOA or UOA, and went without */
	uint64_t verdicts[KS_VERDICT_COUNT];

	struct ks_worker_port ports[KS_PORTS_MAX];
	struct rte_mbuf *tx[KS_PORTS_MAX][KS_BURST * 2]; /* filled in a burst, flushed at its end */
	uint16_t tx_count[KS_PORTS_MAX];
	struct ks_known_hop known_hops[KS_KNOWN_HOPS]; /* by hash of the address */
} __rte_cache_aligned;

/* The word that ks_worker_port keeps of an address. */
static inline uint64_t
ks_mac_word(const struct rte_ether_addr *mac)
{
	uint64_t word = 0;

	memcpy(&word, mac, sizeof(*mac));
	return word << 16;
}

static inline struct ks_packet_note *
ks_packet_note(struct rte_mbuf *packet)
{
	return rte_mbuf_to_priv(packet);
}

/*
 * One pass of the worker over its ports and rings: receive, decide, send, expire a few connections.
 * Reports a quiescent state at its start. Returns the number of packets seen (0: idle).
 */
uint32_t ks_pipeline_run(struct ks_worker *worker);

/*
 * Bytes of memory (64-byte aligned) for a table of connections_max connections, and for what
 * only some of them need, whose pages need not be there before they are touched; and its start.
 */
size_t ks_connection_table_bytes(uint32_t connections_max);
size_t ks_connection_aside_bytes(uint32_t connections_max);
struct ks_connection_table *ks_connection_table_init(
	void *memory, void *aside, uint32_t connections_max, uint64_t seed);
uint32_t ks_connection_table_count(const struct ks_connection_table *table);

_Static_assert(KS_RSS_WORKERS_MAX == KS_WORKERS_MAX, "every worker may own packets");
_Static_assert(sizeof(struct ks_known_hop) == 32, "two in a cache line");
_Static_assert(sizeof(struct ks_worker_port) == 64, "one cache line");
_Static_assert(sizeof(struct ks_packet_note) == 24, "fits the mbuf's private area");
_Static_assert(sizeof(struct ks_server_counters) == 64, "one cache line");

#endif
