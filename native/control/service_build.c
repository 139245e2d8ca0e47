#include "service_build.h"

#include <stdlib.h>
#include <string.h>

#include "reason.h"
#include "scheduler_table.h"

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
present_servers(const struct ks_service_entry *entry)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < entry->servers_count; i++)
		count += entry->servers[i].is_present;
	return count;
}

/* Those of a family in their order; returns what comes behind them. */
static struct ks_source_address *
fill_sources(struct ks_virtual_server *service, enum ks_family family,
	struct ks_source_address *sources, const struct ks_addresses *addresses,
	const struct ks_service_entry *entry)
{
	service->sources[family] = sources;
	for (uint32_t i = 0; i < entry->sources_count; i++) {
		uint32_t id = entry->sources[i].address_id;
		const struct ks_address_entry *address = &addresses->entries[id];

		if (ks_ip_family(address->address) != family)
			continue;
		*sources++ = (struct ks_source_address){
			.address = address->address, .id = id, .port = address->port};
		service->sources_count[family]++;
	}
	return sources;
}

static void
fill_servers(struct ks_virtual_server *service, struct ks_server *servers,
	const struct ks_service_entry *entry)
{
	uint32_t gcd = 0;

	for (uint32_t i = 0; i < entry->servers_count; i++) {
		const struct ks_server_entry *server = &entry->servers[i];

		if (!server->is_present)
			continue;
		servers[service->servers_count++] = (struct ks_server){.address = server->address,
			.port_be = server->port_be,
			.id = server->id,
			.options = server->options};
		service->weight_max = RTE_MAX(service->weight_max, server->options.weight);
		service->has_nat |= server->options.forwarding == KS_FORWARD_NAT;
		gcd = greatest_common_divisor(gcd, server->options.weight);
	}
	service->weight_gcd = gcd != 0 ? gcd : 1;
}

const struct ks_virtual_server *
ks_service_build(const struct ks_addresses *addresses, const struct ks_service_entry *entry,
	uint32_t revision)
{
	size_t bytes = sizeof(struct ks_virtual_server) + sizeof(struct ks_match) +
		       entry->sources_count * sizeof(struct ks_source_address) +
		       present_servers(entry) * sizeof(struct ks_server);
	struct ks_virtual_server *service = ks_allocate(1, bytes);
	struct ks_match *match = (struct ks_match *)(service + 1);
	struct ks_source_address *sources = (struct ks_source_address *)(match + 1);
	struct ks_server *servers = (struct ks_server *)(sources + entry->sources_count);

	*match = entry->key.match;
	*service = (struct ks_virtual_server){.address = entry->key.address,
		.port_be = entry->key.port_be,
		.protocol = entry->key.protocol,
		.id = entry->id,
		.revision = revision,
		.options = entry->options,
		.servers = servers,
		.match = entry->key.is_match ? match : NULL};
	sources = fill_sources(service, KS_IPV4, sources, addresses, entry);
	fill_sources(service, KS_IPV6, sources, addresses, entry);
	fill_servers(service, servers, entry);
	service->scheduler_table = ks_scheduler_table_build(service);
	return service;
}

/* The server's answers come from this port. */
static rte_be16_t
answer_port_be(const struct ks_virtual_server *service, const struct ks_server *server)
{
	return server->port_be != 0 ? server->port_be : service->port_be;
}

/* The next server by NAT at or after the position; servers_count: there is none. */
static uint32_t
next_nat(const struct ks_virtual_server *service, uint32_t position)
{
	while (position < service->servers_count &&
		service->servers[position].options.forwarding != KS_FORWARD_NAT)
		position++;
	return position;
}

bool
ks_service_nat_equal(const struct ks_virtual_server *left, const struct ks_virtual_server *right)
{
	bool has_left = left != NULL && left->has_nat;
	bool has_right = right != NULL && right->has_nat;
	uint32_t i, j;

	if (!has_left || !has_right)
		return has_left == has_right;
	for (i = next_nat(left, 0), j = next_nat(right, 0);
		i < left->servers_count && j < right->servers_count;
		i = next_nat(left, i + 1), j = next_nat(right, j + 1)) {
		if (!ks_ip_equal(left->servers[i].address, right->servers[j].address) ||
			answer_port_be(left, &left->servers[i]) !=
				answer_port_be(right, &right->servers[j]))
			return false;
	}
	return i == left->servers_count && j == right->servers_count;
}

static void
add_nat(struct ks_nat_server *slots, uint32_t mask, const struct ks_nat_server *added)
{
	uint32_t slot =
		ks_virtual_server_hash(added->address, added->port_be, added->protocol) & mask;

	for (; slots[slot].protocol != 0; slot = (slot + 1) & mask) {
		if (memcmp(&slots[slot], added, sizeof(*added)) == 0)
			return;
	}
	slots[slot] = *added;
}

struct ks_nat_server *
ks_services_nat_build(const struct ks_services *services, uint32_t *mask)
{
	struct ks_nat_server *slots;
	uint32_t count = 0;

	for (uint32_t id = 0; id < services->count; id++) {
		const struct ks_service_entry *entry = services->entries[id];

		if (entry != NULL && entry->published != NULL && entry->published->has_nat)
			count += entry->published->servers_count;
	}
	if (count == 0)
		return NULL;
	*mask = ks_slots_for(count) - 1;
	slots = ks_allocate(*mask + 1, sizeof(*slots));
	for (uint32_t id = 0; id < services->count; id++) {
		const struct ks_service_entry *entry = services->entries[id];
		const struct ks_virtual_server *service = entry != NULL ? entry->published : NULL;

		if (service == NULL || !service->has_nat)
			continue;
		for (uint32_t i = next_nat(service, 0); i < service->servers_count;
			i = next_nat(service, i + 1)) {
			const struct ks_server *server = &service->servers[i];

			add_nat(slots, *mask,
				&(struct ks_nat_server){.address = server->address,
					.port_be = answer_port_be(service, server),
					.protocol = service->protocol});
		}
	}
	return slots;
}
