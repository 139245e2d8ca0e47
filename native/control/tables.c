#include "tables.h"

#include <stdlib.h>
#include <string.h>

#include "../datapath/tcp_state.h"
#include "reason.h"
#include "servers.h"
#include "service_build.h"

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

/* How well it stands for its port: what is known afar first, then what stays. */
static uint32_t
rank_of(const struct ks_address_entry *entry)
{
	uint32_t rank = 1;

	if (!ks_address_is_there(entry))
		return 0;
	if (entry->source_uses != 0)
		rank += 1;
	if (entry->is_added)
		rank += 2;
	if (!ks_ip_is_link_local(entry->address))
		rank += 4;
	return rank;
}

static void
fill_port_addresses(const struct ks_addresses *from, struct ks_tables *tables)
{
	uint32_t best[KS_PORTS_MAX][KS_FAMILIES] = {0};

	memset(tables->port_addresses, 0, sizeof(tables->port_addresses));
	for (uint32_t id = 0; id < from->count; id++) {
		const struct ks_address_entry *entry = &from->entries[id];
		enum ks_family family = ks_ip_family(entry->address);
		uint32_t rank = rank_of(entry);

		if (rank <= best[entry->port][family])
			continue;
		best[entry->port][family] = rank;
		tables->port_addresses[entry->port][family] = entry->address;
	}
}

static void
build_addresses(struct ks_publisher *publisher, struct ks_tables *tables)
{
	const struct ks_addresses *from = publisher->addresses;
	uint32_t slots_count = ks_slots_for(from->count);
	struct ks_local_address *addresses = ks_allocate(from->count, sizeof(*addresses));
	uint32_t *slots = ks_allocate(slots_count, sizeof(*slots));
	uint32_t count = 0;

	for (uint32_t id = 0; id < from->count; id++) {
		const struct ks_address_entry *entry = &from->entries[id];
		uint32_t slot = ks_address_hash(entry->address) & (slots_count - 1);

		if (!ks_address_is_used(entry))
			continue;
		addresses[count++] = (struct ks_local_address){.address = entry->address,
			.id = id,
			.port = entry->port,
			.prefix_bits = entry->prefix_bits,
			.is_source = entry->source_uses != 0};
		while (slots[slot] != 0)
			slot = (slot + 1) & (slots_count - 1);
		slots[slot] = count;
	}
	fill_port_addresses(from, tables);
	retire(publisher, tables->addresses);
	retire(publisher, tables->address_slots);
	tables->addresses = addresses;
	tables->address_slots = slots;
	tables->address_mask = slots_count - 1;
	tables->addresses_count = count;
}

struct sortable_route {
	struct ks_route route;
	uint8_t bits;
	uint8_t is_connected; /* of an address: gives way to an added one */
};

static int
compare_routes(const void *left_pointer, const void *right_pointer)
{
	const struct sortable_route *left = left_pointer;
	const struct sortable_route *right = right_pointer;

	int order = (int)right->bits - (int)left->bits;

	if (order == 0)
		order = ks_ip_compare(left->route.network, right->route.network);
	if (order != 0)
		return order;
	return (int)left->is_connected - (int)right->is_connected;
}

