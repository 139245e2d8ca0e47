/*
 * Owner: the worker, one octet per connection. Threads: the worker alone. Lifetime: the
 * connection's.
 *
 * UOA: the client's address in the first datagrams of a UDP flow, as DPVS and its uoa.ko know it.
 * Two carriers: a header of IP protocol 248 between IP and UDP ("opp"), or an IPv4 option ("ipo").
 * A datagram that has no room is preceded by an empty one that carries it.
 *
 * The UDP checksum remains that of the plain datagram, which the receiver takes the carrier out of
 * (DPVS writes 0 in IPv4).
 */
#ifndef KS_DATAPATH_UOA_H
#define KS_DATAPATH_UOA_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_byteorder.h>

#include "../ip.h"
#include "../service.h"
#include "headers.h"

#define KS_UOA_IP_PROTOCOL 248u
#define KS_UOA_KIND 31u

enum ks_uoa_result {
	KS_UOA_NOTHING, /* no trail is left */
	KS_UOA_INSERTED,
	KS_UOA_APART,        /* the other packet carries it, and must leave first */
	KS_UOA_NEEDS_PACKET, /* nothing was done: call again with an empty mbuf */
	KS_UOA_NO_CARRIER,   /* "ipo", and not IPv4 on both sides: the datagram goes without */
	KS_UOA_NO_BUFFER,    /* the empty mbuf is too small: the datagram goes without */
	KS_UOA_MALFORMED,    /* no UDP header */
	KS_UOA_RESULTS,
};

/* A new flow: how many datagrams at most will carry it. */
static inline uint8_t
ks_uoa_begin(uint8_t trails_max)
{
	return trails_max;
}

/* Whether the next datagram of the client is to carry it. */
static inline bool
ks_uoa_is_wanted(uint8_t trails_left)
{
	return trails_left > 0;
}

/*
 * Adds it to a datagram for the server, or writes a datagram of its own into `apart`: an empty
 * mbuf, or NULL. Counts trails_left down when it leaves with either.
 */
enum ks_uoa_result ks_uoa_insert(uint8_t *trails_left, struct ks_headers *headers,
	enum ks_uoa_mode mode, struct ks_ip client, rte_be16_t client_port_be, uint32_t mtu_bytes,
	struct rte_mbuf *apart);

/* The server has answered: it knows. */
static inline void
ks_uoa_from_server(uint8_t *trails_left)
{
	*trails_left = 0;
}

/*
 * Takes IPv4 options of kind 31 out of a client's datagram, as with them it could pretend to be
 * another, and what lies behind the end of the list, where uoa.ko still looks. True when there was
 * something.
 */
bool ks_uoa_clean(struct ks_headers *headers);

#endif
