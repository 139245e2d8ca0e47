/*
 * Owner: dataplane.c, one per process. Threads: control. Lifetime: the process; open between
 * ks_open and ks_close.
 *
 * Everything that a data plane consists of. The members' headers say who else touches them.
 */
#ifndef KS_CONTROL_DATAPLANE_H
#define KS_CONTROL_DATAPLANE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_rcu_qsbr.h>

#include "../api.h"
#include "addresses.h"
#include "change.h"
#include "eal.h"
#include "kni.h"
#include "pools.h"
#include "ports.h"
#include "routes.h"
#include "services.h"
#include "slow_thread.h"
#include "tables.h"
#include "workers.h"

enum ks_phase {
	KS_NEVER_OPENED,
	KS_OPEN,
	KS_SPENT, /* closed, or DPDK refused: only a new process can open again */
};

struct ks_dataplane {
	enum ks_phase phase;
	struct ks_open_options options;
	struct ks_eal eal;
	struct ks_pools pools;
	struct rte_rcu_qsbr *qsbr;
	size_t qsbr_bytes;
	struct ks_neighbor_table *neighbor_table;
	struct ks_addresses addresses;
	struct ks_routes routes;
	struct ks_services services;
	struct ks_kept_settings settings;
	struct ks_publisher publisher;
	struct ks_ports ports;
	struct ks_workers workers;
	struct ks_kni knis[KS_OPEN_PORTS_MAX];
	struct rte_ether_addr macs[KS_OPEN_PORTS_MAX];
	struct ks_slow_thread slow;
};

/* The one of this process. */
struct ks_dataplane *ks_dataplane(void);
/* Expires leases, frees what nobody sees any more; every call of the API begins with it. */
void ks_dataplane_keep_house(struct ks_dataplane *dataplane);

#endif
