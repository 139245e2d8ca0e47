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
 * Puts a packet of kind PLAIN, whose half is a tunnel's, into that tunnel: frame and length are
 * then the outer ones, all but the MAC addresses is set. False, and nothing done: it must go the
 * general way. DR of IPv4 needs nothing that forward_plain.h does not do.
 */
bool ks_encapsulate_plain(struct ks_worker *worker, struct ks_packet *packet, uint32_t mtu_bytes);

/*
 * IPv6 by DR and tunnels, as packet->half says: sends the packet on, out_port set; or false, and
 * nothing done.
 */
bool ks_forward_one_way6(struct ks_worker *worker, struct ks_packet *packet);

#endif
