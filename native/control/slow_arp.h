/*
 * Owner: the slow thread. Threads: the slow thread alone. Lifetime: see slow_thread.h.
 *
 * What the data plane says and hears by ARP: answers for the addresses that it holds, questions
 * about next hops, announcements.
 */
#ifndef KS_CONTROL_SLOW_ARP_H
#define KS_CONTROL_SLOW_ARP_H

#include "slow_thread.h"

/* Takes an ARP packet that came in through the port: learns, answers or gives it to the kernel. */
void ks_slow_arp_receive(struct ks_slow_thread *slow, uint16_t port, struct rte_mbuf *packet);
/* For struct ks_neighbor_world; the context is the slow thread. */
void ks_slow_arp_ask(
	void *context, uint16_t port, rte_be32_t address_be, const struct rte_ether_addr *to);
void ks_slow_arp_announce(struct ks_slow_thread *slow, uint16_t port, rte_be32_t address_be);

#endif
