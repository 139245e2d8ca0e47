/*
 * A listing asks each worker for pages of copies and waits for them; a worker that does not answer
 * in time is left out, as one that hangs must not take control with it.
 */
#include "connections.h"

#include <netinet/in.h>
#include <time.h>

#include <rte_cycles.h>

#include "../datapath/persistence.h"
#include "dataplane.h"

#define ANSWER_MAX_MS 200u
#define WAIT_NS 20000

static struct ks_ip
ip_v4(rte_be32_t address_be)
{
	return ks_ip_from_v4(address_be);
}

static enum ks_forwarding
forwarding_of(const struct ks_connection_half *first)
{
	enum ks_path path = ks_connection_path(first);

	if (path == KS_PATH_DIRECT)
		return KS_FORWARD_DIRECT;
	if (path == KS_PATH_TUNNEL)
		return KS_FORWARD_TUNNEL;
	if ((first->marks & KS_MARK_SNAT) != 0)
		return KS_FORWARD_SNAT;
	return (first->marks & KS_MARK_HAS_PORT) != 0 ? KS_FORWARD_FULLNAT : KS_FORWARD_NAT;
}

/* Addresses from the keys, where these hold them, else from the endpoints. */
static void
set_addresses(struct ks_connection_row *row, const struct ks_dumped_connection *copy)
{
	const struct ks_connection_half *first = &copy->halves[0];

	if (ks_connection_path(first) == KS_PATH_NAT44) {
		row->client = ip_v4(first->key.source_be);
		row->destination = ip_v4(first->key.destination_be);
		row->local = ip_v4(first->source_be);
		row->server = ip_v4(first->destination_be);
		return;
	}
	row->client = copy->endpoints.client;
	row->destination = copy->endpoints.virtual_address;
	row->local = copy->endpoints.local;
	row->server = copy->endpoints.server;
}

static uint32_t
idle_ticks_of(const struct ks_dumped_connection *copy, uint32_t now_ticks)
{
	return RTE_MIN(now_ticks - copy->halves[0].last_seen_ticks,
		now_ticks - copy->halves[1].last_seen_ticks);
}

struct ks_connection_row
ks_connection_row_of(const struct ks_dumped_connection *copy, uint32_t now_ticks,
	const uint32_t *timeout_ticks, uint32_t established_ticks)
{
	const struct ks_connection_half *first = &copy->halves[0];
	bool is_one_way = (first->marks & KS_MARK_ONE_WAY) != 0;
	uint32_t timeout = timeout_ticks[first->state];
	uint32_t idle = idle_ticks_of(copy, now_ticks);
	struct ks_connection_row row = {.protocol = first->key.protocol,
		.state = first->state,
		.forwarding = (uint8_t)forwarding_of(first),
		.client_port_be = first->key.source_port_be,
		.destination_port_be = first->key.destination_port_be,
		.local_port_be = is_one_way ? first->key.source_port_be : first->source_port_be,
		.server_port_be =
			is_one_way ? first->key.destination_port_be : first->destination_port_be};

	if (first->state == KS_STATE_ESTABLISHED && established_ticks != 0)
		timeout = established_ticks;
	row.expires_seconds = timeout > idle ? (timeout - idle) / KS_TICKS_PER_SECOND : 0;
	set_addresses(&row, copy);
	return row;
}

static bool
is_wanted_address(struct ks_ip wanted, struct ks_ip address)
{
	return ks_ip_is_none(wanted) || ks_ip_equal(wanted, address);
}

static bool
is_wanted_port(uint16_t wanted_be, uint16_t port_be)
{
	return wanted_be == 0 || wanted_be == port_be;
}

bool
ks_connection_fits(const struct ks_connection_filter *filter, const struct ks_connection_row *row)
{
	return (filter->protocol == 0 || filter->protocol == row->protocol) &&
	       is_wanted_address(filter->client, row->client) &&
	       is_wanted_address(filter->destination, row->destination) &&
	       is_wanted_address(filter->server, row->server) &&
	       is_wanted_port(filter->client_port_be, row->client_port_be) &&
	       is_wanted_port(filter->destination_port_be, row->destination_port_be) &&
	       is_wanted_port(filter->server_port_be, row->server_port_be);
}

