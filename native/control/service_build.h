/*
 * Owner: services.h has the entry, tables.c frees what is built. Threads: control builds; workers
 * read what was published. Lifetime: until the next change of the service is published and seen.
 *
 * What workers see of a service (datapath/tables.h), made from what the operator said.
 */
#ifndef KS_CONTROL_SERVICE_BUILD_H
#define KS_CONTROL_SERVICE_BUILD_H

#include "../datapath/tables.h"
#include "addresses.h"
#include "services.h"

/* One block of memory, and the table of its scheduler, if any, in another. */
const struct ks_virtual_server *ks_service_build(const struct ks_addresses *addresses,
	const struct ks_service_entry *entry, uint32_t revision);

/* Whether both have the same servers by NAT; either may be NULL. */
bool ks_service_nat_equal(
	const struct ks_virtual_server *left, const struct ks_virtual_server *right);

/* Of all services, as struct ks_tables has them; NULL when there is none. */
struct ks_nat_server *ks_services_nat_build(const struct ks_services *services, uint32_t *mask);

/* Slots of an open addressing: a power of two that leaves half of them free. */
static inline uint32_t
ks_slots_for(uint32_t count)
{
	uint32_t slots = 2;

	while (slots < count * 2 + 2)
		slots *= 2;
	return slots;
}

#endif
