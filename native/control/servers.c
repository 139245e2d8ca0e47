#include "servers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../datapath/tables.h"
#include "reason.h"

static struct ks_server_entry *
find_server(const struct ks_service_entry *service, struct ks_ip address, uint16_t port_be)
{
	for (uint32_t i = 0; i < service->servers_count; i++) {
		struct ks_server_entry *server = &service->servers[i];

		if (server->port_be == port_be && ks_ip_equal(server->address, address))
			return server;
	}
	return NULL;
}

static uint32_t
take_server_id(struct ks_services *services)
{
	if (services->free_server_ids_count != 0)
		return services->free_server_ids[--services->free_server_ids_count];
	return services->servers_count++;
}

static struct ks_server_entry *
make_server(struct ks_services *services, struct ks_service_entry *service)
{
	service->servers = ks_make_room(service->servers, service->servers_count,
		&service->servers_capacity, sizeof(*service->servers));

	struct ks_server_entry *server = &service->servers[service->servers_count++];

	memset(server, 0, sizeof(*server));
	server->id = take_server_id(services);
	return server;
}

static int
check_server(const struct ks_change *change, struct ks_reason *reason)
{
	const struct ks_service_key *key = &change->service;
	uint8_t forwarding = change->server_options.forwarding;
	bool is_other_family = key->is_match
				       ? ks_ip_is_v4(change->address) == key->match.is_ipv6
				       : ks_ip_is_v4(change->address) != ks_ip_is_v4(key->address);
	const struct ks_text server = ks_endpoint_text(change->address, change->port_be);
	const struct ks_text service = ks_service_text(key);

	if (forwarding == KS_FORWARD_SNAT && !key->is_match)
		return ks_refuse(reason, EINVAL,
			"server %.58s: SNAT is of services by match, and %s has an address; choose "
			"another method",
			server.text, service.text);
	if (forwarding == KS_FORWARD_SNAT && change->port_be != 0)
		return ks_refuse(reason, EINVAL,
			"%.58s is no address for SNAT: it has a port; leave the port out (or 0)",
			server.text);
	if (is_other_family && forwarding != KS_FORWARD_FULLNAT && forwarding != KS_FORWARD_TUNNEL)
		return ks_refuse(reason, EINVAL,
			"server %.58s is %s, service %s is not; only FNAT and tunnels lead from "
			"one "
			"family to the other",
			server.text, ks_family_text(change->address), service.text);
	return ks_address_check(change->address, reason);
}

/* SNAT: the address becomes a source of ours, on its own port or where the routes lead to it. */
static int
use_source(
	struct ks_services *services, struct ks_ip address, uint32_t *id, struct ks_reason *reason)
{
	const struct ks_address_entry *entry = ks_addresses_find(services->addresses, address);
	int port = entry != NULL ? entry->port
				 : ks_routes_port(services->routes, services->addresses, address);
	int error;

	if (port < 0)
		return ks_refuse(reason, ENETUNREACH,
			"%s is on no network of the data plane; add it as an address of a port to "
			"use it for SNAT",
			ks_address_text(address).text);
	error = ks_addresses_use(services->addresses,
		&(struct ks_source_use){address, (uint16_t)port, false}, id, reason);
	if (error == 0)
		ks_services_note_source(services, address);
	return error;
}

static void
unuse_source(struct ks_services *services, const struct ks_server_entry *server)
{
	if (server->options.forwarding == KS_FORWARD_SNAT)
		ks_addresses_unuse(services->addresses, server->source_id, false);
}

/* Whether it can be added; `drained`: the same server on its way out, else NULL. */
static int
check_room(const struct ks_services *services, const struct ks_change *change,
	const struct ks_server_entry *drained, struct ks_reason *reason)
{
	if (drained != NULL && drained->is_present)
		return ks_refuse(reason, EEXIST, "server %s of service %s exists already",
			ks_endpoint_text(change->address, change->port_be).text,
			ks_service_text(&change->service).text);
	if (drained == NULL && services->free_server_ids_count == 0 &&
		services->servers_count == KS_SERVERS_MAX)
		return ks_refuse(
			reason, ENOSPC, "no room for more than %u servers", KS_SERVERS_MAX);
	return check_server(change, reason);
}

