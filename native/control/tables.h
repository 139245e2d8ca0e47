/*
 * Owner: struct ks_dataplane. Threads: control builds and publishes; workers and the slow thread
 * read what `published` points at. Lifetime: what a publication replaces is freed by a later call
 * of ks_publisher_reclaim, once every reader has passed it.
 *
 * Builds the tables of datapath/tables.h from addresses, routes and services. Only the parts that
 * changed are built anew: the change of one server copies its service and the array of services,
 * not the other services.
 */
#ifndef KS_CONTROL_TABLES_H
#define KS_CONTROL_TABLES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_rcu_qsbr.h>

#include "../datapath/tables.h"
#include "addresses.h"
#include "routes.h"
#include "services.h"

/* The settings of the data plane as a whole. */
struct ks_kept_settings {
	struct ks_settings settings;
	bool is_changed; /* since the last publication */
};

struct ks_retired {
	void *memory;
	uint64_t token; /* 0: replaced, but the publication is still being built */
};

struct ks_publisher {
	_Atomic(const struct ks_tables *) published;
	struct ks_tables *current; /* the same, for us to free */
	struct rte_rcu_qsbr *qsbr;
	uint64_t token;    /* of the last publication */
	uint32_t revision; /* of the service that was built last; not 0 */
	/* Oldest first; [0, retired_freed) are freed already. */
	struct ks_retired *retired;
	uint32_t retired_count;
	uint32_t retired_freed;
	uint32_t retired_capacity;
	struct ks_addresses *addresses;
	struct ks_routes *routes;
	struct ks_services *services;
	struct ks_kept_settings *settings;
};

/* Publishes empty tables. */
void ks_publisher_init(struct ks_publisher *publisher, struct rte_rcu_qsbr *qsbr,
	struct ks_addresses *addresses, struct ks_routes *routes, struct ks_services *services,
	struct ks_kept_settings *settings);
/* Publishes what changed since the last time. True: the routes did. */
bool ks_publisher_publish(struct ks_publisher *publisher);
/* Frees what no reader can see any more; true when every reader has passed the last publication. */
bool ks_publisher_reclaim(struct ks_publisher *publisher);
/* When the readers have stopped; before ks_services_free. */
void ks_publisher_free(struct ks_publisher *publisher);

#endif
