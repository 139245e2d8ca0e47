#include "slow_thread.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_ring.h>
#include <rte_thread.h>

#include "reason.h"
#include "slow_arp.h"
#include "slow_nd.h"

#define ROUND_PACKETS 64u
#define SLEEP_MS_MAX UINT64_C(1000)

static uint64_t
monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
kick(const struct ks_slow_thread *slow)
{
	uint64_t one = 1;

	/* It fails only when the counter is full, and then the thread is awake already. */
	if (write(slow->wake_fd, &one, sizeof(one)) < 0)
		return;
}

void
ks_slow_thread_wake(struct ks_slow_thread *slow, const struct ks_worker *worker)
{
	if (rte_ring_empty(worker->punt))
		return;
	/* Pairs with the fence in sleep_until: one of the two sees what the other wrote. */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&slow->is_asleep, memory_order_relaxed) &&
		atomic_exchange_explicit(&slow->is_asleep, false, memory_order_relaxed))
		kick(slow);
}

struct rte_mbuf *
ks_slow_thread_packet(struct ks_slow_thread *slow)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(slow->options.pool);

	if (packet == NULL)
		slow->no_buffer++;
	return packet;
}

void
ks_slow_thread_send(struct ks_slow_thread *slow, uint16_t port, struct rte_mbuf *packet)
{
	const struct ks_worker *worker = slow->options.workers[port % slow->options.workers_count];
	struct rte_ring *relay = worker->ports[port].relay;

	*ks_packet_note(packet) = (struct ks_packet_note){.port = (uint8_t)port};
	if (rte_ring_mp_enqueue(relay != NULL ? relay : worker->inject, packet) == 0)
		return;
	rte_pktmbuf_free(packet);
	slow->inject_full++;
}

static void
send_for_neighbor(void *context, uint16_t port, struct rte_mbuf *packet)
{
	ks_slow_thread_send(context, port, packet);
}

static const struct rte_ether_addr *
mac_for_neighbor(void *context, uint16_t port)
{
	const struct ks_slow_thread *slow = context;

	return &slow->options.macs[port];
}

static void
ask_for_neighbor(
	void *context, uint16_t port, struct ks_ip address, const struct rte_ether_addr *to)
{
	if (ks_ip_is_v4(address))
		ks_slow_arp_ask(context, port, address, to);
	else
		ks_slow_nd_ask(context, port, address, to);
}

static void
receive_punted(struct ks_slow_thread *slow, struct rte_mbuf *packet)
{
	const struct ks_packet_note note = *ks_packet_note(packet);

	switch (note.verdict) {
	case KS_VERDICT_punt_arp:
		ks_slow_arp_receive(slow, note.port, packet);
		break;
	case KS_VERDICT_punt_nd:
		ks_slow_nd_receive(slow, note.port, packet);
		break;
	case KS_VERDICT_punt_resolve:
		ks_neighbors_resolve(
			&slow->neighbors, note.port, note.next_hop, packet, slow->now_ms);
		break;
	default:
		ks_kni_write(&slow->options.knis[note.port], packet);
		rte_pktmbuf_free(packet);
	}
}

static uint32_t
receive_from_workers(struct ks_slow_thread *slow)
{
	struct rte_mbuf *packets[ROUND_PACKETS];
	uint32_t count = 0;

	for (uint16_t i = 0; i < slow->options.workers_count; i++) {
		uint32_t received = rte_ring_sc_dequeue_burst(
			slow->options.workers[i]->punt, (void **)packets, ROUND_PACKETS, NULL);

		for (uint32_t j = 0; j < received; j++)
			receive_punted(slow, packets[j]);
		count += received;
	}
	return count;
}

static uint32_t
receive_from_kernel(struct ks_slow_thread *slow)
{
	uint32_t count = 0;

	for (uint16_t port = 0; port < slow->options.ports_count; port++) {
		for (uint32_t i = 0; i < ROUND_PACKETS; i++) {
			struct rte_mbuf *packet =
				ks_kni_read(&slow->options.knis[port], slow->options.pool);

			if (packet == NULL)
				break;
			ks_slow_thread_send(slow, port, packet);
			count++;
		}
	}
	return count;
}

static void
run_call(struct ks_slow_thread *slow)
{
	ks_slow_call *call = atomic_load_explicit(&slow->call, memory_order_acquire);

	if (call == NULL)
		return;
	call(slow, slow->call_context);
	atomic_store_explicit(&slow->call, NULL, memory_order_relaxed);
	sem_post(&slow->call_done);
}

/* A worker may cache an old route with the new generation until it has passed the publication. */
static void
renew_generations(struct ks_slow_thread *slow)
{
	uint64_t token = atomic_load_explicit(&slow->routes_token, memory_order_acquire);

	if (token == 0 || rte_rcu_qsbr_check(slow->options.qsbr, token, false) == 0)
		return;
	ks_neighbors_renew_generations(&slow->neighbors);
	/* Stays when control has published again meanwhile. */
	atomic_compare_exchange_strong(&slow->routes_token, &token, 0);
}

