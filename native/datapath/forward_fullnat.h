/*
 * Owner: nobody, functions over a worker. Threads: the worker alone. Lifetime: the program.
 *
 * FNAT: both addresses and both ports change, in both directions.
 */
#ifndef KS_DATAPATH_FORWARD_FULLNAT_H
#define KS_DATAPATH_FORWARD_FULLNAT_H

#include "connection.h"
#include "packet.h"
#include "worker.h"

/*
 * Makes the packet what it leaves as (KS_VERDICT_forwarded), all but its MAC addresses
 * (KS_VERDICT_punt_resolve), or leaves packet and connection as they were and names the drop.
 */
uint8_t ks_forward_fullnat(
	struct ks_worker *worker, struct ks_connection_half *half, struct ks_packet *packet);

#endif
