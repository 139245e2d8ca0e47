#include "lease.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "reason.h"

static void
drop_lease(struct ks_addresses *addresses, struct ks_address_entry *entry)
{
	entry->is_leased = false;
	entry->is_leased_source = false;
	entry->holder[0] = '\0';
	if (entry->prefix_bits < KS_IP_BITS)
		addresses->is_route_changed = true;
	entry->prefix_bits = KS_IP_BITS;
	ks_addresses_refresh(addresses, entry);
	addresses->is_changed = true;
}

static int
check(const struct ks_addresses *addresses, const struct ks_lease_request *request,
	struct ks_ip address, struct ks_reason *reason)
{
	const struct ks_address_entry *entry = ks_addresses_find(addresses, address);
	struct ks_text text = ks_address_text(address);

	if (entry == NULL)
		return ks_address_check(address, reason);
	if (entry->is_leased && strcmp(entry->holder, request->holder) != 0)
		return ks_refuse(reason, EEXIST,
			"%s is held by %s; an address belongs to one VRRP instance", text.text,
			entry->holder);
	if (entry->is_leased && entry->port != request->port)
		return ks_refuse(
			reason, EEXIST, "%s is held on another port; release it first", text.text);
	if (entry->source_uses != 0 && entry->port != request->port)
		return ks_refuse(reason, EEXIST,
			"%s is a local address on another port; name that port to lease it",
			text.text);
	if (entry->is_added)
		return ks_refuse(reason, EEXIST,
			"%s is a fixed address of the data plane; remove it from there to lease it",
			text.text);
	/* One that a reload has just made fixed is renewed until its holder hears of it. */
	if (entry->fixed_uses != 0 && !entry->is_leased)
		return ks_refuse(reason, EEXIST,
			"%s is a local address of a service and cannot be leased", text.text);
	return 0;
}

static int
take_one(struct ks_addresses *addresses, const struct ks_lease_request *request,
	struct ks_prefix prefix, struct ks_reason *reason)
{
	struct ks_address_entry *entry = ks_addresses_make(addresses, prefix.address, reason);

	if (entry == NULL)
		return -ENOSPC;
	if (!entry->is_leased || entry->prefix_bits != prefix.bits) {
		if (prefix.bits < KS_IP_BITS || entry->prefix_bits < KS_IP_BITS)
			addresses->is_route_changed = true;
		addresses->is_changed = true;
		entry->is_leased = true;
		entry->is_leased_source = entry->source_uses != 0;
		entry->port = request->port;
		entry->prefix_bits = prefix.bits;
		snprintf(entry->holder, sizeof(entry->holder), "%s", request->holder);
	}
	entry->lease_until_tsc = request->until_tsc;
	ks_addresses_refresh(addresses, entry);
	return 0;
}

int
ks_lease_take(struct ks_addresses *addresses, const struct ks_lease_request *request,
	struct ks_reason *reason)
{
	for (uint32_t i = 0; i < request->count; i++) {
		int error = check(addresses, request, request->prefixes[i].address, reason);

		if (error != 0)
			return error;
	}
	for (uint32_t i = 0; i < request->count; i++) {
		int error = take_one(addresses, request, request->prefixes[i], reason);

		if (error != 0)
			return error;
	}
	return 0;
}

int
ks_lease_release(struct ks_addresses *addresses, const char *holder,
	const struct ks_prefix *prefixes, uint32_t count, struct ks_reason *reason)
{
	for (uint32_t i = 0; i < count; i++) {
		struct ks_address_entry *entry = ks_addresses_find(addresses, prefixes[i].address);

		if (entry == NULL || !entry->is_leased)
			continue;
		if (strcmp(entry->holder, holder) != 0)
			return ks_refuse(reason, EPERM, "%s is held by %s, not by %s",
				ks_address_text(prefixes[i].address).text, entry->holder, holder);
		drop_lease(addresses, entry);
	}
	return 0;
}

void
ks_lease_expire(struct ks_addresses *addresses, uint64_t now_tsc)
{
	for (uint32_t id = 0; id < addresses->count; id++) {
		struct ks_address_entry *entry = &addresses->entries[id];

		if (entry->is_leased && entry->lease_until_tsc <= now_tsc)
			drop_lease(addresses, entry);
	}
}
