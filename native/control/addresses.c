#include "addresses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../datapath/packet.h"
#include "../datapath/tables.h"
#include "memory.h"
#include "reason.h"

#define HELD_BYTES (KS_ADDRESSES_MAX * sizeof(uint64_t))

void
ks_addresses_init(struct ks_addresses *addresses)
{
	addresses->held_until_tsc = ks_memory_map(HELD_BYTES, false);
}

void
ks_addresses_free(struct ks_addresses *addresses)
{
	ks_memory_unmap(addresses->held_until_tsc, HELD_BYTES);
	ks_index_free(&addresses->by_address);
	free(addresses->entries);
	memset(addresses, 0, sizeof(*addresses));
}

int
ks_address_check(struct ks_ip address, struct ks_reason *reason)
{
	if (ks_address_is_unicast(address))
		return 0;
	return ks_refuse(reason, EINVAL,
		"%s is no address that a host can have on a network; give a unicast address",
		ks_address_text(address).text);
}

bool
ks_address_is_used(const struct ks_address_entry *entry)
{
	return entry->is_added || entry->is_leased || entry->source_uses != 0;
}

bool
ks_address_is_there(const struct ks_address_entry *entry)
{
	return entry->is_added || entry->is_leased || entry->fixed_uses != 0;
}

struct wanted_address {
	const struct ks_addresses *addresses;
	struct ks_ip address;
};

static bool
is_wanted(const void *wanted_pointer, uint32_t id)
{
	const struct wanted_address *wanted = wanted_pointer;

	return ks_ip_equal(wanted->addresses->entries[id].address, wanted->address);
}

/* Also of an address that is not in use any more. */
static uint32_t
find_id(const struct ks_addresses *addresses, struct ks_ip address)
{
	const struct wanted_address wanted = {addresses, address};

	return ks_index_find(&addresses->by_address, ks_ip_hash(address), is_wanted, &wanted);
}

struct ks_address_entry *
ks_addresses_find(const struct ks_addresses *addresses, struct ks_ip address)
{
	uint32_t id = find_id(addresses, address);

	if (id == KS_INDEX_NONE || !ks_address_is_used(&addresses->entries[id]))
		return NULL;
	return &addresses->entries[id];
}

struct ks_address_entry *
ks_addresses_make(struct ks_addresses *addresses, struct ks_ip address, struct ks_reason *reason)
{
	uint32_t id = find_id(addresses, address);

	if (id != KS_INDEX_NONE)
		return &addresses->entries[id];
	if (addresses->count == KS_ADDRESSES_MAX) {
		ks_refuse(reason, ENOSPC,
			"no room for %s: %u different addresses were used since the data plane "
			"started; restart it",
			ks_address_text(address).text, KS_ADDRESSES_MAX);
		return NULL;
	}
	addresses->entries = ks_make_room(addresses->entries, addresses->count,
		&addresses->capacity, sizeof(*addresses->entries));

	struct ks_address_entry *entry = &addresses->entries[addresses->count];

	memset(entry, 0, sizeof(*entry));
	entry->address = address;
	entry->prefix_bits = KS_IP_BITS;
	ks_index_add(&addresses->by_address, ks_ip_hash(address), addresses->count++);
	return entry;
}

void
ks_addresses_refresh(struct ks_addresses *addresses, const struct ks_address_entry *entry)
{
	uint64_t until_tsc = 0;

	if (entry->is_added || entry->fixed_uses != 0)
		until_tsc = UINT64_MAX;
	else if (entry->is_leased)
		until_tsc = entry->lease_until_tsc;
	atomic_store_explicit(&addresses->held_until_tsc[entry - addresses->entries], until_tsc,
		memory_order_relaxed);
}

int
ks_addresses_add(struct ks_addresses *addresses, struct ks_prefix prefix, uint16_t port,
	enum ks_owner owner, struct ks_reason *reason)
{
	struct ks_address_entry *entry = ks_addresses_find(addresses, prefix.address);
	struct ks_text text = ks_address_text(prefix.address);

	if (ks_address_check(prefix.address, reason) != 0)
		return -EINVAL;
	if (entry != NULL && entry->is_leased)
		return ks_refuse(reason, EEXIST, "%s is leased by %s; release it there first",
			text.text, entry->holder);
	if (entry != NULL && entry->port != port)
		return ks_refuse(
			reason, EEXIST, "%s is an address of another port already", text.text);
	if (entry != NULL && entry->is_added)
		return ks_refuse(reason, EEXIST, "address %s exists already", text.text);

	entry = ks_addresses_make(addresses, prefix.address, reason);
	if (entry == NULL)
		return -ENOSPC;
	entry->is_added = true;
	entry->owner = (uint8_t)owner;
	entry->port = port;
	entry->prefix_bits = prefix.bits;
	ks_addresses_refresh(addresses, entry);
	addresses->is_changed = true;
	addresses->is_route_changed = true;
	return 0;
}

int
ks_addresses_remove(
	struct ks_addresses *addresses, struct ks_prefix prefix, struct ks_reason *reason)
{
	struct ks_address_entry *entry = ks_addresses_find(addresses, prefix.address);

	if (entry == NULL || !entry->is_added || entry->prefix_bits != prefix.bits)
		return ks_refuse(
			reason, ENOENT, "there is no address %s", ks_prefix_text(prefix).text);
	entry->is_added = false;
	entry->prefix_bits = KS_IP_BITS;
	ks_addresses_refresh(addresses, entry);
	addresses->is_changed = true;
	addresses->is_route_changed = true;
	return 0;
}

static int
check_use(const struct ks_address_entry *entry, const struct ks_source_use *use,
	struct ks_reason *reason)
{
	struct ks_text text = ks_address_text(use->address);

	if (entry == NULL)
		return ks_address_check(use->address, reason);
	if (entry->is_leased && !entry->is_leased_source && !use->is_leased)
		return ks_refuse(reason, EEXIST,
			"%s is a virtual address leased by %s and cannot be a local address",
			text.text, entry->holder);
	if (entry->port != use->port)
		return ks_refuse(
			reason, EEXIST, "%s is an address of another port already", text.text);
	return 0;
}

int
ks_addresses_use(struct ks_addresses *addresses, const struct ks_source_use *use, uint32_t *id,
	struct ks_reason *reason)
{
	struct ks_address_entry *entry = ks_addresses_find(addresses, use->address);
	int error = check_use(entry, use, reason);

	if (error != 0)
		return error;
	entry = ks_addresses_make(addresses, use->address, reason);
	if (entry == NULL)
		return -ENOSPC;
	entry->port = use->port;
	entry->source_uses++;
	if (!use->is_leased)
		entry->fixed_uses++;
	else if (entry->is_leased)
		entry->is_leased_source = true;
	ks_addresses_refresh(addresses, entry);
	addresses->is_changed = true;
	*id = (uint32_t)(entry - addresses->entries);
	return 0;
}

void
ks_addresses_unuse(struct ks_addresses *addresses, uint32_t id, bool is_leased)
{
	struct ks_address_entry *entry = &addresses->entries[id];

	entry->source_uses--;
	if (!is_leased)
		entry->fixed_uses--;
	ks_addresses_refresh(addresses, entry);
	addresses->is_changed = true;
}
