/*
 * Owner: nobody, functions on the workers' counters. Threads: control reads aligned 64-bit words
 * that the workers write; a sum over workers is not one instant. Lifetime: the workers'.
 */
#ifndef KS_CONTROL_COUNTERS_H
#define KS_CONTROL_COUNTERS_H

#include <stdint.h>

#include "../api.h"
#include "workers.h"

/* Of a server id since the process started; a ks_read_traffic whose context is struct ks_workers.
 */
void ks_counters_of_server(void *workers, uint32_t server_id, struct ks_traffic *traffic);
void ks_counters_of_source(
	const struct ks_workers *workers, uint32_t address_id, struct ks_source_row *row);
/* Packets that the NIC gave to another worker than their owner. */
uint64_t ks_counters_misdirected(const struct ks_workers *workers, uint32_t port);
/* A row whose rx is the sum of its verdicts, which go to the caller's array. */
void ks_counters_of_worker(const struct ks_worker *worker, uint64_t verdicts[KS_VERDICT_COUNT],
	struct ks_worker_row *row);

#endif
