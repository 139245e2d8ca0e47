/*
 * Owner: the caller's values. Threads: any. Lifetime: a value's.
 *
 * Headers of the PROXY protocol, versions 1 (text) and 2 (binary), after HAProxy's
 * doc/proxy-protocol.txt, sections 2.1 and 2.2: written, and found at the start of a payload. What
 * happens to a packet is in proxy_header_tcp.h and proxy_header_udp.h.
 */
#ifndef KS_DATAPATH_PROXY_HEADER_H
#define KS_DATAPATH_PROXY_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_byteorder.h>

#include "../ip.h"
#include "../service.h"
#include "headers.h"

/* The longest line of version 1; ours of version 2 have 16, 28 or 52 octets. */
#define KS_PROXY_HEADER_BYTES_MAX 107u

enum ks_proxy_family {
	KS_PROXY_UNKNOWN, /* nothing known: the server takes what it sees of the connection */
	KS_PROXY_IPV4,
	KS_PROXY_IPV6,
};

/* Who spoke to whom before us. */
struct ks_proxy_addresses {
	struct ks_ip source;
	struct ks_ip destination;
	rte_be16_t source_port_be;
	rte_be16_t destination_port_be;
	uint8_t family; /* enum ks_proxy_family; IPV6 may hold IPv4 addresses in IPv6's form */
	uint8_t reserved[3];
};

_Static_assert(sizeof(struct ks_proxy_addresses) == 40, "no padding");

enum ks_proxy_client {
	KS_PROXY_CLIENT_UNDECIDED,  /* nothing of its stream was seen */
	KS_PROXY_CLIENT_SILENT,     /* no header of its own */
	KS_PROXY_CLIENT_BROKEN,     /* it begins like one and is none, or is not whole: payload */
	KS_PROXY_CLIENT_REPLACED,   /* its header gave way to ours */
	KS_PROXY_CLIENT_KEPT,       /* its header goes on as it is */
	KS_PROXY_CLIENT_TRANSLATED, /* what it says goes on in the other version */
	KS_PROXY_CLIENTS,
};

/* Version 1 or 2: of what the server gets. */
static inline uint32_t
ks_proxy_version(enum ks_proxy_protocol protocol)
{
	return protocol == KS_PROXY_V1 || protocol == KS_PROXY_V1_INSECURE ? 1 : 2;
}

static inline bool
ks_proxy_is_insecure(enum ks_proxy_protocol protocol)
{
	return protocol == KS_PROXY_V1_INSECURE || protocol == KS_PROXY_V2_INSECURE;
}

/* Both addresses as the client used them: of one family. */
static inline struct ks_proxy_addresses
ks_proxy_addresses_of(struct ks_ip client, rte_be16_t client_port_be, struct ks_ip service,
	rte_be16_t service_port_be)
{
	return (struct ks_proxy_addresses){client, service, client_port_be, service_port_be,
		ks_ip_is_v4(client) ? KS_PROXY_IPV4 : KS_PROXY_IPV6, {0}};
}

/*
 * Writes a header for IPPROTO_TCP or IPPROTO_UDP (version 2 only) and answers its length, at most
 * KS_PROXY_HEADER_BYTES_MAX. The same arguments always make the same octets.
 */
uint32_t ks_proxy_header_write(uint8_t octets[KS_PROXY_HEADER_BYTES_MAX],
	const struct ks_proxy_addresses *addresses, uint32_t version, uint8_t protocol);

/* A header at the start of a payload. */
struct ks_proxy_found {
	uint32_t bytes;   /* its length; 0: there is none */
	uint32_t version; /* 1 or 2 */
	bool is_broken;   /* there is none, but it begins like one */
	struct ks_proxy_addresses addresses;
};

/* Only a header that is whole counts: the protocol wants it in one segment. */
struct ks_proxy_found ks_proxy_header_find(
	const uint8_t *payload, uint32_t payload_bytes, uint8_t protocol);

/* What becomes of a payload that begins so, and what is to stand in front of it. */
struct ks_proxy_choice {
	struct ks_proxy_addresses addresses; /* for the header, unless it is kept */
	uint32_t removed_bytes;
	enum ks_proxy_client client;
};

/* ours: what this connection's own header says. */
struct ks_proxy_choice ks_proxy_choose(enum ks_proxy_protocol protocol,
	const struct ks_proxy_addresses *ours, const uint8_t *payload, uint32_t payload_bytes,
	uint8_t l4_protocol);

/* What became of a packet. All from KS_PROXY_EARLY on: it must not go on. */
enum ks_proxy_result {
	KS_PROXY_PASSED,       /* without a header; numbers are as they must be */
	KS_PROXY_ADDED,        /* the header is in it */
	KS_PROXY_ADDED_APART,  /* the header is in the other packet, which must leave first */
	KS_PROXY_SYN_CUT,      /* octets of a SYN were cut off: the client sends them again */
	KS_PROXY_NEEDS_PACKET, /* nothing was changed: call again with an empty mbuf */
	KS_PROXY_EARLY,        /* of a later part of the stream, before its start has been seen */
	KS_PROXY_STRADDLING,   /* it begins before the start of the stream, and ends behind */
	KS_PROXY_NO_START,     /* no SYN was seen before it */
	KS_PROXY_NO_BUFFER,    /* the empty mbuf is too small */
	KS_PROXY_NO_VERSION,   /* datagrams have no version 1: it goes on as it is */
	KS_PROXY_MALFORMED,    /* no TCP or UDP header */
	KS_PROXY_RESULTS,
};

/*
 * Writes a packet of its own into an empty mbuf: the headers of this one, and these octets. TCP:
 * with this sequence number, and none of its flags but ACK.
 */
bool ks_proxy_write_apart(const struct ks_headers *headers, uint32_t l4_header_bytes,
	const uint8_t *octets, uint32_t bytes, uint32_t sequence_number, struct rte_mbuf *apart);

#endif
