/*
 * Owner: one benchmark program. Threads: its only one. Lifetime: the program.
 *
 * net_null ports whose packets get headers of known flows on receipt: the whole way of a packet
 * with a driver's buffers, as DPDK's own figures for net_null are taken.
 */
#ifndef KS_BENCH_NULL_H
#define KS_BENCH_NULL_H

#include "bench_world.h"

/* Makes worker 0 use net_null ports in place of the rings, until the next bench_reset. */
void bench_null_use(struct bench *bench);

#endif
