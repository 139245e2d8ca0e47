/*
 * Owner: nobody, functions over a connection. Threads: the worker alone. Lifetime: the program.
 *
 * The paths of a new connection's halves, and the constants that each needs.
 */
#ifndef KS_DATAPATH_CONNECTION_PATH_H
#define KS_DATAPATH_CONNECTION_PATH_H

#include <rte_branch_prediction.h>

#include "connect.h"

/* What the server is known by to packets: its address, or where SNAT leads. */
static inline struct ks_ip
ks_connection_remote(const struct ks_new_connection *connection)
{
	return unlikely(connection->server->options.forwarding == KS_FORWARD_SNAT)
		       ? ks_packet_destination(connection->packet)
		       : connection->server->address;
}

/* Of both halves, from the connection in the making; where it has IPv6 or a tunnel, its endpoints.
 */
void ks_connection_set_paths(const struct ks_connection_table *table,
	struct ks_connection_half *first, const struct ks_new_connection *connection);

#endif
