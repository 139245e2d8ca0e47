/*
 * Owner: one benchmark program. Threads: its only one. Lifetime: the program.
 *
 * The world of the benchmarks: up to four workers that take turns, on ports over rings; frames that
 * are made outside of what is timed; and the keys of flows that exist.
 */
#ifndef KS_BENCH_WORLD_H
#define KS_BENCH_WORLD_H

#include "bench_mode.h"

#define FRAME_BYTES 64u /* but of TCP over IPv6, which takes at least: */
#define FRAME6_BYTES 74u
#define PASSES 4u /* per measurement, with a burst for each port */
#define PORT_PACKETS (PASSES * KS_BURST)
#define SERVERS 64u
#define SERVICES_MAX 16384u
#define FLOWS_MAX 4194304u

struct bench {
	struct world *world;
	uint32_t connections_max; /* of worker 0 in this run */
	uint16_t workers_count;
	const struct bench_mode *mode;
	bool is_measuring; /* not while a case is set up and warmed up */
	bool has_clock;    /* else ticks pass only by bench_tick */
	/* Of every flow, as packets of a port carry it, by worker; of IPv6 see bench_mode.h. */
	struct ks_flow_key *keys[WORLD_WORKERS][WORLD_PORTS];
	uint32_t flows_of[WORLD_WORKERS];
	struct rte_mbuf *mbufs[WORLD_PORTS][PORT_PACKETS];
};

struct bench *bench_open(int eal_arguments_count, char **eal_arguments, uint32_t connections_max);

/*
 * Empty tables for so many workers; services_count TCP services of the mode from port 80 on, and
 * UDP 53.
 */
void bench_reset(struct bench *bench, uint16_t workers_count, uint32_t connections_max,
	uint32_t services_count, const struct bench_mode *mode);

/* One tick of connection time, for cases without a clock. */
void bench_tick(struct bench *bench);

/* The key of a client's packets; flows of different numbers differ. */
struct ks_flow_key bench_client_key(
	const struct bench *bench, uint32_t flow, uint8_t protocol, uint16_t service);

/*
 * Makes a frame in a buffer that may hold the remains of another; bytes with Ethernet, or as many
 * more as the headers need.
 */
void bench_fill(struct rte_mbuf *mbuf, uint16_t port, const struct ks_flow_key *key,
	uint8_t tcp_flags, uint16_t bytes);

/* All buffers of that direction into the worker's queue of the port. */
void bench_enqueue(struct bench *bench, uint16_t worker, uint16_t port);
/* What left through the port, back to mbufs[to]; ends the program if packets are missing. */
void bench_take_back(struct bench *bench, uint16_t worker, uint16_t port, uint16_t to);

/* PASSES passes of the worker, or of a plain forwarder in its place: TSC cycles. */
uint64_t bench_passes(struct bench *bench, uint16_t worker, bool is_floor);

/* Opens flows for every worker, count in all, and keeps their keys. */
void bench_establish(struct bench *bench, uint32_t count, uint8_t protocol);

#endif
