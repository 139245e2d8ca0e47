/*
 * Owner: nobody, functions over a worker. Threads: the worker alone. Lifetime: the program.
 *
 * Source addresses of connections: those of a service in turn, with a port whose return packets
 * come back to this worker (source_port.h).
 */
#ifndef KS_DATAPATH_SOURCE_ADDRESS_H
#define KS_DATAPATH_SOURCE_ADDRESS_H

#include "connect.h"

/*
 * FNAT: sets local, from_server and the source's id and port, towards the server's address and this
 * port. KS_VERDICT_UNDECIDED, or why there is none.
 */
uint8_t ks_source_take(
	struct ks_worker *worker, struct ks_new_connection *connection, rte_be16_t server_port_be);

/* SNAT: the same with the chosen "server" as the only source, towards the packet's destination. */
uint8_t ks_source_take_outside(struct ks_worker *worker, struct ks_new_connection *connection);

/* TUN: an address for the outer header; none: there is none of the server's family. */
struct ks_ip ks_source_of_tunnel(
	const struct ks_worker *worker, const struct ks_new_connection *connection);

/* addresses: of return packets, source first, 8 octets or 32. */
void ks_source_give_back(struct ks_worker *worker, const struct ks_flow_key *from_server,
	const void *addresses, uint32_t source_id, uint8_t port);

/* The flow of packets from one address to another; of IPv6 with their digest. */
struct ks_flow ks_flow_between(const struct ks_hash_secret *secret, const struct ks_ip addresses[2],
	rte_be16_t source_port_be, rte_be16_t destination_port_be, uint8_t protocol);

#endif
