/*
 * Owner: the worker, 8 octets per connection. Threads: the worker alone. Lifetime: the
 * connection's.
 *
 * TOA: the client's address as a TCP option of kind 254, right behind the fixed header, in the
 * segments by which a server opens the connection. Formats of DPVS: 8 octets for a client of IPv4,
 * 20 for one of IPv6, whatever the family of the packet (so NAT64 has 20 in IPv4).
 *
 * The way of a segment from the client: ks_toa_clean, always; ks_toa_bytes, whose answer the
 * caller holds against the MTU; ks_toa_insert. The functions say what they did or why they refused:
 * all but KS_TOA_MALFORMED leave a packet that goes on.
 */
#ifndef KS_DATAPATH_TOA_H
#define KS_DATAPATH_TOA_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_byteorder.h>

#include "../ip.h"
#include "headers.h"

enum ks_toa_result {
	KS_TOA_NOTHING, /* nothing to do */
	KS_TOA_INSERTED,
	KS_TOA_REMOVED,     /* the client pretended to be another: its option is NOPs now */
	KS_TOA_KEPT,        /* the client's own goes on, as the service wants it */
	KS_TOA_NO_ROOM,     /* no room among 40 octets of options: the segment goes without */
	KS_TOA_NO_HEADROOM, /* no room in the buffer: the segment goes without */
	KS_TOA_BROKEN,      /* options that lie: what lies before the lie was looked at */
	KS_TOA_MALFORMED,   /* no TCP header */
	KS_TOA_RESULTS,
};

enum ks_toa_flag {
	KS_TOA_ACTIVE = 1, /* segments from the client are to carry it */
	KS_TOA_SENT = 2,   /* at least one did */
	KS_TOA_OPEN = 4, /* the server sent octets of its stream: it has seen the handshake's ACK */
};

struct ks_toa {
	uint32_t first_sequence; /* of the client's first octet: its ISN + 1 */
	uint8_t flags;           /* 0: segments go without */
	uint8_t reserved[3];
};

_Static_assert(sizeof(struct ks_toa) == 8, "of every connection by FNAT");

/* How long the option is: what the MSS towards the client is lowered by. */
static inline uint32_t
ks_toa_size(struct ks_ip client)
{
	return ks_ip_is_v4(client) ? 8 : 20;
}

/*
 * Takes TOA options of a client out of any of its segments, SYN or not, or keeps them
 * (KS_SERVICE_KEEPS_CLIENT_TOA): then ours are not added any more. toa: NULL when it has none.
 */
enum ks_toa_result ks_toa_clean(struct ks_headers *headers, struct ks_toa *toa, bool keeps);

/* A SYN of the client opens the connection (again, when it was lost). */
void ks_toa_begin(struct ks_toa *toa, const struct ks_headers *headers);

/* Octets by which ks_toa_insert will lengthen this segment. 0: it does nothing, or in place. */
uint32_t ks_toa_bytes(
	const struct ks_toa *toa, const struct ks_headers *headers, struct ks_ip client);

/* From the client: adds the option when this segment is one of those that carry it. */
enum ks_toa_result ks_toa_insert(struct ks_toa *toa, struct ks_headers *headers,
	struct ks_ip client, rte_be16_t client_port_be);

/* From the server: once it has acknowledged octets of the client, it knows. */
void ks_toa_from_server(struct ks_toa *toa, const struct ks_headers *headers);

#endif
