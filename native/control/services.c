#include "services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../datapath/tables.h"
#include "memory.h"
#include "reason.h"
#include "servers.h"

static uint64_t
key_of(struct ks_service_key key)
{
	return ((uint64_t)key.address_be << 24) | ((uint64_t)key.port_be << 8) | key.protocol;
}

void
ks_services_init(struct ks_services *services, struct ks_addresses *addresses,
	ks_read_traffic *read_traffic, void *read_context)
{
	services->server_is_available = ks_memory_map(KS_SERVERS_MAX, false);
	services->addresses = addresses;
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
	ks_index_remove(&services->by_key, key_of(service->key));
	free_service(service);
}

void
ks_services_free(struct ks_services *services)
{
	for (uint32_t id = 0; id < services->count; id++) {
		if (services->entries[id] == NULL)
			continue;
		/* const for those who read it; here its time is over. */
		free((void *)(uintptr_t)services->entries[id]->published);
		free_service(services->entries[id]);
	}
	free(services->entries);
	free(services->free_ids);
	free(services->free_server_ids);
	ks_index_free(&services->by_key);
	ks_index_free(&services->addresses_seen);
	ks_memory_unmap(services->server_is_available, KS_SERVERS_MAX);
	memset(services, 0, sizeof(*services));
}

/* The entry, present or draining, or NULL. */
static struct ks_service_entry *
find_entry(const struct ks_services *services, struct ks_service_key key)
{
	uint32_t id = ks_index_find(&services->by_key, key_of(key));

	return id == KS_INDEX_NONE ? NULL : services->entries[id];
}

struct ks_service_entry *
ks_services_find(
	const struct ks_services *services, struct ks_service_key key, struct ks_reason *reason)
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
make_service(struct ks_services *services, struct ks_service_key key)
{
	struct ks_service_entry *service = ks_allocate(1, sizeof(*service));

	if (services->free_ids_count != 0) {
		service->id = services->free_ids[--services->free_ids_count];
	} else {
		services->entries = ks_make_room(services->entries, services->count,
			&services->capacity, sizeof(*services->entries));
		service->id = services->count++;
	}
	service->key = key;
	services->entries[service->id] = service;
	ks_index_add(&services->by_key, key_of(key), service->id);
	return service;
}

void
ks_services_note_source(struct ks_services *services, uint32_t address_be)
{
	services->has_shared_sources =
		services->has_shared_sources ||
		ks_index_find(&services->addresses_seen, address_be) != KS_INDEX_NONE;
}

/* Too many addresses to remember count as shared: that costs a look-up per new connection. */
static void
note_address(struct ks_services *services, uint32_t address_be)
{
	const struct ks_address_entry *entry = ks_addresses_find(services->addresses, address_be);

	if (services->addresses_seen.count >= KS_ADDRESSES_MAX ||
		(entry != NULL && entry->source_uses > 0))
		services->has_shared_sources = true;
	else if (ks_index_find(&services->addresses_seen, address_be) == KS_INDEX_NONE)
		ks_index_add(&services->addresses_seen, address_be, 1);
}

int
ks_services_add(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason)
{
	struct ks_service_entry *service = find_entry(services, change->service);

	if (service != NULL && service->is_present)
		return ks_refuse(reason, EEXIST, "service %s exists already",
			ks_service_text(change->service).text);
	if (service == NULL && services->by_key.count == KS_SERVICES_MAX)
		return ks_refuse(
			reason, ENOSPC, "no room for more than %u services", KS_SERVICES_MAX);
	if (service == NULL)
		service = make_service(services, change->service);
	service->is_present = true;
	note_address(services, change->service.address_be);
	service->scheduler = change->scheduler;
	service->owner = (uint8_t)change->owner;
	ks_services_mark(services, service);
	return 0;
}

int
ks_services_alter(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason)
{
	struct ks_service_entry *service = ks_services_find(services, change->service, reason);

	if (service == NULL)
		return -ENOENT;
	service->scheduler = change->scheduler;
	ks_services_mark(services, service);
	return 0;
}

int
ks_services_remove(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason)
{
	struct ks_service_entry *service = ks_services_find(services, change->service, reason);

	if (service == NULL)
		return -ENOENT;
	for (uint32_t i = 0; i < service->servers_count; i++) {
		if (service->servers[i].is_present)
			ks_server_drain(services, service, &service->servers[i]);
	}
	for (uint32_t i = 0; i < service->sources_count; i++)
		ks_addresses_unuse(services->addresses, service->sources[i].address_id);
	service->sources_count = 0;
	service->is_present = false;
	memset(&service->past, 0, sizeof(service->past));
	ks_services_mark(services, service);
	services->may_reap = true;
	return 0;
}
