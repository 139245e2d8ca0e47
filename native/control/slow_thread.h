/*
 * Owner: struct ks_dataplane. Threads: the slow thread alone touches everything but the fields
 * marked shared. Lifetime: ks_slow_thread_start .. ks_slow_thread_stop.
 *
 * The thread that sleeps until there is something for the kernel, from the kernel or about
 * neighbours: it moves punted packets to the companion interfaces and the kernel's frames to the
 * ports, answers ARP and neighbour discovery, and owns the neighbours. Workers never wait for it.
 */
#ifndef KS_CONTROL_SLOW_THREAD_H
#define KS_CONTROL_SLOW_THREAD_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_mempool.h>
#include <rte_rcu_qsbr.h>

#include "../datapath/worker.h"
#include "kni.h"
#include "neighbors.h"

struct ks_slow_thread;

typedef void ks_slow_call(struct ks_slow_thread *slow, void *context);

struct ks_slow_options {
	struct ks_worker **workers;
	uint16_t workers_count;
	struct ks_kni *knis; /* one per port */
	const struct rte_ether_addr *macs;
	uint16_t ports_count;
	struct rte_mempool *pool;
	struct ks_neighbor_table *neighbor_table;
	_Atomic(const struct ks_tables *) *published;
	struct rte_rcu_qsbr *qsbr; /* its thread id = workers_count */
};

struct ks_slow_thread {
	struct ks_slow_options options;
	pthread_t thread;
	bool is_started; /* control's */

	/* Shared. */
	int wake_fd;
	_Atomic bool is_asleep;
	_Atomic bool must_stop;
	_Atomic uint64_t routes_token; /* generations are stale once all readers passed it; 0: no */
	_Atomic(ks_slow_call *) call;
	void *call_context;
	sem_t call_done;

	struct ks_neighbors neighbors;
	const struct ks_tables *tables; /* valid in a round */
	uint64_t now_tsc;
	uint64_t now_ms;
	uint64_t inject_full; /* frames that a worker had no room for */
	uint64_t no_buffer;
};

int ks_slow_thread_start(struct ks_slow_thread *slow, const struct ks_slow_options *options,
	struct ks_reason *reason);
void ks_slow_thread_stop(struct ks_slow_thread *slow);

/* Control: runs `function` on the slow thread between two rounds and waits for its end. */
void ks_slow_thread_call(struct ks_slow_thread *slow, ks_slow_call *function, void *context);
/* Control: routes were published with this token. */
void ks_slow_thread_routes_changed(struct ks_slow_thread *slow, uint64_t token);
/* Worker, after every pass: wakes the thread when it sleeps and packets wait for it. */
void ks_slow_thread_wake(struct ks_slow_thread *slow, const struct ks_worker *worker);

/* On the slow thread: an empty packet, or NULL, counted. */
struct rte_mbuf *ks_slow_thread_packet(struct ks_slow_thread *slow);
/* On the slow thread: hands a complete frame to the worker that sends for the port. */
void ks_slow_thread_send(struct ks_slow_thread *slow, uint16_t port, struct rte_mbuf *packet);

#endif
