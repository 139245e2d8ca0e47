#include "tables.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "reason.h"

/* A power of two with room for twice as many, so that a search always ends at a free slot. */
static uint32_t
slots_for(uint32_t count)
{
	uint32_t slots = 2;

	while (slots < count * 2 + 2)
		slots *= 2;
	return slots;
}

static void
retire(struct ks_publisher *publisher, const void *memory)
{
	if (memory == NULL)
		return;
	publisher->retired = ks_make_room(publisher->retired, publisher->retired_count,
		&publisher->retired_capacity, sizeof(*publisher->retired));
	publisher->retired[publisher->retired_count++] =
		(struct ks_retired){.memory = (void *)(uintptr_t)memory};
}

static void
build_addresses(struct ks_publisher *publisher, struct ks_tables *tables)
{
	const struct ks_addresses *from = publisher->addresses;
	uint32_t slots_count = slots_for(from->count);
	struct ks_local_address *addresses = ks_allocate(from->count, sizeof(*addresses));
	uint32_t *slots = ks_allocate(slots_count, sizeof(*slots));
	uint32_t count = 0;

	for (uint32_t id = 0; id < from->count; id++) {
		const struct ks_address_entry *entry = &from->entries[id];
		uint32_t slot = ks_address_hash(entry->address_be) & (slots_count - 1);

		if (!ks_address_is_used(entry))
			continue;
		addresses[count++] = (struct ks_local_address){.address_be = entry->address_be,
			.id = id,
			.port = entry->port,
			.prefix_length = entry->prefix_length,
			.is_source = entry->source_uses != 0};
		while (slots[slot] != 0)
			slot = (slot + 1) & (slots_count - 1);
		slots[slot] = count;
	}
	retire(publisher, tables->addresses);
	retire(publisher, tables->address_slots);
	tables->addresses = addresses;
	tables->address_slots = slots;
	tables->address_mask = slots_count - 1;
	tables->addresses_count = count;
}

struct sortable_route {
	struct ks_route route;
	uint8_t length;
	uint8_t is_connected; /* of an address: gives way to an added one */
};

static int
compare_routes(const void *left_pointer, const void *right_pointer)
{
	const struct sortable_route *left = left_pointer;
	const struct sortable_route *right = right_pointer;

	if (left->length != right->length)
		return left->length < right->length ? 1 : -1;
	if (left->route.network != right->route.network)
		return left->route.network < right->route.network ? -1 : 1;
	return (int)left->is_connected - (int)right->is_connected;
}

static uint32_t
collect_routes(const struct ks_publisher *publisher, struct sortable_route *routes)
{
	const struct ks_addresses *addresses = publisher->addresses;
	uint32_t count = 0;

	for (uint32_t i = 0; i < publisher->routes->count; i++) {
		const struct ks_route_entry *entry = &publisher->routes->entries[i];

		routes[count++] = (struct sortable_route){.route = {.network = entry->network,
								  .gateway_be = entry->gateway_be,
								  .port = entry->port},
			.length = entry->length};
	}
	for (uint32_t id = 0; id < addresses->count; id++) {
		const struct ks_address_entry *entry = &addresses->entries[id];

		if (!ks_address_is_used(entry) || entry->prefix_length == 32)
			continue;
		routes[count++] = (struct sortable_route){
			.route = {.network = ntohl(entry->address_be) &
					     ks_prefix_mask(entry->prefix_length),
				.port = entry->port},
			.length = entry->prefix_length,
			.is_connected = 1};
	}
	return count;
}

static void
build_routes(struct ks_publisher *publisher, struct ks_tables *tables)
{
	uint32_t count_max = publisher->routes->count + publisher->addresses->count;
	struct sortable_route *sorted = ks_allocate(count_max, sizeof(*sorted));
	uint32_t count = collect_routes(publisher, sorted);
	struct ks_route *routes = ks_allocate(count, sizeof(*routes));
	uint32_t kept = 0;

	qsort(sorted, count, sizeof(*sorted), compare_routes);
	memset(tables->route_first, 0, sizeof(tables->route_first));
	memset(tables->route_count, 0, sizeof(tables->route_count));
	tables->route_lengths = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint8_t length = sorted[i].length;

		if (i > 0 && sorted[i - 1].length == length &&
			sorted[i - 1].route.network == sorted[i].route.network)
			continue;
		if (tables->route_count[length]++ == 0)
			tables->route_first[length] = kept;
		tables->route_lengths |= UINT64_C(1) << length;
		routes[kept++] = sorted[i].route;
	}
	free(sorted);
	retire(publisher, tables->routes);
	tables->routes = routes;
}

static uint32_t
greatest_common_divisor(uint32_t left, uint32_t right)
{
	while (right != 0) {
		uint32_t rest = left % right;

		left = right;
		right = rest;
	}
	return left;
}

static uint32_t
present_servers(const struct ks_service_entry *service)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < service->servers_count; i++)
		count += service->servers[i].is_present;
	return count;
}