int
ks_servers_add(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason)
{
	struct ks_service_entry *service = ks_services_find(services, &change->service, reason);
	struct ks_server_entry *server;
	uint32_t source_id = 0;
	int error;

	if (service == NULL)
		return -ENOENT;
	server = find_server(service, change->address, change->port_be);
	error = check_room(services, change, server, reason);
	if (error == 0 && change->server_options.forwarding == KS_FORWARD_SNAT)
		error = use_source(services, change->address, &source_id, reason);
	if (error != 0)
		return error;
	if (server == NULL)
		server = make_server(services, service);
	services->read_traffic(services->read_context, server->id, &server->baseline);
	server->address = change->address;
	server->port_be = change->port_be;
	server->source_id = source_id;
	server->options = change->server_options;
	server->owner = (uint8_t)change->owner;
	server->is_present = true;
	atomic_store_explicit(&services->server_is_available[server->id], 1, memory_order_relaxed);
	ks_services_mark(services, service);
	return 0;
}

static struct ks_server_entry *
find_present(struct ks_services *services, const struct ks_change *change,
	struct ks_service_entry **service, struct ks_reason *reason)
{
	struct ks_server_entry *server;

	*service = ks_services_find(services, &change->service, reason);
	if (*service == NULL)
		return NULL;
	server = find_server(*service, change->address, change->port_be);
	if (server != NULL && server->is_present)
		return server;
	ks_refuse(reason, ENOENT, "service %s has no server %s",
		ks_service_text(&change->service).text,
		ks_endpoint_text(change->address, change->port_be).text);
	return NULL;
}

int
ks_servers_alter(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason)
{
	struct ks_service_entry *service;
	struct ks_server_entry *server = find_present(services, change, &service, reason);

	uint32_t source_id = 0;

	if (server == NULL)
		return -ENOENT;
	if (check_server(change, reason) != 0)
		return -EINVAL;
	if (change->server_options.forwarding == KS_FORWARD_SNAT &&
		use_source(services, change->address, &source_id, reason) != 0)
		return -EINVAL;
	unuse_source(services, server);
	server->source_id = source_id;
	server->options = change->server_options;
	ks_services_mark(services, service);
	return 0;
}

int
ks_servers_remove(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason)
{
	struct ks_service_entry *service;
	struct ks_server_entry *server = find_present(services, change, &service, reason);

	if (server == NULL)
		return -ENOENT;
	ks_server_drain(services, service, server);
	return 0;
}

static uint32_t
find_source(const struct ks_services *services, const struct ks_service_entry *service,
	struct ks_ip address)
{
	for (uint32_t i = 0; i < service->sources_count; i++) {
		uint32_t id = service->sources[i].address_id;

		if (ks_ip_equal(services->addresses->entries[id].address, address))
			return i;
	}
	return KS_INDEX_NONE;
}

int
ks_sources_add(struct ks_services *services, const struct ks_change *change, uint16_t port,
	struct ks_reason *reason)
{
	struct ks_service_entry *service = ks_services_find(services, &change->service, reason);

	if (service == NULL)
		return -ENOENT;

	if (find_source(services, service, change->address) != KS_INDEX_NONE)
		return ks_refuse(reason, EEXIST, "%s is a local address of service %s already",
			ks_address_text(change->address).text,
			ks_service_text(&change->service).text);

	uint32_t id;
	const struct ks_source_use use = {change->address, port, change->is_leased};
	int error = ks_addresses_use(services->addresses, &use, &id, reason);

	if (error != 0)
		return error;
	service->sources = ks_make_room(service->sources, service->sources_count,
		&service->sources_capacity, sizeof(*service->sources));
	service->sources[service->sources_count++] = (struct ks_source_entry){
		.address_id = id, .is_leased = change->is_leased, .owner = (uint8_t)change->owner};
	ks_services_note_source(services, change->address);
	ks_services_mark(services, service);
	return 0;
}

