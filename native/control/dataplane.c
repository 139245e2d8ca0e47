#include "dataplane.h"

#include <errno.h>
#include <string.h>

#include <rte_cycles.h>

#include "counters.h"
#include "lease.h"
#include "memory.h"
#include "options.h"
#include "reason.h"
#include "servers.h"

_Static_assert(KS_OPEN_PORTS_MAX == KS_PORTS_MAX, "the API's limits are the data path's");
_Static_assert(KS_OPEN_WORKERS_MAX == KS_WORKERS_MAX, "the API's limits are the data path's");

static struct ks_dataplane the_dataplane;

struct ks_dataplane *
ks_dataplane(void)
{
	return &the_dataplane;
}

bool
ks_is_open(void)
{
	return the_dataplane.phase == KS_OPEN;
}

static void
make_tables(struct ks_dataplane *dataplane)
{
	/* The workers and the slow thread. */
	uint32_t readers = dataplane->options.workers_count + 1;

	dataplane->qsbr_bytes = rte_rcu_qsbr_get_memsize(readers);
	dataplane->qsbr = ks_memory_map(dataplane->qsbr_bytes, false);
	rte_rcu_qsbr_init(dataplane->qsbr, readers);
	dataplane->neighbor_table = ks_memory_map(sizeof(*dataplane->neighbor_table), false);
	ks_addresses_init(&dataplane->addresses);
	ks_services_init(&dataplane->services, &dataplane->addresses, &dataplane->routes,
		ks_counters_of_server, &dataplane->workers);
	dataplane->settings.settings = (struct ks_settings)KS_SETTINGS_DEFAULT;
	ks_publisher_init(&dataplane->publisher, dataplane->qsbr, &dataplane->addresses,
		&dataplane->routes, &dataplane->services, &dataplane->settings);
}

static int
make_workers(struct ks_dataplane *dataplane, struct ks_reason *reason)
{
	const struct ks_workers_options options = {.ports = &dataplane->ports,
		.cpus = dataplane->eal.worker_cpus,
		.lcores = dataplane->eal.worker_lcores,
		.count = dataplane->options.workers_count,
		.connections_max = dataplane->options.connections_max,
		.is_adaptive = dataplane->options.is_adaptive,
		.has_hugepages = dataplane->eal.has_hugepages,
		.neighbors = dataplane->neighbor_table,
		.published = &dataplane->publisher.published,
		.qsbr = dataplane->qsbr};

	return ks_workers_make(&dataplane->workers, &options, reason);
}

static int
open_knis(struct ks_dataplane *dataplane, struct ks_reason *reason)
{
	for (uint32_t i = 0; i < dataplane->ports.count; i++) {
		const struct ks_port *port = &dataplane->ports.ports[i];
		int error;

		dataplane->macs[i] = port->mac;
		if (port->kni_name[0] == '\0')
			continue;
		error = ks_kni_open(
			&dataplane->knis[i], port->kni_name, &port->mac, port->mtu_bytes, reason);
		if (error != 0)
			return error;
	}
	return 0;
}

static int
start_threads(struct ks_dataplane *dataplane, struct ks_reason *reason)
{
	const struct ks_slow_options options = {.workers = dataplane->workers.workers,
		.workers_count = (uint16_t)dataplane->workers.count,
		.knis = dataplane->knis,
		.macs = dataplane->macs,
		.ports_count = (uint16_t)dataplane->ports.count,
		.pool = dataplane->pools.pools[0],
		.neighbor_table = dataplane->neighbor_table,
		.published = &dataplane->publisher.published,
		.qsbr = dataplane->qsbr};
	int error = ks_slow_thread_start(&dataplane->slow, &options, reason);

	return error != 0 ? error : ks_workers_start(&dataplane->workers, &dataplane->slow, reason);
}

/* Undoes whatever was done, in reverse order. */
static void
take_down(struct ks_dataplane *dataplane)
{
	ks_workers_stop(&dataplane->workers);
	ks_slow_thread_stop(&dataplane->slow);
	for (uint32_t i = 0; i < KS_OPEN_PORTS_MAX; i++)
		ks_kni_close(&dataplane->knis[i]);
	ks_workers_free(&dataplane->workers);
	ks_ports_close(&dataplane->ports);
	ks_publisher_free(&dataplane->publisher);
	ks_services_free(&dataplane->services);
	ks_routes_free(&dataplane->routes);
	ks_addresses_free(&dataplane->addresses);
	ks_memory_unmap(dataplane->neighbor_table, sizeof(*dataplane->neighbor_table));
	ks_memory_unmap(dataplane->qsbr, dataplane->qsbr_bytes);
	ks_pools_free(&dataplane->pools);
	ks_eal_stop(&dataplane->eal);
	memset(dataplane, 0, sizeof(*dataplane));
}

static int
bring_up(struct ks_dataplane *dataplane, struct ks_reason *reason)
{
	const struct ks_open_options *options = &dataplane->options;
	int error = ks_pools_make(&dataplane->pools, dataplane->eal.worker_lcores,
		options->workers_count, options->packet_buffers, ks_ports_buffer_bytes(options),
		reason);

	if (error != 0)
		return error;
	make_tables(dataplane);
	error = ks_ports_open(&dataplane->ports, options, &dataplane->pools, reason);
	if (error == 0)
		error = make_workers(dataplane, reason);
	if (error == 0)
		error = open_knis(dataplane, reason);
	if (error == 0)
		error = start_threads(dataplane, reason);
	return error;
}

static enum ks_open_status
open_again(const struct ks_dataplane *dataplane, const struct ks_open_options *options,
	struct ks_reason *reason)
{
	if (dataplane->phase == KS_SPENT) {
		ks_refuse(reason, EALREADY,
			"the data plane of this process has ended; start a new process");
		return KS_OPEN_REFUSED;
	}
	return ks_options_equal(&dataplane->options, options, reason) ? KS_OPENED
								      : KS_OPEN_RESTART_NEEDED;
}

enum ks_open_status
ks_open(const struct ks_open_options *options, struct ks_reason *reason)
{
	struct ks_dataplane *dataplane = &the_dataplane;

	if (dataplane->phase != KS_NEVER_OPENED)
		return open_again(dataplane, options, reason);
	if (ks_eal_check(&dataplane->eal, options, reason) != 0 ||
		ks_ports_check(options, reason) != 0)
		return KS_OPEN_REFUSED;

	for (uint32_t i = 0; i < KS_OPEN_PORTS_MAX; i++)
		dataplane->knis[i].fd = -1;
	dataplane->options = *options;
	if (ks_eal_start(&dataplane->eal, options, reason) != 0) {
		dataplane->phase = KS_SPENT;
		return KS_OPEN_REFUSED;
	}
	if (bring_up(dataplane, reason) != 0) {
		take_down(dataplane);
		dataplane->phase = KS_SPENT;
		return KS_OPEN_REFUSED;
	}
	dataplane->phase = KS_OPEN;
	return KS_OPENED;
}

void
ks_close(void)
{
	if (!ks_is_open())
		return;
	take_down(&the_dataplane);
	the_dataplane.phase = KS_SPENT;
}

void
ks_dataplane_keep_house(struct ks_dataplane *dataplane)
{
	ks_lease_expire(&dataplane->addresses, rte_rdtsc());
	/* Only what is gone for every worker is free to mean something else. */
	if (ks_publisher_reclaim(&dataplane->publisher))
		ks_services_reap(&dataplane->services);
}