static bool
has_work(const struct ks_slow_thread *slow)
{
	for (uint16_t i = 0; i < slow->options.workers_count; i++) {
		if (!rte_ring_empty(slow->options.workers[i]->punt))
			return true;
	}
	return atomic_load_explicit(&slow->call, memory_order_acquire) != NULL ||
	       atomic_load_explicit(&slow->must_stop, memory_order_acquire);
}

/* Until a frame, a kick or the time. */
static void
sleep_until(struct ks_slow_thread *slow, uint64_t due_ms)
{
	struct pollfd polled[KS_PORTS_MAX + 1];
	uint16_t ports_count = slow->options.ports_count;
	uint64_t wait_ms = due_ms > slow->now_ms ? due_ms - slow->now_ms : 0;
	uint64_t kicks;

	if (atomic_load_explicit(&slow->routes_token, memory_order_relaxed) != 0)
		wait_ms = 1;
	for (uint16_t port = 0; port < ports_count; port++)
		polled[port] = (struct pollfd){.fd = slow->options.knis[port].fd, .events = POLLIN};
	polled[ports_count] = (struct pollfd){.fd = slow->wake_fd, .events = POLLIN};

	rte_rcu_qsbr_thread_offline(slow->options.qsbr, slow->options.workers_count);
	atomic_store_explicit(&slow->is_asleep, true, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	if (!has_work(slow))
		poll(polled, (nfds_t)ports_count + 1, (int)RTE_MIN(wait_ms, SLEEP_MS_MAX));
	atomic_store_explicit(&slow->is_asleep, false, memory_order_relaxed);
	if ((polled[ports_count].revents & POLLIN) != 0 &&
		read(slow->wake_fd, &kicks, sizeof(kicks)) < 0)
		kicks = 0;
	rte_rcu_qsbr_thread_online(slow->options.qsbr, slow->options.workers_count);
}

static void
run_rounds(struct ks_slow_thread *slow)
{
	while (!atomic_load_explicit(&slow->must_stop, memory_order_acquire)) {
		rte_rcu_qsbr_quiescent(slow->options.qsbr, slow->options.workers_count);
		slow->tables = atomic_load_explicit(slow->options.published, memory_order_acquire);
		slow->now_tsc = rte_rdtsc();
		slow->now_ms = monotonic_ms();
		run_call(slow);
		renew_generations(slow);

		uint32_t count = receive_from_workers(slow) + receive_from_kernel(slow);
		uint64_t due_ms = ks_neighbors_tick(&slow->neighbors, slow->now_ms);

		if (count == 0)
			sleep_until(slow, due_ms);
	}
}

static void *
slow_main(void *argument)
{
	struct ks_slow_thread *slow = argument;
	uint32_t id = slow->options.workers_count;

	/* Without an lcore id it only loses its own mempool cache. */
	bool is_registered = rte_thread_register() == 0;

	rte_rcu_qsbr_thread_register(slow->options.qsbr, id);
	rte_rcu_qsbr_thread_online(slow->options.qsbr, id);
	run_rounds(slow);
	rte_rcu_qsbr_thread_offline(slow->options.qsbr, id);
	rte_rcu_qsbr_thread_unregister(slow->options.qsbr, id);
	if (is_registered)
		rte_thread_unregister();
	return NULL;
}

int
ks_slow_thread_start(struct ks_slow_thread *slow, const struct ks_slow_options *options,
	struct ks_reason *reason)
{
	const struct ks_neighbor_world world = {.context = slow,
		.send = send_for_neighbor,
		.ask = ask_for_neighbor,
		.port_mac = mac_for_neighbor};
	int error;

	memset(slow, 0, sizeof(*slow));
	slow->options = *options;
	slow->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (slow->wake_fd < 0)
		return ks_refuse(reason, errno, "no event descriptor for the slow thread: %s",
			strerror(errno));
	sem_init(&slow->call_done, 0, 0);
	ks_neighbors_init(&slow->neighbors, options->neighbor_table, &world);
	error = pthread_create(&slow->thread, NULL, slow_main, slow);
	slow->is_started = true;
	if (error == 0) {
		pthread_setname_np(slow->thread, "keelson-slow");
		return 0;
	}
	slow->is_started = false;
	ks_neighbors_free(&slow->neighbors);
	close(slow->wake_fd);
	return ks_refuse(reason, error, "the slow thread cannot start: %s", strerror(error));
}

void
ks_slow_thread_stop(struct ks_slow_thread *slow)
{
	if (!slow->is_started)
		return;
	atomic_store_explicit(&slow->must_stop, true, memory_order_release);
	kick(slow);
	pthread_join(slow->thread, NULL);
	ks_neighbors_free(&slow->neighbors);
	sem_destroy(&slow->call_done);
	close(slow->wake_fd);
	slow->is_started = false;
}

void
ks_slow_thread_call(struct ks_slow_thread *slow, ks_slow_call *function, void *context)
{
	slow->call_context = context;
	atomic_store_explicit(&slow->call, function, memory_order_release);
	kick(slow);
	while (sem_wait(&slow->call_done) != 0)
		continue;
}

void
ks_slow_thread_routes_changed(struct ks_slow_thread *slow, uint64_t token)
{
	atomic_store_explicit(&slow->routes_token, token, memory_order_release);
	kick(slow);
}