/* One block: the service, its sources, its servers. */
static const struct ks_virtual_server *
build_service(const struct ks_addresses *addresses, const struct ks_service_entry *from)
{
	uint32_t servers_count = present_servers(from);
	size_t bytes = sizeof(struct ks_virtual_server) +
		       from->sources_count * sizeof(struct ks_source_address) +
		       servers_count * sizeof(struct ks_server);
	struct ks_virtual_server *service = ks_allocate(1, bytes);
	struct ks_source_address *sources = (struct ks_source_address *)(service + 1);
	struct ks_server *servers = (struct ks_server *)(sources + from->sources_count);
	uint32_t gcd = 0;

	*service = (struct ks_virtual_server){.address_be = from->key.address_be,
		.port_be = from->key.port_be,
		.protocol = from->key.protocol,
		.scheduler = from->scheduler,
		.id = from->id,
		.sources_count = from->sources_count,
		.sources = sources,
		.servers = servers};
	for (uint32_t i = 0; i < from->sources_count; i++) {
		uint32_t id = from->sources[i].address_id;

		sources[i] =
			(struct ks_source_address){.address_be = addresses->entries[id].address_be,
				.id = id,
				.port = addresses->entries[id].port};
	}
	for (uint32_t i = 0; i < from->servers_count; i++) {
		const struct ks_server_entry *server = &from->servers[i];

		if (!server->is_present)
			continue;
		servers[service->servers_count++] =
			(struct ks_server){.address_be = server->address_be,
				.port_be = server->port_be,
				.weight = server->weight,
				.id = server->id};
		service->weight_max = RTE_MAX(service->weight_max, server->weight);
		gcd = greatest_common_divisor(gcd, server->weight);
	}
	service->weight_gcd = gcd != 0 ? gcd : 1;
	return service;
}

static void
build_services(struct ks_publisher *publisher, struct ks_tables *tables)
{
	struct ks_services *from = publisher->services;
	uint32_t slots_count = slots_for(from->by_key.count);
	const struct ks_virtual_server **slots = ks_allocate(slots_count, sizeof(void *));

	for (uint32_t id = 0; id < from->count; id++) {
		struct ks_service_entry *entry = from->entries[id];

		if (entry == NULL)
			continue;
		if (entry->is_changed) {
			retire(publisher, entry->published);
			entry->published = entry->is_present
						   ? build_service(publisher->addresses, entry)
						   : NULL;
			entry->is_changed = false;
		}
		if (entry->published == NULL)
			continue;

		uint32_t slot = ks_virtual_server_hash(entry->key.address_be, entry->key.port_be,
					entry->key.protocol) &
				(slots_count - 1);

		while (slots[slot] != NULL)
			slot = (slot + 1) & (slots_count - 1);
		slots[slot] = entry->published;
	}
	retire(publisher, tables->virtual_server_slots);
	tables->virtual_server_slots = slots;
	tables->virtual_server_mask = slots_count - 1;
}

/* What was retired while building may go once every reader has passed this point. */
static void
stamp_retired(struct ks_publisher *publisher)
{
	publisher->token = rte_rcu_qsbr_start(publisher->qsbr);
	for (uint32_t i = publisher->retired_count; i > publisher->retired_freed; i--) {
		if (publisher->retired[i - 1].token != 0)
			break;
		publisher->retired[i - 1].token = publisher->token;
	}
}

bool
ks_publisher_publish(struct ks_publisher *publisher)
{
	bool is_first = publisher->current == NULL;
	bool has_addresses = is_first || publisher->addresses->is_changed;
	bool has_routes =
		is_first || publisher->routes->is_changed || publisher->addresses->is_route_changed;
	bool has_services = is_first || publisher->services->is_changed;

	if (!has_addresses && !has_routes && !has_services)
		return false;

	struct ks_tables *tables = ks_allocate(1, sizeof(*tables));

	if (!is_first)
		*tables = *publisher->current;
	tables->held_until_tsc = publisher->addresses->held_until_tsc;
	tables->server_is_available = publisher->services->server_is_available;
	tables->has_shared_sources = publisher->services->has_shared_sources;
	if (has_addresses)
		build_addresses(publisher, tables);
	if (has_routes)
		build_routes(publisher, tables);
	if (has_services)
		build_services(publisher, tables);
	retire(publisher, publisher->current);
	publisher->current = tables;
	atomic_store_explicit(&publisher->published, tables, memory_order_release);
	stamp_retired(publisher);
	publisher->addresses->is_changed = false;
	publisher->addresses->is_route_changed = false;
	publisher->routes->is_changed = false;
	publisher->services->is_changed = false;
	return has_routes && !is_first;
}

void
ks_publisher_init(struct ks_publisher *publisher, struct rte_rcu_qsbr *qsbr,
	struct ks_addresses *addresses, struct ks_routes *routes, struct ks_services *services)
{
	publisher->qsbr = qsbr;
	publisher->addresses = addresses;
	publisher->routes = routes;
	publisher->services = services;
	ks_publisher_publish(publisher);
}

bool
ks_publisher_reclaim(struct ks_publisher *publisher)
{
	while (publisher->retired_freed < publisher->retired_count) {
		struct ks_retired *oldest = &publisher->retired[publisher->retired_freed];

		if (rte_rcu_qsbr_check(publisher->qsbr, oldest->token, false) == 0)
			return false;
		free(oldest->memory);
		publisher->retired_freed++;
	}
	publisher->retired_count = 0;
	publisher->retired_freed = 0;
	return rte_rcu_qsbr_check(publisher->qsbr, publisher->token, false) != 0;
}

void
ks_publisher_free(struct ks_publisher *publisher)
{
	struct ks_tables *tables = publisher->current;

	for (uint32_t i = publisher->retired_freed; i < publisher->retired_count; i++)
		free(publisher->retired[i].memory);
	free(publisher->retired);
	if (tables != NULL) {
		free((void *)(uintptr_t)tables->addresses);
		free((void *)(uintptr_t)tables->address_slots);
		free((void *)(uintptr_t)tables->routes);
		free((void *)(uintptr_t)tables->virtual_server_slots);
		free(tables);
	}
	memset(publisher, 0, sizeof(*publisher));
}
