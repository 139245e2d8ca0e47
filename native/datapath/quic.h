/*
 * Owner: nobody, pure functions over a packet. Threads: any. Lifetime: the program.
 *
 * What a QUIC packet says in clear about the connection that it belongs to. Only what every version
 * has is read (RFC 8999), and of long headers of versions 1 and 2 the type (RFC 9000, RFC 9369).
 */
#ifndef KS_DATAPATH_QUIC_H
#define KS_DATAPATH_QUIC_H

#include <stdbool.h>
#include <stdint.h>

#include "packet.h"
#include "tables.h"

/*
 * The server that the destination connection id names, in the format of DPVS (its nginx writes it):
 * octet 0 free; 3 bits: octets of the address less one; 1 bit: a port follows; then, from the
 * middle of an octet on, the low octets of the server's address, perhaps its port, and 32 bits or
 * more of nonce. So a client that changed its address comes back to the server that knows it, also
 * one of weight 0 or an overloaded one, as the connection is an old one.
 *
 * NULL for what begins a connection (Initial, 0-RTT: ids that the client made up, which would name
 * servers at random), for ids of another form, and when no server of the service is meant.
 */
const struct ks_server *ks_quic_server(
	const struct ks_virtual_server *service, const struct ks_packet *packet);

/*
 * The first eight octets of the destination connection id, for a hash of it; false: there are not
 * as many. Also of the QUIC that Google had before (flag 0x08), as DPVS's conhash reads it.
 */
bool ks_quic_connection_id(const struct ks_packet *packet, uint64_t *id);

#endif
