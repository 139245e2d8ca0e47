/*
 * Owner: the worker, one per connection of a service with PROXY protocol, beside the connection.
 * Threads: the worker alone. Lifetime: the connection's.
 *
 * The PROXY header of a TCP connection: it rides on the ACK that ends the client's handshake, and
 * again on every segment that begins at the start of the client's stream until the server has
 * acknowledged it. So it is never late and never lost, and no timer repeats it: what makes a client
 * repeat its own octets brings it again (docs/decisions/0013-the-proxy-header-rides.md).
 *
 * A header of the client's own is known when its first octets come. Where such a header is to be
 * passed on (the "insecure" protocols), nothing can be sent before.
 */
#ifndef KS_DATAPATH_PROXY_HEADER_TCP_H
#define KS_DATAPATH_PROXY_HEADER_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy_header.h"
#include "sequence.h"

struct ks_proxy_connection {
	struct ks_proxy_addresses addresses; /* for the header, whenever it is written again */
	struct ks_sequence sequence;         /* ks_sequence_from_server is for the other way */
	uint8_t protocol;                    /* enum ks_proxy_protocol */
	uint8_t client;                      /* enum ks_proxy_client: what it sent itself */
	uint8_t reserved[2];
};

_Static_assert(sizeof(struct ks_proxy_connection) <= 64, "a cache line at most");

/* A new connection; addresses: of the client and the service, as the client sees them. */
void ks_proxy_connection_begin(struct ks_proxy_connection *connection,
	enum ks_proxy_protocol protocol, const struct ks_proxy_addresses *addresses);

/*
 * A segment from the client, on its way to the server: its sequence number becomes the server's,
 * and the header goes into it when it is its turn. Too large with it: the header leaves in a packet
 * of its own before it, `apart`, an empty mbuf or NULL.
 */
enum ks_proxy_result ks_proxy_tcp_from_client(struct ks_proxy_connection *connection,
	struct ks_headers *headers, uint32_t mtu_bytes, struct rte_mbuf *apart);

/*
 * The connection goes on without: whatever passes now passes as it is. Once this is true the struct
 * may be given back.
 */
static inline bool
ks_proxy_connection_is_idle(const struct ks_proxy_connection *connection)
{
	return connection->client != KS_PROXY_CLIENT_UNDECIDED &&
	       ks_sequence_is_identity(&connection->sequence);
}

#endif
