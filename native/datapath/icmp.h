/*
 * Owner: nobody, pure functions. Threads: any. Lifetime: the program.
 *
 * ICMP to addresses of the data plane (RFC 792).
 */
#ifndef KS_DATAPATH_ICMP_H
#define KS_DATAPATH_ICMP_H

#include "packet.h"

/* Turns an echo request into its reply in place; other messages are the kernel's. */
uint8_t ks_icmp_answer(struct ks_packet *packet);

#endif
