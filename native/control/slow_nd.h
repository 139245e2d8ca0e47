/*
 * Owner: the slow thread. Threads: the slow thread alone. Lifetime: see slow_thread.h.
 *
 * What the data plane says and hears by neighbour discovery (RFC 4861): answers for the IPv6
 * addresses that it holds, questions about next hops, announcements. What is for somebody else, and
 * all that routers say, is the kernel's. slow_arp.h is its like for IPv4.
 */
#ifndef KS_CONTROL_SLOW_ND_H
#define KS_CONTROL_SLOW_ND_H

#include "slow_thread.h"

/* Takes a packet that came in through the port: learns, answers or gives it to the kernel. */
void ks_slow_nd_receive(struct ks_slow_thread *slow, uint16_t port, struct rte_mbuf *packet);
/* Asks for the address; to NULL: its solicited-node group. */
void ks_slow_nd_ask(struct ks_slow_thread *slow, uint16_t port, struct ks_ip address,
	const struct rte_ether_addr *to);
void ks_slow_nd_announce(struct ks_slow_thread *slow, uint16_t port, struct ks_ip address);

#endif
