#include "services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../datapath/tables.h"
#include "memory.h"
#include "reason.h"
#include "servers.h"

static uint64_t
hash_of(const struct ks_service_key *key)
{
	uint64_t ends = (uint64_t)key->port_be << 16 | (uint64_t)key->protocol << 8 | key->is_match;

	if (key->is_match)
		return ks_index_hash(ends, &key->match, sizeof(key->match));
	return ks_index_hash(ends, &key->address, sizeof(key->address));
}

struct wanted_service {
	const struct ks_services *services;
	const struct ks_service_key *key;
};

static bool
is_wanted(const void *wanted_pointer, uint32_t id)
{
	const struct wanted_service *wanted = wanted_pointer;
	const struct ks_service_key *left = wanted->key;
	const struct ks_service_key *right = &wanted->services->entries[id]->key;

	if (left->protocol != right->protocol || left->is_match != right->is_match)
		return false;
	if (left->is_match)
		return memcmp(&left->match, &right->match, sizeof(left->match)) == 0;
	return left->port_be == right->port_be && ks_ip_equal(left->address, right->address);
}

void
ks_services_init(struct ks_services *services, struct ks_addresses *addresses,
	const struct ks_routes *routes, ks_read_traffic *read_traffic, void *read_context)
{
	services->server_is_available = ks_memory_map(KS_SERVERS_MAX, false);
	services->addresses = addresses;
	services->routes = routes;
	services->read_traffic = read_traffic;
	services->read_context = read_context;
}

static void
free_service(struct ks_service_entry *service)
{
	free(service->servers);
	free(service->sources);
	free(service);
}

void
ks_services_forget(struct ks_services *services, struct ks_service_entry *service)
{
	services->free_ids = ks_make_room(services->free_ids, services->free_ids_count,
		&services->free_ids_capacity, sizeof(*services->free_ids));
	services->free_ids[services->free_ids_count++] = service->id;
	services->entries[service->id] = NULL;
	ks_index_remove(&services->by_key, hash_of(&service->key), service->id);
	free_service(service);
}

/* const for those who read it; here its time is over. */
static void
free_published(const struct ks_virtual_server *published)
{
	if (published == NULL)
		return;
	free((void *)(uintptr_t)published->scheduler_table);
	free((void *)(uintptr_t)published);
}

void
ks_services_free(struct ks_services *services)
{
	for (uint32_t id = 0; id < services->count; id++) {
		if (services->entries[id] == NULL)
			continue;
		free_published(services->entries[id]->published);
		free_service(services->entries[id]);
	}
	free(services->entries);
	free(services->free_ids);
	free(services->free_server_ids);
	ks_index_free(&services->by_key);
	ks_index_free(&services->seen_by_address);
	free(services->seen);
	ks_memory_unmap(services->server_is_available, KS_SERVERS_MAX);
	memset(services, 0, sizeof(*services));
}

/* The entry, present or draining, or NULL. */
static struct ks_service_entry *
find_entry(const struct ks_services *services, const struct ks_service_key *key)
{
	const struct wanted_service wanted = {services, key};
	uint32_t id = ks_index_find(&services->by_key, hash_of(key), is_wanted, &wanted);

	return id == KS_INDEX_NONE ? NULL : services->entries[id];
}

struct ks_service_entry *
ks_services_find(const struct ks_services *services, const struct ks_service_key *key,
	struct ks_reason *reason)
{
	struct ks_service_entry *service = find_entry(services, key);

	if (service != NULL && service->is_present)
		return service;
	ks_refuse(reason, ENOENT, "there is no service %s", ks_service_text(key).text);
	return NULL;
}

void
ks_services_mark(struct ks_services *services, struct ks_service_entry *service)
{
	service->is_changed = true;
	services->is_changed = true;
}

static struct ks_service_entry *
make_service(struct ks_services *services, const struct ks_service_key *key)
{
	struct ks_service_entry *service = ks_allocate(1, sizeof(*service));

	if (services->free_ids_count != 0) {
		service->id = services->free_ids[--services->free_ids_count];
	} else {
		services->entries = ks_make_room(services->entries, services->count,
			&services->capacity, sizeof(*services->entries));
		service->id = services->count++;
	}
	service->key = *key;
	services->entries[service->id] = service;
	ks_index_add(&services->by_key, hash_of(key), service->id);
	return service;
}

