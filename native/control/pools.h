/*
 * Owner: struct ks_dataplane. Threads: control makes them; workers and the slow thread take and
 * give back buffers. Lifetime: the data plane's.
 *
 * Packet buffers: one pool per NUMA node that workers run on.
 */
#ifndef KS_CONTROL_POOLS_H
#define KS_CONTROL_POOLS_H

#include <stdint.h>

#include <rte_mempool.h>

#include "../api.h"

struct ks_pools {
	struct rte_mempool *pools[KS_OPEN_WORKERS_MAX]; /* distinct ones */
	uint32_t count;
	struct rte_mempool *of_worker[KS_OPEN_WORKERS_MAX];
};

/* buffers: of all pools together; buffer_bytes: of each, with headroom. */
int ks_pools_make(struct ks_pools *pools, const uint32_t *lcores, uint32_t workers_count,
	uint32_t buffers, uint16_t buffer_bytes, struct ks_reason *reason);
void ks_pools_free(struct ks_pools *pools);

#endif
