#include "../api.h"

#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "counters.h"
#include "dataplane.h"
#include "reason.h"
#include "servers.h"

static const char *
port_name(const struct ks_dataplane *dataplane, uint16_t port)
{
	return dataplane->ports.ports[port].name;
}

void
ks_each_address(void (*visit)(void *context, const struct ks_address_row *), void *context)
{
	struct ks_dataplane *dataplane = ks_dataplane();

	ks_dataplane_keep_house(dataplane);
	for (uint32_t id = 0; id < dataplane->addresses.count; id++) {
		const struct ks_address_entry *entry = &dataplane->addresses.entries[id];

		if (!entry->is_added && !entry->is_leased)
			continue;
		visit(context,
			&(struct ks_address_row){.prefix = {entry->address, entry->prefix_bits},
				.device = port_name(dataplane, entry->port),
				.owner = entry->is_leased ? KS_OWNER_VRRP
							  : (enum ks_owner)entry->owner});
	}
}

void
ks_each_lease(void (*visit)(void *context, const struct ks_lease_row *), void *context)
{
	struct ks_dataplane *dataplane = ks_dataplane();
	uint64_t tsc_per_ms = rte_get_tsc_hz() / 1000;

	ks_dataplane_keep_house(dataplane);
	for (uint32_t id = 0; id < dataplane->addresses.count; id++) {
		const struct ks_address_entry *entry = &dataplane->addresses.entries[id];
		uint64_t until_tsc = entry->lease_until_tsc;
		uint64_t now_tsc = rte_rdtsc();

		if (!entry->is_leased || until_tsc <= now_tsc)
			continue;
		visit(context,
			&(struct ks_lease_row){.holder = entry->holder,
				.prefix = {entry->address, entry->prefix_bits},
				.device = port_name(dataplane, entry->port),
				.remaining_ms = until_tsc == UINT64_MAX
							? KS_FOREVER
							: (until_tsc - now_tsc) / tsc_per_ms});
	}
}

void
ks_each_route(void (*visit)(void *context, const struct ks_route_row *), void *context)
{
	const struct ks_dataplane *dataplane = ks_dataplane();

	for (uint32_t i = 0; i < dataplane->routes.count; i++) {
		const struct ks_route_entry *entry = &dataplane->routes.entries[i];

		visit(context, &(struct ks_route_row){.destination = entry->destination,
				       .gateway = entry->gateway,
				       .device = port_name(dataplane, entry->port),
				       .owner = (enum ks_owner)entry->owner});
	}
}

/* The service that is present at the position, or NULL. */
static const struct ks_service_entry *
service_at(const struct ks_dataplane *dataplane, uint32_t id)
{
	const struct ks_service_entry *service = dataplane->services.entries[id];

	return service != NULL && service->is_present ? service : NULL;
}

static void
visit_service(const struct ks_dataplane *dataplane, const struct ks_service_entry *service,
	void (*visit)(void *context, const struct ks_service_row *), void *context)
{
	visit(context, &(struct ks_service_row){.key = service->key,
			       .id = service->id,
			       .options = service->options,
			       .owner = (enum ks_owner)service->owner,
			       .traffic = ks_service_traffic(&dataplane->services, service)});
}

static void
visit_servers(const struct ks_dataplane *dataplane, const struct ks_service_entry *service,
	void (*visit)(void *context, const struct ks_server_row *), void *context)
{
	for (uint32_t i = 0; i < service->servers_count; i++) {
		const struct ks_server_entry *server = &service->servers[i];

		if (!server->is_present)
			continue;
		visit(context, &(struct ks_server_row){.service = service->key,
				       .id = server->id,
				       .address = server->address,
				       .port_be = server->port_be,
				       .options = server->options,
				       .owner = (enum ks_owner)server->owner,
				       .traffic = ks_server_traffic(&dataplane->services, server)});
	}
}

void
ks_each_service(void (*visit)(void *context, const struct ks_service_row *), void *context)
{
	const struct ks_dataplane *dataplane = ks_dataplane();

	for (uint32_t id = 0; id < dataplane->services.count; id++) {
		const struct ks_service_entry *service = service_at(dataplane, id);

		if (service != NULL)
			visit_service(dataplane, service, visit, context);
	}
}

void
ks_each_server(void (*visit)(void *context, const struct ks_server_row *), void *context)
{
	const struct ks_dataplane *dataplane = ks_dataplane();

	for (uint32_t id = 0; id < dataplane->services.count; id++) {
		const struct ks_service_entry *service = service_at(dataplane, id);

		if (service != NULL)
			visit_servers(dataplane, service, visit, context);
	}
}

uint32_t
ks_each_traffic(uint32_t first, uint32_t count,
	void (*service_visitor)(void *context, const struct ks_service_row *),
	void (*server_visitor)(void *context, const struct ks_server_row *), void *context)
{
	const struct ks_dataplane *dataplane = ks_dataplane();

	for (uint32_t id = first; id < dataplane->services.count && id - first < count; id++) {
		const struct ks_service_entry *service = service_at(dataplane, id);

		if (service == NULL)
			continue;
		visit_service(dataplane, service, service_visitor, context);
		visit_servers(dataplane, service, server_visitor, context);
	}
	return dataplane->services.count;
}

