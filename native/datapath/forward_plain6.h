/*
 * Owner: nobody, functions over a worker. Threads: the worker alone. Lifetime: the program.
 *
 * The straight path of IPv6, as forward_plain.h: packets of kind PLAIN6, by NAT within the family,
 * DR and tunnels.
 */
#ifndef KS_DATAPATH_FORWARD_PLAIN6_H
#define KS_DATAPATH_FORWARD_PLAIN6_H

#include "packet.h"
#include "worker.h"

/*
 * Sends the packet on, out_port set; or false, and nothing done: it must go the general way, or its
 * half is of another path.
 */
bool ks_forward_plain6(struct ks_worker *worker, struct ks_packet *packet);

#endif
