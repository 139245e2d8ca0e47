/*
 * Owner: nobody, functions over a worker. Threads: the worker alone. Lifetime: the program.
 *
 * ICMP errors about packets that we sent on: translated back, outside and inside, to the sender of
 * the packet that they are about (RFC 5508, RFC 7915 4.2 and 5.2 between families).
 */
#ifndef KS_DATAPATH_ICMP_ERROR_H
#define KS_DATAPATH_ICMP_ERROR_H

#include "connection.h"
#include "packet.h"
#include "worker.h"

/* UNDECIDED: no error about a connection of ours, and the packet is as it was. */
uint8_t ks_icmp_error(struct ks_worker *worker, struct ks_packet *packet);

/* What an error means, whatever its family. */
enum ks_icmp_meaning {
	KS_ICMP_NETWORK_UNREACHABLE,
	KS_ICMP_HOST_UNREACHABLE,
	KS_ICMP_PROTOCOL_UNREACHABLE,
	KS_ICMP_PORT_UNREACHABLE,
	KS_ICMP_PROHIBITED,
	KS_ICMP_TOO_BIG,
	KS_ICMP_TTL,
	KS_ICMP_REASSEMBLY,
	KS_ICMP_PARAMETER,
	KS_ICMP_OF_FAMILY, /* has no like in the other family */
	KS_ICMP_MEANINGS,
};

/* The packet that an error is about, as it is quoted. */
struct ks_icmp_quote {
	uint8_t *ip;
	uint8_t *l4;
	uint32_t l4_bytes;         /* that are quoted, 8 at least */
	struct ks_ip addresses[2]; /* source, destination */
	uint8_t protocol;
	bool is_v6;
};

/*
 * Reads a quoted packet of which `bytes` are there; false: it does not hold what it takes to know
 * the flow.
 */
bool ks_icmp_quote_read(struct ks_icmp_quote *quote, uint8_t *ip, uint32_t bytes, bool is_v6);

/* The ports of the quoted packet; of ICMP echo, the identifier of the inside. False: not a flow. */
bool ks_icmp_quote_ports(const struct ks_icmp_quote *quote, rte_be16_t ports_be[2]);

struct ks_icmp_error {
	enum ks_icmp_meaning meaning;
	uint8_t type, code; /* as they came, for errors that stay in their family */
	uint32_t rest;      /* the second word of the ICMP header, host order */
	struct ks_icmp_quote quote;
};

/*
 * Makes the error what the other side of the connection would have been told: half is the one whose
 * packets go where the error goes. KS_VERDICT_UNDECIDED, or the drop: it would be larger than the
 * MTU or the buffer, or the other family has no such error.
 */
uint8_t ks_icmp_error_translate(const struct ks_connection_table *table,
	const struct ks_connection_half *half, struct ks_packet *packet,
	const struct ks_icmp_error *error, uint32_t mtu_bytes);

/* Its checksum is right. */
bool ks_icmp_error_is_sound(const struct ks_packet *packet);

/*
 * An error about a tunnel's own packet: the client whose packet was inside is told what it means
 * for that (RFC 2003, 4; RFC 2473, 8). UNDECIDED: of no connection here, and the packet is as it
 * was; the connection is of the addresses and ports in the quote `inner` as far as it could be
 * read (protocol 0: it could not).
 */
uint8_t ks_icmp_error_of_tunnel(struct ks_worker *worker, struct ks_packet *packet,
	const struct ks_icmp_error *error, struct ks_icmp_quote *inner);

#endif