void
ks_each_local_address(
	void (*visit)(void *context, const struct ks_local_address_row *), void *context)
{
	const struct ks_dataplane *dataplane = ks_dataplane();

	for (uint32_t id = 0; id < dataplane->services.count; id++) {
		const struct ks_service_entry *service = service_at(dataplane, id);

		for (uint32_t i = 0; service != NULL && i < service->sources_count; i++) {
			const struct ks_source_entry *source = &service->sources[i];
			const struct ks_address_entry *address =
				&dataplane->addresses.entries[source->address_id];

			visit(context, &(struct ks_local_address_row){.service = service->key,
					       .address = address->address,
					       .device = port_name(dataplane, address->port),
					       .owner = (enum ks_owner)source->owner,
					       .is_leased = source->is_leased});
		}
	}
}

void
ks_each_source(void (*visit)(void *context, const struct ks_source_row *), void *context)
{
	const struct ks_dataplane *dataplane = ks_dataplane();

	for (uint32_t id = 0; id < dataplane->addresses.count; id++) {
		const struct ks_address_entry *entry = &dataplane->addresses.entries[id];
		struct ks_source_row row = {.address = entry->address};

		if (entry->source_uses == 0)
			continue;
		row.device = port_name(dataplane, entry->port);
		ks_counters_of_source(&dataplane->workers, id, &row);
		visit(context, &row);
	}
}

void
ks_each_port(void (*visit)(void *context, const struct ks_port_row *), void *context)
{
	const struct ks_dataplane *dataplane = ks_dataplane();

	for (uint32_t i = 0; i < dataplane->ports.count; i++) {
		struct ks_port_row row;

		ks_port_describe(&dataplane->ports.ports[i], &row);
		row.misdirected = ks_counters_misdirected(&dataplane->workers, i);
		visit(context, &row);
	}
}

void
ks_each_worker(void (*visit)(void *context, const struct ks_worker_row *), void *context)
{
	const struct ks_dataplane *dataplane = ks_dataplane();

	for (uint32_t i = 0; i < dataplane->workers.count; i++) {
		uint64_t verdicts[KS_VERDICT_COUNT];
		struct ks_worker_row row;

		ks_counters_of_worker(dataplane->workers.workers[i], verdicts, &row);
		visit(context, &row);
	}
}

/* The slow thread's counters are its own, read between two of its rounds. */
static void
copy_slow_thread(struct ks_slow_thread *slow, void *context)
{
	struct ks_slow_thread_row *row = context;

	row->unresolved_dropped = slow->neighbors.dropped_packets;
	row->inject_full = slow->inject_full;
	row->no_buffer = slow->no_buffer;
}

void
ks_each_slow_thread(void (*visit)(void *context, const struct ks_slow_thread_row *), void *context)
{
	struct ks_slow_thread_row row = {0};

	ks_slow_thread_call(&ks_dataplane()->slow, copy_slow_thread, &row);
	visit(context, &row);
}

static void
copy_companions(struct ks_slow_thread *slow, void *context)
{
	struct ks_companion_row *rows = context;

	for (uint16_t port = 0; port < slow->options.ports_count; port++) {
		const struct ks_kni *kni = &slow->options.knis[port];

		rows[port].to_kernel = kni->to_kernel;
		rows[port].from_kernel = kni->from_kernel;
		rows[port].dropped = kni->dropped;
	}
}

void
ks_each_companion(void (*visit)(void *context, const struct ks_companion_row *), void *context)
{
	struct ks_dataplane *dataplane = ks_dataplane();
	struct ks_companion_row rows[KS_PORTS_MAX] = {0};

	ks_slow_thread_call(&dataplane->slow, copy_companions, rows);
	for (uint16_t port = 0; port < dataplane->slow.options.ports_count; port++) {
		rows[port].device = port_name(dataplane, port);
		visit(context, &rows[port]);
	}
}

struct neighbor_copy {
	struct ks_neighbor_row *rows;
	uint32_t count;
	struct ks_dataplane *dataplane;
};

static void
copy_neighbors(struct ks_slow_thread *slow, void *context)
{
	struct neighbor_copy *copy = context;

	copy->rows = ks_allocate(slow->neighbors.timers_count, sizeof(*copy->rows));
	/* Every neighbour has exactly one timer. */
	for (uint32_t i = 0; i < slow->neighbors.timers_count; i++) {
		const struct ks_neighbor *neighbor =
			&slow->neighbors.entries[slow->neighbors.timers[i]];
		struct ks_neighbor_row *row = &copy->rows[copy->count++];

		row->address = neighbor->address;
		row->state = (enum ks_neighbor_state)neighbor->state;
		row->device = port_name(copy->dataplane, neighbor->port);
		memcpy(row->mac, neighbor->mac.addr_bytes, sizeof(row->mac));
	}
}

void
ks_each_neighbor(void (*visit)(void *context, const struct ks_neighbor_row *), void *context)
{
	struct ks_dataplane *dataplane = ks_dataplane();
	struct neighbor_copy copy = {.dataplane = dataplane};

	ks_slow_thread_call(&dataplane->slow, copy_neighbors, &copy);
	for (uint32_t i = 0; i < copy.count; i++)
		visit(context, &copy.rows[i]);
	free(copy.rows);
}

void
ks_get_settings(struct ks_settings *settings)
{
	*settings = ks_dataplane()->settings.settings;
}
