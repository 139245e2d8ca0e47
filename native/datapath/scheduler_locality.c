/*
 * lblc and lblcr as LVS, for caches that many addresses lead to: connections to one destination go
 * to the server that had them before, as long as it has not too much to do; then to the one that
 * wlc would choose. lblcr keeps several servers per destination and takes the most loaded of them
 * away again when they have not changed for a day. A worker without a table does what wlc does.
 */
#include "locality.h"
#include "scheduler.h"

#define SHRINK_TICKS (24u * 60 * 60 * KS_TICKS_PER_SECOND)

/* More established connections than its weight, while another has less than half of its own. */
static bool
has_too_much(const struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_server *server)
{
	if (worker->servers[server->id].active <= server->options.weight)
		return false;
	for (uint32_t i = 0; i < service->servers_count; i++) {
		const struct ks_server *other = &service->servers[i];

		if (worker->servers[other->id].active * 2 < other->options.weight &&
			ks_server_takes(worker, other))
			return true;
	}
	return false;
}

static bool
is_more_loaded(const struct ks_worker *worker, const struct ks_server *server,
	const struct ks_server *other)
{
	return ks_connection_load(&worker->servers[server->id]) * other->options.weight >
	       ks_connection_load(&worker->servers[other->id]) * server->options.weight;
}

/* Of an entry's servers; those that are gone are forgotten. */
struct extremes {
	const struct ks_server *least; /* of those that take; or NULL */
	uint32_t most;                 /* index of the most loaded */
};

static struct extremes
look_at(const struct ks_worker *worker, const struct ks_virtual_server *service,
	struct ks_locality *entry)
{
	struct extremes extremes = {NULL, 0};
	const struct ks_server *most = NULL;

	for (uint32_t i = 0; i < entry->count;) {
		const struct ks_server *server = ks_server_by_id(service, entry->servers[i]);

		if (server == NULL) {
			entry->servers[i] = entry->servers[--entry->count];
			continue;
		}
		if (most == NULL || is_more_loaded(worker, server, most)) {
			most = server;
			extremes.most = i;
		}
		if (ks_server_takes(worker, server) &&
			(extremes.least == NULL || is_more_loaded(worker, extremes.least, server)))
			extremes.least = server;
		i++;
	}
	return extremes;
}

static void
remove_server(struct ks_locality *entry, uint32_t index, uint32_t now_ticks)
{
	entry->servers[index] = entry->servers[--entry->count];
	entry->changed_ticks = now_ticks;
}

/* A full entry loses the most loaded one for it. */
static void
add_server(struct ks_locality *entry, uint32_t most, uint32_t id, uint32_t now_ticks)
{
	for (uint32_t i = 0; i < entry->count; i++) {
		if (entry->servers[i] == id)
			return;
	}
	if (entry->count == KS_LOCALITY_SERVERS)
		remove_server(entry, most, now_ticks);
	entry->servers[entry->count++] = id;
	entry->changed_ticks = now_ticks;
}

const struct ks_server *
ks_schedule_locality(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	struct ks_ip destination = ks_packet_destination(packet);
	struct ks_locality *entry = NULL;
	const struct ks_server *server = NULL;

	if (worker->locality != NULL)
		entry = ks_locality_find(
			worker->locality, service->id, destination, worker->now_ticks);
	if (entry != NULL)
		server = ks_server_by_id(service, entry->servers[0]);
	if (server != NULL && ks_server_takes(worker, server) &&
		!has_too_much(worker, service, server))
		return server;
	server = ks_schedule_weighted_least_connection(worker, service, packet);
	if (server == NULL || worker->locality == NULL)
		return server;
	if (entry == NULL)
		entry = ks_locality_make(
			worker->locality, service->id, destination, worker->now_ticks);
	entry->servers[0] = server->id;
	entry->count = 1;
	return server;
}

const struct ks_server *
ks_schedule_locality_replication(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	struct ks_ip destination = ks_packet_destination(packet);
	struct extremes known = {NULL, 0};
	struct ks_locality *entry = NULL;
	const struct ks_server *server;

	if (worker->locality != NULL)
		entry = ks_locality_find(
			worker->locality, service->id, destination, worker->now_ticks);
	if (entry != NULL)
		known = look_at(worker, service, entry);
	if (known.least != NULL && entry->count > 1 &&
		worker->now_ticks - entry->changed_ticks > SHRINK_TICKS) {
		remove_server(entry, known.most, worker->now_ticks);
		known = look_at(worker, service, entry);
	}
	if (known.least != NULL && !has_too_much(worker, service, known.least))
		return known.least;
	server = ks_schedule_weighted_least_connection(worker, service, packet);
	if (server == NULL || worker->locality == NULL)
		return server;
	if (entry == NULL)
		entry = ks_locality_make(
			worker->locality, service->id, destination, worker->now_ticks);
	add_server(entry, known.most, server->id, worker->now_ticks);
	return server;
}
