/*
 * Owner: nobody, functions over a worker. Threads: the worker alone. Lifetime: the program.
 *
 * The beginning and the end of a connection, with all that is counted and taken for it.
 */
#ifndef KS_DATAPATH_CONNECT_H
#define KS_DATAPATH_CONNECT_H

#include "connection.h"
#include "packet.h"
#include "worker.h"

/* A connection in the making: everything is chosen, nothing is in the table yet. */
struct ks_new_connection {
	struct ks_packet *packet;
	const struct ks_virtual_server *service;
	const struct ks_server *server;
	struct ks_ip local;         /* what the server sees as its client; a tunnel's source */
	struct ks_flow from_server; /* protocol 0: nothing comes from there */
	uint32_t virtual_address_id;
	uint32_t source_id;  /* KS_ADDRESS_NONE: no port was taken */
	uint8_t source_port; /* the Ethernet port that returns arrive at */
	bool may_be_known;   /* a packet before it in the burst may have the same flow */
};

/*
 * First step for a packet whose flow is in no connection: chooses server, source address and port,
 * and asks for the memory that the second step needs, so that a burst of new connections waits for
 * it together. KS_VERDICT_UNDECIDED, or the drop. virtual_address_id: KS_ADDRESS_NONE for a packet
 * to an address that is not ours. The table must not be full. Sets all of the connection but
 * may_be_known.
 */
uint8_t ks_connect_begin(struct ks_worker *worker, const struct ks_virtual_server *service,
	uint32_t virtual_address_id, struct ks_packet *packet,
	struct ks_new_connection *connection);

/*
 * Second step, within the same burst: both halves in the table, packet->half set. When a packet
 * before it in the burst made the connection, gives back what was chosen and takes that one.
 * KS_VERDICT_UNDECIDED, or the drop.
 */
uint8_t ks_connect_finish(
	struct ks_worker *worker, const struct ks_new_connection *connection, bool *is_new);

/* Ends it; first is the half from the client. */
void ks_disconnect(struct ks_worker *worker, struct ks_connection_half *first);

/* Follows TCP in both halves, and counts the server's active and inactive connections. */
void ks_connection_set_state(
	struct ks_worker *worker, struct ks_connection_half *half, uint8_t state);

#endif
