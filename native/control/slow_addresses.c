#include "slow_addresses.h"

#include "../datapath/route.h"

static bool
is_held(const struct ks_slow_thread *slow, const struct ks_local_address *address)
{
	return ks_address_is_held(slow->tables, address->id, slow->now_tsc);
}

bool
ks_slow_is_ours(const struct ks_slow_thread *slow, struct ks_ip address)
{
	const struct ks_local_address *own = ks_address_find(slow->tables, address);

	return own != NULL && is_held(slow, own);
}

bool
ks_slow_is_ours_on(const struct ks_slow_thread *slow, uint16_t port, struct ks_ip address)
{
	const struct ks_local_address *own = ks_address_find(slow->tables, address);

	return own != NULL && own->port == port && is_held(slow, own);
}

bool
ks_slow_is_on_link(const struct ks_slow_thread *slow, uint16_t port, struct ks_ip address)
{
	const struct ks_route *route = ks_route_find(slow->tables, address);

	return ks_ip_is_link_local(address) ||
	       (route != NULL && route->port == port && ks_ip_is_none(route->gateway));
}

struct ks_ip
ks_slow_choose_sender(const struct ks_slow_thread *slow, uint16_t port, struct ks_ip target,
	bool may_be_elsewhere)
{
	const struct ks_tables *tables = slow->tables;
	struct ks_ip any = {0};

	for (uint32_t i = 0; i < tables->addresses_count; i++) {
		const struct ks_local_address *address = &tables->addresses[i];
		uint8_t bits = address->prefix_bits;

		if (address->port != port || ks_ip_is_v4(address->address) != ks_ip_is_v4(target) ||
			!is_held(slow, address))
			continue;
		if (ks_ip_equal(ks_ip_masked(address->address, bits), ks_ip_masked(target, bits)))
			return address->address;
		if (may_be_elsewhere && (ks_ip_is_none(any) || address->is_source))
			any = address->address;
	}
	return any;
}
