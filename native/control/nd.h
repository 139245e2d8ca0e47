/*
 * Owner: nobody, functions on packets. Threads: the slow thread. Lifetime: the program.
 *
 * Neighbour discovery for IPv6 over Ethernet (RFC 4861, RFC 2464): reading and building neighbour
 * solicitations and advertisements. Routers and redirects are the kernel's.
 */
#ifndef KS_CONTROL_ND_H
#define KS_CONTROL_ND_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "../ip.h"

/* A solicitation or an advertisement that passed the checks of RFC 4861, 7.1.1 and 7.1.2. */
struct ks_nd {
	bool is_solicitation;
	bool is_solicited; /* the flags of an advertisement */
	bool is_override;
	bool has_mac;                /* a source (target) link-layer option is there */
	struct rte_ether_addr mac;   /* what the option says */
	struct rte_ether_addr frame; /* who sent the frame */
	struct ks_ip source;         /* none: "::", a host that has no address yet */
	struct ks_ip target;
};

/* False: anything else, whole or broken. */
bool ks_nd_read(const struct rte_mbuf *packet, struct ks_nd *nd);

struct ks_nd_solicitation {
	const struct rte_ether_addr *from;
	const struct rte_ether_addr *to; /* NULL: the target's solicited-node group */
	struct ks_ip source;
	struct ks_ip target;
};

/* "target is at mac", to whoever asked, or to all nodes when `to` is none. */
struct ks_nd_advertisement {
	const struct rte_ether_addr *mac;
	const struct rte_ether_addr *to_mac; /* when `to` is an address */
	struct ks_ip to;
	struct ks_ip target;
};

/* Both into an empty packet. */
void ks_nd_solicit(struct rte_mbuf *packet, const struct ks_nd_solicitation *solicitation);
void ks_nd_advertise(struct rte_mbuf *packet, const struct ks_nd_advertisement *advertisement);

/* fe80::/64 and the modified EUI-64 of the MAC address (RFC 4291, appendix A). */
struct ks_ip ks_nd_link_local(const struct rte_ether_addr *mac);

#endif
