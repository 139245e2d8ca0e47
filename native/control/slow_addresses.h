/*
 * Owner: the slow thread. Threads: the slow thread alone. Lifetime: a round, as the tables'.
 *
 * What ARP and neighbour discovery ask of the tables: which addresses are ours now, which lie on a
 * port's link, and with which of ours to ask.
 */
#ifndef KS_CONTROL_SLOW_ADDRESSES_H
#define KS_CONTROL_SLOW_ADDRESSES_H

#include "slow_thread.h"

/* Ours at this moment, on whichever port. */
bool ks_slow_is_ours(const struct ks_slow_thread *slow, struct ks_ip address);
bool ks_slow_is_ours_on(const struct ks_slow_thread *slow, uint16_t port, struct ks_ip address);

/*
 * Whether the address lies on a link of the port: the longest match is a connected route. Those of
 * IPv6 that are good for one link only lie on every one.
 */
bool ks_slow_is_on_link(const struct ks_slow_thread *slow, uint16_t port, struct ks_ip address);

/*
 * An address of ours on the port to ask for `target` with: one of the same network, or none; when
 * others will do, too, any of the same family, source addresses first.
 */
struct ks_ip ks_slow_choose_sender(const struct ks_slow_thread *slow, uint16_t port,
	struct ks_ip target, bool may_be_elsewhere);

#endif
