/*
 * Owner: struct ks_dataplane. Threads: control. Lifetime: DPDK's environment starts once in a
 * process and cannot start again after it ended.
 */
#ifndef KS_CONTROL_EAL_H
#define KS_CONTROL_EAL_H

#include <stdbool.h>
#include <stdint.h>

#include "../api.h"

struct ks_eal {
	bool is_started;
	bool has_hugepages;
	uint32_t worker_cpus[KS_OPEN_WORKERS_MAX];
	uint32_t worker_lcores[KS_OPEN_WORKERS_MAX];
};

/* Chooses CPUs and memory; nothing is started. */
int ks_eal_check(
	struct ks_eal *eal, const struct ks_open_options *options, struct ks_reason *reason);
/* The calling thread keeps its CPUs; the threads made here take no signals. */
int ks_eal_start(
	struct ks_eal *eal, const struct ks_open_options *options, struct ks_reason *reason);
void ks_eal_stop(struct ks_eal *eal);

/* What DPDK complained of since the last call, "" when it did not. */
const char *ks_eal_take_complaint(void);

#endif