static uint32_t
collect_routes(const struct ks_publisher *publisher, struct sortable_route *routes)
{
	const struct ks_addresses *addresses = publisher->addresses;
	uint32_t count = 0;

	for (uint32_t i = 0; i < publisher->routes->count; i++) {
		const struct ks_route_entry *entry = &publisher->routes->entries[i];

		routes[count++] =
			(struct sortable_route){.route = {.network = entry->destination.address,
							.gateway = entry->gateway,
							.port = entry->port},
				.bits = entry->destination.bits};
	}
	for (uint32_t id = 0; id < addresses->count; id++) {
		const struct ks_address_entry *entry = &addresses->entries[id];

		if (!ks_address_is_used(entry) || entry->prefix_bits == KS_IP_BITS)
			continue;
		routes[count++] = (struct sortable_route){
			.route = {.network = ks_ip_masked(entry->address, entry->prefix_bits),
				.port = entry->port},
			.bits = entry->prefix_bits,
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
	memset(tables->route_lengths, 0, sizeof(tables->route_lengths));
	for (uint32_t i = 0; i < count; i++) {
		uint8_t bits = sorted[i].bits;

		if (i > 0 && sorted[i - 1].bits == bits &&
			ks_ip_equal(sorted[i - 1].route.network, sorted[i].route.network))
			continue;
		if (tables->route_count[bits]++ == 0)
			tables->route_first[bits] = kept;
		tables->route_lengths[bits / 64] |= UINT64_C(1) << (bits % 64);
		routes[kept++] = sorted[i].route;
	}
	free(sorted);
	retire(publisher, tables->routes);
	tables->routes = routes;
}

/* Publishes the service anew; whether its servers by NAT are others than before. */
static bool
renew_service(struct ks_publisher *publisher, struct ks_service_entry *entry)
{
	const struct ks_virtual_server *before = entry->published;

	ks_servers_refresh(publisher->services, entry);
	publisher->revision = RTE_MAX(publisher->revision + 1, 1u);
	entry->published = entry->is_present ? ks_service_build(publisher->addresses, entry,
						       publisher->revision)
					     : NULL;
	entry->is_changed = false;
	if (before != NULL)
		retire(publisher, before->scheduler_table);
	retire(publisher, before);
	return !ks_service_nat_equal(before, entry->published);
}

static void
add_to_slots(const struct ks_virtual_server **slots, uint32_t mask,
	const struct ks_virtual_server *service)
{
	uint32_t slot =
		ks_virtual_server_hash(service->address, service->port_be, service->protocol) &
		mask;

	while (slots[slot] != NULL)
		slot = (slot + 1) & mask;
	slots[slot] = service;
}

static int
compare_order(const void *left_pointer, const void *right_pointer)
{
	const struct ks_service_entry *const *left = left_pointer;
	const struct ks_service_entry *const *right = right_pointer;

	return (*left)->order < (*right)->order ? -1 : 1;
}

/* Services by match, in the order in which they were made. */
static void
build_matches(struct ks_publisher *publisher, struct ks_tables *tables, uint32_t count)
{
	const struct ks_services *from = publisher->services;
	const struct ks_service_entry **entries = ks_allocate(count, sizeof(void *));
	const struct ks_virtual_server **matches = ks_allocate(count, sizeof(void *));
	uint32_t found = 0;

	for (uint32_t id = 0; found < count; id++) {
		const struct ks_service_entry *entry = from->entries[id];

		if (entry != NULL && entry->published != NULL && entry->key.is_match)
			entries[found++] = entry;
	}
	qsort(entries, count, sizeof(*entries), compare_order);
	for (uint32_t i = 0; i < count; i++)
		matches[i] = entries[i]->published;
	free(entries);
	retire(publisher, tables->matches);
	tables->matches = matches;
	tables->matches_count = count;
}

static void
build_services(struct ks_publisher *publisher, struct ks_tables *tables)
{
	struct ks_services *from = publisher->services;
	uint32_t slots_count = ks_slots_for(from->by_key.count);
	const struct ks_virtual_server **slots = ks_allocate(slots_count, sizeof(void *));
	bool is_nat_changed = false;
	uint32_t matches_count = 0;

	tables->has_any_port = false;
	for (uint32_t id = 0; id < from->count; id++) {
		struct ks_service_entry *entry = from->entries[id];

		if (entry == NULL)
			continue;
		if (entry->is_changed)
			is_nat_changed |= renew_service(publisher, entry);
		if (entry->published == NULL)
			continue;
		if (entry->key.is_match) {
			matches_count++;
			continue;
		}
		tables->has_any_port |= entry->key.port_be == 0;
		add_to_slots(slots, slots_count - 1, entry->published);
	}
	retire(publisher, tables->virtual_server_slots);
	tables->virtual_server_slots = slots;
	tables->virtual_server_mask = slots_count - 1;
	build_matches(publisher, tables, matches_count);
	if (is_nat_changed) {
		retire(publisher, tables->nat_servers);
		tables->nat_servers = ks_services_nat_build(from, &tables->nat_server_mask);
	}
}

_Static_assert((int)KS_STATE_UDP == (int)KS_TIMEOUT_UDP, "timeouts are in the order of states");

static void
build_settings(struct ks_publisher *publisher, struct ks_tables *tables)
{
	const struct ks_settings *settings = &publisher->settings->settings;
	uint32_t *ticks = ks_allocate(KS_STATES, sizeof(*ticks));

	memcpy(ticks, ks_state_timeout_ticks, sizeof(ks_state_timeout_ticks));
	for (uint32_t state = 0; state <= KS_STATE_UDP; state++)
		ticks[state] = settings->timeout_seconds[state] * KS_TICKS_PER_SECOND;
	retire(publisher, tables->timeout_ticks);
	tables->timeout_ticks = ticks;
	tables->forwards_ipv4 = settings->forwards_ipv4;
	tables->forwards_ipv6 = settings->forwards_ipv6;
	tables->expires_quiescent_templates = settings->expires_quiescent_templates;
	tables->drops_unserved_udp = settings->drops_unserved_udp;
	tables->drops_stray_tcp = settings->drops_stray_tcp;
	tables->uoa_mode = settings->uoa_mode;
	tables->uoa_packets_max = settings->uoa_packets_max;
	ticks[KS_STATE_SCTP] = settings->timeout_seconds[KS_TIMEOUT_SCTP] * KS_TICKS_PER_SECOND;
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
	bool has_settings = is_first || publisher->settings->is_changed;

	if (!has_addresses && !has_routes && !has_services && !has_settings)
		return false;

	struct ks_tables *tables = ks_allocate(1, sizeof(*tables));

	if (!is_first)
		*tables = *publisher->current;
	tables->held_until_tsc = publisher->addresses->held_until_tsc;
	tables->server_is_available = publisher->services->server_is_available;
	tables->has_shared_sources = publisher->services->has_shared_sources;
	if (has_settings)
		build_settings(publisher, tables);
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
	publisher->settings->is_changed = false;
	return has_routes && !is_first;
}

void
ks_publisher_init(struct ks_publisher *publisher, struct rte_rcu_qsbr *qsbr,
	struct ks_addresses *addresses, struct ks_routes *routes, struct ks_services *services,
	struct ks_kept_settings *settings)
{
	publisher->qsbr = qsbr;
	publisher->addresses = addresses;
	publisher->routes = routes;
	publisher->services = services;
	publisher->settings = settings;
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
		free((void *)(uintptr_t)tables->matches);
		free((void *)(uintptr_t)tables->timeout_ticks);
		free((void *)(uintptr_t)tables->nat_servers);
		free(tables);
	}
	memset(publisher, 0, sizeof(*publisher));
}
