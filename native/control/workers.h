/*
 * Owner: struct ks_dataplane. Threads: control makes and ends them; each runs datapath's pipeline
 * on its own lcore. Lifetime: ks_workers_make .. ks_workers_free; they run from start to stop.
 */
#ifndef KS_CONTROL_WORKERS_H
#define KS_CONTROL_WORKERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_rcu_qsbr.h>

#include "../api.h"
#include "../datapath/worker.h"
#include "ports.h"

struct ks_slow_thread;

struct ks_workers {
	struct ks_worker *workers[KS_WORKERS_MAX];
	uint32_t count;
	uint32_t lcores[KS_WORKERS_MAX];
	bool is_running;
	bool is_adaptive;
	_Atomic bool must_stop;
	struct ks_slow_thread *slow;
	struct ks_persistence_table *persistence; /* of all workers */
	size_t connections_bytes;                 /* of each worker */
	size_t aside_bytes;                       /* the same */
};

struct ks_workers_options {
	const struct ks_ports *ports;
	const uint32_t *cpus; /* one per worker */
	const uint32_t *lcores;
	uint32_t count;
	uint32_t connections_max;
	bool is_adaptive;
	bool has_hugepages;
	const struct ks_neighbor_table *neighbors;
	_Atomic(const struct ks_tables *) *published;
	struct rte_rcu_qsbr *qsbr;
};

int ks_workers_make(struct ks_workers *workers, const struct ks_workers_options *options,
	struct ks_reason *reason);
int ks_workers_start(
	struct ks_workers *workers, struct ks_slow_thread *slow, struct ks_reason *reason);
/* Each finishes the pass that it is in. */
void ks_workers_stop(struct ks_workers *workers);
/* Frees the packets that still wait in rings, too. */
void ks_workers_free(struct ks_workers *workers);

#endif
