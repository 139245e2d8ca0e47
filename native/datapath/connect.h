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

/*
 * A connection for the packet's flow, which must be in no connection and have its hash set: server,
 * source address and port chosen, both halves in the table. KS_VERDICT_UNDECIDED and packet->half,
 * or the drop.
 */
uint8_t ks_connect(struct ks_worker *worker, const struct ks_virtual_server *service,
	uint32_t virtual_address_id, struct ks_packet *packet);

/* Ends it; first is the half from the client. */
void ks_disconnect(struct ks_worker *worker, struct ks_connection_half *first);

/* Follows TCP in both halves, and counts the server's active and inactive connections. */
void ks_connection_set_state(
	struct ks_worker *worker, struct ks_connection_half *half, uint8_t state);

#endif
