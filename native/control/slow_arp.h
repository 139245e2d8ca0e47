/*
 * Owner: the slow thread. Threads: the slow thread alone. Lifetime: see slow_thread.h.
 *
 * What the data plane says and hears by ARP: answers for the addresses that it holds, questions
 * about next hops, announcements. IPv4 only; slow_nd.h is its like for IPv6.
 */
#ifndef KS_CONTROL_SLOW_ARP_H
#define KS_CONTROL_SLOW_ARP_H

#include "slow_thread.h"

/* Takes an ARP packet that came in through the port: learns, answers or gives it to the kernel. */
void ks_slow_arp_receive(struct ks_slow_thread *slow, uint16_t port, struct rte_mbuf *packet);
/* Asks for the address; to NULL: everybody. */
void ks_slow_arp_ask(struct ks_slow_thread *slow, uint16_t port, struct ks_ip address,
	const struct rte_ether_addr *to);
void ks_slow_arp_announce(struct ks_slow_thread *slow, uint16_t port, struct ks_ip address);

#endif