int
ks_sources_remove(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason)
{
	struct ks_service_entry *service = ks_services_find(services, &change->service, reason);

	if (service == NULL)
		return -ENOENT;

	uint32_t position = find_source(services, service, change->address);

	if (position == KS_INDEX_NONE)
		return ks_refuse(reason, ENOENT, "%s is no local address of service %s",
			ks_address_text(change->address).text,
			ks_service_text(&change->service).text);
	ks_addresses_unuse(services->addresses, service->sources[position].address_id,
		service->sources[position].is_leased);
	service->sources_count--;
	memmove(&service->sources[position], &service->sources[position + 1],
		(service->sources_count - position) * sizeof(*service->sources));
	ks_services_mark(services, service);
	return 0;
}

static void
add_traffic(struct ks_traffic *sum, const struct ks_traffic *more)
{
	sum->connections += more->connections;
	sum->active += more->active;
	sum->inactive += more->inactive;
	sum->in_packets += more->in_packets;
	sum->in_bytes += more->in_bytes;
	sum->out_packets += more->out_packets;
	sum->out_bytes += more->out_bytes;
}

struct ks_traffic
ks_server_traffic(const struct ks_services *services, const struct ks_server_entry *server)
{
	struct ks_traffic traffic;

	services->read_traffic(services->read_context, server->id, &traffic);
	traffic.connections -= server->baseline.connections;
	traffic.in_packets -= server->baseline.in_packets;
	traffic.in_bytes -= server->baseline.in_bytes;
	traffic.out_packets -= server->baseline.out_packets;
	traffic.out_bytes -= server->baseline.out_bytes;
	return traffic;
}

struct ks_traffic
ks_service_traffic(const struct ks_services *services, const struct ks_service_entry *service)
{
	struct ks_traffic sum = service->past;

	for (uint32_t i = 0; i < service->servers_count; i++) {
		struct ks_traffic traffic;

		if (!service->servers[i].is_present)
			continue;
		traffic = ks_server_traffic(services, &service->servers[i]);
		add_traffic(&sum, &traffic);
	}
	sum.active = 0;
	sum.inactive = 0;
	return sum;
}

void
ks_server_drain(struct ks_services *services, struct ks_service_entry *service,
	struct ks_server_entry *server)
{
	struct ks_traffic traffic = ks_server_traffic(services, server);

	add_traffic(&service->past, &traffic);
	unuse_source(services, server);
	server->is_present = false;
	atomic_store_explicit(&services->server_is_available[server->id], 0, memory_order_relaxed);
	services->may_reap = true;
	ks_services_mark(services, service);
}

void
ks_servers_refresh(struct ks_services *services, const struct ks_service_entry *service)
{
	bool expires = (service->options.flags & KS_SERVICE_EXPIRE_QUIESCENT) != 0;

	for (uint32_t i = 0; i < service->servers_count; i++) {
		const struct ks_server_entry *server = &service->servers[i];
		bool is_quiescent = server->options.weight == 0;

		atomic_store_explicit(&services->server_is_available[server->id],
			server->is_present && !(expires && is_quiescent), memory_order_relaxed);
	}
}

static bool
is_unused(const struct ks_services *services, const struct ks_server_entry *server)
{
	struct ks_traffic traffic;

	if (server->is_present)
		return false;
	services->read_traffic(services->read_context, server->id, &traffic);
	return traffic.active == 0 && traffic.inactive == 0;
}

/* Whether a removed server (or the removed service itself) is left. */
static bool
reap_service(struct ks_services *services, struct ks_service_entry *service)
{
	bool is_left = false;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < service->servers_count; i++) {
		struct ks_server_entry server = service->servers[i];

		if (is_unused(services, &server)) {
			services->free_server_ids = ks_make_room(services->free_server_ids,
				services->free_server_ids_count,
				&services->free_server_ids_capacity,
				sizeof(*services->free_server_ids));
			services->free_server_ids[services->free_server_ids_count++] = server.id;
			continue;
		}
		is_left |= !server.is_present;
		service->servers[kept++] = server;
	}
	service->servers_count = kept;
	if (service->is_present || kept != 0)
		return is_left;
	ks_services_forget(services, service);
	return false;
}

void
ks_services_reap(struct ks_services *services)
{
	bool is_left = false;

	if (!services->may_reap)
		return;
	for (uint32_t id = 0; id < services->count; id++) {
		if (services->entries[id] != NULL)
			is_left |= reap_service(services, services->entries[id]);
	}
	services->may_reap = is_left;
}