struct wanted_address {
	const struct ks_services *services;
	struct ks_ip address;
};

static bool
is_wanted_address(const void *wanted_pointer, uint32_t position)
{
	const struct wanted_address *wanted = wanted_pointer;

	return ks_ip_equal(wanted->services->seen[position], wanted->address);
}

static bool
was_seen(const struct ks_services *services, struct ks_ip address)
{
	const struct wanted_address wanted = {services, address};

	return ks_index_find(&services->seen_by_address, ks_ip_hash(address), is_wanted_address,
		       &wanted) != KS_INDEX_NONE;
}

void
ks_services_note_source(struct ks_services *services, struct ks_ip address)
{
	services->has_shared_sources = services->has_shared_sources || was_seen(services, address);
}

/* Too many addresses to remember count as shared: that costs a look-up per new connection. */
static void
note_address(struct ks_services *services, struct ks_ip address)
{
	const struct ks_address_entry *entry = ks_addresses_find(services->addresses, address);

	if (services->seen_count >= KS_ADDRESSES_MAX || (entry != NULL && entry->source_uses > 0)) {
		services->has_shared_sources = true;
	} else if (!was_seen(services, address)) {
		services->seen = ks_make_room(services->seen, services->seen_count,
			&services->seen_capacity, sizeof(*services->seen));
		services->seen[services->seen_count] = address;
		ks_index_add(
			&services->seen_by_address, ks_ip_hash(address), services->seen_count++);
	}
}

static bool
is_of_family(struct ks_ip address, bool is_ipv6)
{
	return ks_ip_is_none(address) || ks_ip_is_v4(address) != is_ipv6;
}

static bool
is_range(struct ks_ip first, struct ks_ip last, bool is_ipv6)
{
	return is_of_family(first, is_ipv6) && is_of_family(last, is_ipv6) &&
	       ks_ip_compare(first, last) <= 0;
}

static int
check_key(const struct ks_service_key *key, struct ks_reason *reason)
{
	const struct ks_match *match = &key->match;

	if (!key->is_match)
		return ks_address_check(key->address, reason);
	if (!is_range(match->source_first, match->source_last, match->is_ipv6) ||
		!is_range(match->destination_first, match->destination_last, match->is_ipv6) ||
		match->source_port_first > match->source_port_last ||
		match->destination_port_first > match->destination_port_last)
		return ks_refuse(reason, EINVAL,
			"service %s: a range ends before it begins, or is of another family than "
			"the rest; correct it",
			ks_service_text(key).text);
	return 0;
}

int
ks_services_add(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason)
{
	struct ks_service_entry *service = find_entry(services, &change->service);

	if (check_key(&change->service, reason) != 0)
		return -EINVAL;
	if (service != NULL && service->is_present)
		return ks_refuse(reason, EEXIST, "service %s exists already",
			ks_service_text(&change->service).text);
	if (service == NULL && services->by_key.count == KS_SERVICES_MAX)
		return ks_refuse(
			reason, ENOSPC, "no room for more than %u services", KS_SERVICES_MAX);
	if (service == NULL)
		service = make_service(services, &change->service);
	service->is_present = true;
	service->order = services->made_count++;
	if (!change->service.is_match)
		note_address(services, change->service.address);
	service->options = change->service_options;
	service->owner = (uint8_t)change->owner;
	ks_services_mark(services, service);
	return 0;
}

int
ks_services_alter(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason)
{
	struct ks_service_entry *service = ks_services_find(services, &change->service, reason);

	if (service == NULL)
		return -ENOENT;
	service->options = change->service_options;
	ks_services_mark(services, service);
	return 0;
}

int
ks_services_remove(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason)
{
	struct ks_service_entry *service = ks_services_find(services, &change->service, reason);

	if (service == NULL)
		return -ENOENT;
	for (uint32_t i = 0; i < service->servers_count; i++) {
		if (service->servers[i].is_present)
			ks_server_drain(services, service, &service->servers[i]);
	}
	for (uint32_t i = 0; i < service->sources_count; i++)
		ks_addresses_unuse(services->addresses, service->sources[i].address_id,
			service->sources[i].is_leased);
	service->sources_count = 0;
	service->is_present = false;
	memset(&service->past, 0, sizeof(service->past));
	ks_services_mark(services, service);
	services->may_reap = true;
	return 0;
}
