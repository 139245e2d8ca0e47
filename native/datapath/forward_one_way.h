/*
 * Owner: nobody, functions over a worker. Threads: the worker alone. Lifetime: the program.
 *
 * The straight path of connections whose server answers past us, DR and tunnels: as
 * forward_plain.h, for packets of the same kind.
 */
#ifndef KS_DATAPATH_FORWARD_ONE_WAY_H
#define KS_DATAPATH_FORWARD_ONE_WAY_H

#include "packet.h"
#include "worker.h"

/*
 * IPv4 by DR and by tunnels, and IPv6 by both; packet->half is of that path. Sends the packet on,
 * out_port set; or false, and nothing done: it must go the general way.
 */
bool ks_forward_direct(struct ks_worker *worker, struct ks_packet *packet);
bool ks_forward_tunnel(struct ks_worker *worker, struct ks_packet *packet);
bool ks_forward_one_way6(struct ks_worker *worker, struct ks_packet *packet);

#endif
