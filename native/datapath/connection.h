/*
 * Owner: its worker; control only provides the memory. Threads: the worker alone. Lifetime: the
 * worker's.
 *
 * The connection table: a bucketized cuckoo hash of halves. A connection is two adjacent halves,
 * one per direction, each found by the addresses and ports that packets of its direction carry.
 */
#ifndef KS_DATAPATH_CONNECTION_H
#define KS_DATAPATH_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <emmintrin.h>

#include <rte_prefetch.h>

#include "hash.h"
#include "packet.h"
#include "source_port.h"
#include "tcp_state.h"

#define KS_BUCKET_SLOTS 8u

struct ks_bucket {
	uint16_t tags[KS_BUCKET_SLOTS];
	uint32_t halves[KS_BUCKET_SLOTS]; /* 0: free, as half 0 never matches a key */
} __rte_cache_aligned;

/* How packets of one direction are made what they leave as. */
enum ks_path {
	KS_PATH_NAT44,  /* addresses and ports by constants of the half: the straight path's */
	KS_PATH_DIRECT, /* but for TTL and MAC addresses, as they came */
	KS_PATH_TUNNEL,
	KS_PATH_NAT66,
	KS_PATH_NAT64, /* arrive as IPv6, leave as IPv4 */
	KS_PATH_NAT46,
	KS_PATHS,
};

/* Beside a path: more is to be done with each packet, so none may take the straight path. */
#define KS_PATH_SLOW 0x80u

enum ks_mark {
	KS_MARK_CLIENT_ADDRESS = 1, /* the server is still to be told, or sequences are shifted */
	KS_MARK_ONE_WAY = 2,        /* the server's packets do not come through here */
	KS_MARK_SNAT = 4,
	KS_MARK_HAS_PORT = 8, /* taken of a pool: given back at the end */
};

struct ks_connection_half {
	struct ks_flow_key key; /* as packets arrive; protocol 0: not in use */
	/*
	 * NAT44: as they leave, in the order of the headers; DIRECT: the server's; TUNNEL: of the
	 * outer header, addresses of IPv4 alone.
	 */
	rte_be32_t source_be;
	rte_be32_t destination_be;
	rte_be16_t source_port_be;
	rte_be16_t destination_port_be;
	uint16_t ip_delta; /* what the rewrite adds to the checksums; TUNNEL: 0 is not straight */
	uint16_t l4_delta;
	uint32_t neighbor; /* index; good while the top 16 bits of its word are the stamp */
	uint16_t neighbor_stamp;
	uint8_t port;
	uint8_t direction;
	uint32_t last_seen_ticks;
	uint32_t server_id;
	/* From the client: of the virtual address; else of the source; NONE: needs none of ours. */
	uint32_t address_id;
	uint8_t state;      /* the same in both halves */
	uint8_t slow_flags; /* TCP flags that may change the state: not for the straight path */
	uint8_t owner_port; /* from the server: whose RSS chose the source port */
	uint8_t path;       /* enum ks_path, and KS_PATH_SLOW */
	union {
		uint32_t next_free; /* in the first half of a free connection */
		struct {
			uint8_t tunnel; /* enum ks_tunnel */
			uint8_t tunnel_has_checksum;
			uint8_t tunnel_protocol; /* of the outer header */
			uint8_t reserved;
		};
	};
	uint16_t service_id;
	uint8_t marks;        /* enum ks_mark, the same in both halves */
	uint8_t growth_bytes; /* of the IP packet, when it leaves */
} __rte_cache_aligned;

/*
 * The addresses of a connection that has IPv6 on either side, or a tunnel: by connection, in memory
 * that is touched only when there are such ones.
 */
struct ks_endpoints {
	struct ks_ip client;
	struct ks_ip virtual_address;
	struct ks_ip local; /* a tunnel's source, else what the server sees as its client */
	struct ks_ip server;
} __rte_cache_aligned;

struct ks_client_state;

struct ks_connection_table {
	struct ks_hash_secret secret;
	struct ks_bucket *buckets;
	struct ks_connection_half *halves;     /* of connection c: 2c and 2c + 1; c starts at 1 */
	struct ks_endpoints *endpoints;        /* of connection c: c */
	struct ks_client_state *client_states; /* the same; client_address.h */
	struct ks_port_map source_ports;
	uint32_t buckets_count;
	uint32_t connections_max;
	uint32_t count;
	uint32_t first_free;   /* connections given back; 0: none */
	uint32_t highest_used; /* connections above have never been used */
	uint32_t scan_position;
	uint32_t scan_due; /* connections that expiry has still to look at */
	uint32_t scan_ticks;
} __rte_cache_aligned;

_Static_assert((KS_FROM_CLIENT | KS_MARK_ONE_WAY) == KS_FROM_CLIENT_ALONE, "a mark tells the side");
_Static_assert(sizeof(struct ks_bucket) == 64, "one cache line");
_Static_assert(sizeof(struct ks_connection_half) == 64, "one cache line");
_Static_assert(sizeof(struct ks_endpoints) == 64, "one cache line");

