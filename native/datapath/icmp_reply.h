/*
 * Owner: nobody, functions over a worker. Threads: the worker alone. Lifetime: the program.
 *
 * What we tell the sender of a packet that cannot go on: an ICMP error (RFC 792, RFC 1812 4.3.2,
 * RFC 4443), made in place, from the address that the packet was for.
 */
#ifndef KS_DATAPATH_ICMP_REPLY_H
#define KS_DATAPATH_ICMP_REPLY_H

#include "packet.h"
#include "worker.h"

enum ks_reply {
	KS_REPLY_TOO_BIG,
	KS_REPLY_TTL,
	KS_REPLY_NO_ROUTE,
	KS_REPLY_NO_HOST,
	KS_REPLY_NO_SERVICE, /* port unreachable */
	KS_REPLIES,
};

/*
 * The verdict of a reply; or of the drop, with the packet as it was, where none may be sent (to a
 * fragment, an error, a group, a packet that may be fragmented) or this worker has sent enough in
 * this tick. mtu_bytes: KS_REPLY_TOO_BIG only, of the packet as its sender sees it.
 */
uint8_t ks_icmp_reply(struct ks_worker *worker, struct ks_packet *packet, enum ks_reply reply,
	uint32_t mtu_bytes);

/* A TCP segment for nobody, answered by RST (RFC 9293, 3.5.2), under the same bound. */
uint8_t ks_reset_reply(struct ks_worker *worker, struct ks_packet *packet, uint8_t drop);

#endif