/* The next page, or false: the worker does not answer. */
static bool
ask(struct ks_connection_dump *dump)
{
	const struct timespec pause = {.tv_nsec = WAIT_NS};
	uint64_t end_tsc = rte_rdtsc() + rte_get_tsc_hz() / 1000 * ANSWER_MAX_MS;

	/* One that did not answer the last listing in time may do so in the middle of this one. */
	if (atomic_load_explicit(&dump->state, memory_order_acquire) != KS_DUMP_ASKED)
		atomic_store_explicit(&dump->state, KS_DUMP_ASKED, memory_order_release);
	while (atomic_load_explicit(&dump->state, memory_order_acquire) != KS_DUMP_ANSWERED) {
		if (rte_rdtsc() > end_tsc)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

struct listing {
	const struct ks_connection_filter *filter;
	void (*visit)(void *context, const struct ks_connection_row *);
	void *context;
	uint32_t count;
};

/* False: there were more than the filter allows. */
static bool
visit_page(const struct ks_worker *worker, const struct ks_tables *tables, struct listing *listing)
{
	const struct ks_connection_dump *dump = worker->dump;

	for (uint32_t i = 0; i < dump->count; i++) {
		const struct ks_connection_half *first = &dump->rows[i].halves[0];
		struct ks_connection_row row =
			ks_connection_row_of(&dump->rows[i], dump->now_ticks, tables->timeout_ticks,
				worker->schedulers[first->service_id].established_ticks);

		row.worker = worker->index;
		if (!ks_connection_fits(listing->filter, &row))
			continue;
		if (listing->count == listing->filter->rows_max)
			return false;
		listing->visit(listing->context, &row);
		listing->count++;
	}
	return true;
}

static bool
visit_worker(
	const struct ks_worker *worker, const struct ks_tables *tables, struct listing *listing)
{
	bool is_whole = true;

	worker->dump->next = 1;
	do {
		if (!ask(worker->dump))
			break;
		is_whole = visit_page(worker, tables, listing);
	} while (is_whole && worker->dump->next != 0);
	return is_whole;
}

/* A server of the service, whatever became of it since. */
static const struct ks_server_entry *
server_of(const struct ks_service_entry *service, uint32_t server_id)
{
	for (uint32_t i = 0; i < service->servers_count; i++) {
		if (service->servers[i].id == server_id)
			return &service->servers[i];
	}
	return NULL;
}

/* False: of a service or server that is no more. */
static bool
read_template(const struct ks_services *services, const struct ks_template *template,
	uint32_t now_ticks, struct ks_connection_row *row)
{
	const struct ks_service_entry *service;
	const struct ks_server_entry *server;

	if (template->service_id >= services->count ||
		(service = services->entries[template->service_id]) == NULL ||
		(server = server_of(service, template->server_id)) == NULL)
		return false;
	*row = (struct ks_connection_row){.protocol = service->key.protocol,
		.state = KS_TIMEOUT_NONE,
		.forwarding = server->options.forwarding,
		.is_template = true,
		.expires_seconds = (template->expires_ticks - now_ticks) / KS_TICKS_PER_SECOND,
		.client = template->client,
		.destination = service->key.address,
		.local = template->client,
		.server = server->address,
		.destination_port_be = service->key.port_be,
		.server_port_be = server->port_be};
	return true;
}

/* As visit_page, for what persistence remembers. */
static bool
visit_templates(const struct ks_dataplane *dataplane, struct listing *listing)
{
	const struct ks_worker *worker = dataplane->workers.workers[0];
	uint32_t now_ticks = worker->now_ticks;
	uint32_t places = ks_persistence_places(worker->persistence);

	for (uint32_t place = 0; place < places; place++) {
		struct ks_template template;
		struct ks_connection_row row;

		if (!ks_persistence_read(worker->persistence, place, now_ticks, &template) ||
			!read_template(&dataplane->services, &template, now_ticks, &row) ||
			!ks_connection_fits(listing->filter, &row))
			continue;
		if (listing->count == listing->filter->rows_max)
			return false;
		listing->visit(listing->context, &row);
		listing->count++;
	}
	return true;
}

bool
ks_each_connection(const struct ks_connection_filter *filter,
	void (*visit)(void *context, const struct ks_connection_row *), void *context)
{
	struct ks_dataplane *dataplane = ks_dataplane();
	struct listing listing = {filter, visit, context, 0};
	bool is_whole = true;

	if (dataplane->phase != KS_OPEN)
		return false;
	is_whole = visit_templates(dataplane, &listing);
	for (uint32_t i = 0; is_whole && !filter->templates_only && i < dataplane->workers.count;
		i++)
		is_whole = visit_worker(
			dataplane->workers.workers[i], dataplane->publisher.current, &listing);
	return !is_whole;
}