static inline bool
ks_flow_keys_equal(const struct ks_flow_key *left, const struct ks_flow_key *right)
{
	__m128i equal = _mm_cmpeq_epi8(
		_mm_loadu_si128((const __m128i *)left), _mm_loadu_si128((const __m128i *)right));

	return _mm_movemask_epi8(equal) == 0xffff;
}

static inline struct ks_connection_half *
ks_connection_other_half(struct ks_connection_half *half)
{
	return half->direction == KS_FROM_CLIENT ? half + 1 : half - 1;
}

static inline enum ks_path
ks_connection_path(const struct ks_connection_half *half)
{
	return (enum ks_path)(half->path & ~KS_PATH_SLOW);
}

/* Its address is served here, so it may go on. */
static inline bool
ks_connection_is_held(const struct ks_worker *worker, const struct ks_connection_half *half)
{
	return half->address_id == KS_ADDRESS_NONE ||
	       ks_address_is_held(worker->tables, half->address_id, worker->now_tsc);
}

/* By its path: no direction but the client's ever comes this way. */
static inline bool
ks_connection_is_one_way(const struct ks_connection_half *half)
{
	return half->path == KS_PATH_DIRECT || half->path == KS_PATH_TUNNEL;
}

static inline struct ks_connection_half *
ks_connection_first_half(struct ks_connection_half *half)
{
	return half->direction == KS_FROM_CLIENT ? half : half - 1;
}

static inline struct ks_endpoints *
ks_connection_endpoints(
	const struct ks_connection_table *table, const struct ks_connection_half *half)
{
	return &table->endpoints[(half - table->halves) / 2];
}

/* The first of the two buckets that a hash means. */
static inline uint32_t
ks_connection_bucket(const struct ks_connection_table *table, uint64_t hash)
{
	return (uint32_t)(((hash & UINT32_MAX) * table->buckets_count) >> 32);
}

/* First round of a lookup: sets the packet's bucket and asks for it. */
static inline void
ks_connection_prefetch_bucket(const struct ks_connection_table *table, struct ks_packet *packet)
{
	packet->bucket = &table->buckets[ks_connection_bucket(table, packet->hash)];
	rte_prefetch0(packet->bucket);
}

/*
 * Second round: sets half of every packet, in place of its bucket, to the one half that may match
 * it. Whoever uses it must compare the key, and find again when it differs: a connection may have
 * come or gone earlier in the same burst. Half 0: the bucket has none, so only the other one need
 * be searched if no connection came since. Packets that are no flows have hash 0, and get a half
 * that nobody looks at.
 */
void ks_connections_prefetch(
	const struct ks_connection_table *table, struct ks_packet *packets, uint32_t count);

/* The half with this key, or NULL. Of IPv6, see ks_connection_is_of. */
struct ks_connection_half *ks_connection_find(
	const struct ks_connection_table *table, const struct ks_flow_key *key, uint64_t hash);

/* The same for a key that is not in the first of its buckets. */
struct ks_connection_half *ks_connection_find_displaced(
	const struct ks_connection_table *table, const struct ks_flow_key *key, uint64_t hash);

/* Whether a half with the key of these IPv6 addresses, source first, 32 octets, has them indeed. */
static inline bool
ks_connection_is_of(const struct ks_connection_table *table, const struct ks_connection_half *half,
	const void *addresses)
{
	const struct ks_endpoints *of = ks_connection_endpoints(table, half);
	struct ks_ip source = ks_ip_from_octets(addresses);
	struct ks_ip destination = ks_ip_from_octets((const uint8_t *)addresses + 16);

	if (half->direction == KS_FROM_CLIENT)
		return ks_ip_equal(of->client, source) &&
		       ks_ip_equal(of->virtual_address, destination);
	return ks_ip_equal(of->server, source) && ks_ip_equal(of->local, destination);
}

/* A key and its hash. */
struct ks_flow {
	struct ks_flow_key key;
	uint64_t hash;
};

/* Asks for what ks_connection_add will touch for a key from the server. */
static inline void
ks_connection_prefetch_new(const struct ks_connection_table *table, uint64_t server_hash)
{
	rte_prefetch0(&table->buckets[ks_connection_bucket(table, server_hash)]);
}

/*
 * A new connection with these keys, which must not be in the table: its first half, with keys and
 * directions; all else is for the caller to set. from_server of protocol 0: that half is never
 * looked for. NULL when the table is full.
 */
struct ks_connection_half *ks_connection_add(struct ks_connection_table *table,
	const struct ks_flow *from_client, const struct ks_flow *from_server);

/* No connection more, whatever its keys. */
static inline bool
ks_connection_table_is_full(const struct ks_connection_table *table)
{
	return table->first_free == 0 && table->highest_used == table->connections_max;
}

/* Takes both halves out; first is what ks_connection_add returned. */
void ks_connection_remove(struct ks_connection_table *table, struct ks_connection_half *first);

/* Ends connections that have seen no packet for the timeout of their state; a few per call. */
void ks_connections_expire(struct ks_worker *worker);

#endif
