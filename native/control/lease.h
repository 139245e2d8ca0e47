/*
 * Owner: see addresses.h. Threads: control; workers compare the deadline with the clock themselves,
 * so an expired lease ends on time even when control never runs again. Lifetime: until released or
 * expired.
 */
#ifndef KS_CONTROL_LEASE_H
#define KS_CONTROL_LEASE_H

#include "addresses.h"

struct ks_lease_request {
	const char *holder;
	uint16_t port;
	const struct ks_prefix *prefixes;
	uint32_t count;
	uint64_t now_tsc;
	uint64_t until_tsc; /* UINT64_MAX: until released */
};

/* All of them or none. A renewal that changes only the deadline publishes nothing. */
int ks_lease_take(struct ks_addresses *addresses, const struct ks_lease_request *request,
	struct ks_reason *reason);
int ks_lease_release(struct ks_addresses *addresses, const char *holder,
	const struct ks_prefix *prefixes, uint32_t count, struct ks_reason *reason);
/* Forgets the leases whose deadline has passed. */
void ks_lease_expire(struct ks_addresses *addresses, uint64_t now_tsc);

#endif
