/*
 * Owner: nobody, functions on packets. Threads: the slow thread. Lifetime: the program.
 *
 * ARP for IPv4 over Ethernet (RFC 826): reading what arrived, building requests and replies.
 */
#ifndef KS_CONTROL_ARP_H
#define KS_CONTROL_ARP_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_arp.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

struct ks_arp {
	bool is_request;
	rte_be32_t sender_be;
	rte_be32_t target_be;
	struct rte_ether_addr sender_mac;
};

/* False: not a well-formed IPv4 request or reply. */
bool ks_arp_read(const struct rte_mbuf *packet, struct ks_arp *arp);
/* Turns a request in place into the answer "target_be is at mac". */
void ks_arp_answer(struct rte_mbuf *packet, const struct rte_ether_addr *mac);

struct ks_arp_request {
	const struct rte_ether_addr *from;
	const struct rte_ether_addr *to; /* NULL: broadcast */
	rte_be32_t sender_be;
	rte_be32_t target_be;
};

/* Into an empty packet. */
void ks_arp_ask(struct rte_mbuf *packet, const struct ks_arp_request *request);
/*
 * "address_be is at mac", for everybody: a request with sender = target, as keepalived sends it.
 */
void ks_arp_announce(
	struct rte_mbuf *packet, const struct rte_ether_addr *mac, rte_be32_t address_be);

#endif
