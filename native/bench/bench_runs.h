/*
 * Owner: one benchmark program. Threads: its only one. Lifetime: the program.
 *
 * What a case does over and over, its packets made beforehand: only the passes of the worker are
 * timed.
 */
#ifndef KS_BENCH_RUNS_H
#define KS_BENCH_RUNS_H

#include "bench_world.h"

#define MEBI 1048576u
/* Bursts that a case begins in one window, and the room that the table must have for them. */
#define NEW_FLOWS 65536u

struct bench_case;
/* Does so many packets, or a few more; returns their number and adds to cycles. */
typedef uint32_t bench_run(struct bench *bench, const struct bench_case *bench_case,
	uint32_t packets, uint64_t *cycles);

struct bench_case {
	const char *name;
	bench_run *run;
	uint32_t flows; /* that exist before */
	uint8_t protocol;
	uint16_t workers;
	uint16_t frame_bytes; /* 0: mixed; where headers need more, they have it */
	uint32_t services;
	uint8_t packets_per_connection; /* 0: no connection begins */
	struct bench_mode mode;
};

/* The next packets of all flows in turn, scattered; both directions, if both come here. */
bench_run bench_run_hits;
/* On ports that make their packets and let go of them by themselves. */
bench_run bench_run_null;
/* Connections of clients that were never there. */
bench_run bench_run_new;
/* Source ports alone, towards all servers in turn. */
bench_run bench_run_picks;
/* Clients that the full table has no room for. */
bench_run bench_run_refused;
/* Connections from their SYN to their end, of six packets. */
bench_run bench_run_connections;

/* Before a case. */
void bench_runs_begin(void);

#endif
