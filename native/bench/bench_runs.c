/* See bench_runs.h. */
#include "bench_runs.h"

#include <stdlib.h>

#include <rte_cycles.h>

#include "connect.h"

static uint32_t next_flow;

/* Simple IMIX: 7 of 64 octets, 4 of 594, 1 of 1518 (here 1514: without FCS). */
static uint16_t
mixed_bytes(uint32_t number)
{
	uint32_t place = number % 12;

	return place < 7 ? 64 : place < 11 ? 590 : 1514;
}

/* The next packets of all flows in turn, scattered, in both directions; workers take turns. */
uint32_t
bench_run_hits(struct bench *bench, const struct bench_case *bench_case, uint32_t packets,
	uint64_t *cycles)
{
	bool is_floor = strncmp(bench_case->name, "floor", 5) == 0;
	uint16_t ports = bench_mode_has_only_clients(&bench_case->mode) ? 1 : WORLD_PORTS;
	uint32_t done = 0;

	for (uint16_t worker = 0; done < packets; worker++) {
		worker = worker % bench->workers_count;
		for (uint16_t port = 0; port < ports; port++) {
			for (uint32_t i = 0; i < PORT_PACKETS; i++) {
				uint32_t flow = ((next_flow + i) * 0x9e3779b1u) &
						(bench->flows_of[worker] - 1);

				bench_fill(bench->mbufs[port][i], port,
					&bench->keys[worker][port][flow], ACK,
					bench_case->frame_bytes != 0 ? bench_case->frame_bytes
								     : mixed_bytes(flow));
			}
			bench_enqueue(bench, worker, port);
		}
		next_flow += PORT_PACKETS;
		*cycles += bench_passes(bench, worker, is_floor);
		bench_take_back(bench, worker, 1, 0);
		if (ports == WORLD_PORTS)
			bench_take_back(bench, worker, 0, 1);
		done += ports * PORT_PACKETS;
	}
	return done;
}

/* On ports that make their packets and let go of them by themselves. */
uint32_t
bench_run_null(struct bench *bench, const struct bench_case *bench_case, uint32_t packets,
	uint64_t *cycles)
{
	bool is_floor = strstr(bench_case->name, "floor") != NULL;
	uint32_t done = 0;

	for (; done < packets; done += WORLD_PORTS * PORT_PACKETS)
		*cycles += bench_passes(bench, 0, is_floor);
	return done;
}

static void
fill_clients(
	struct bench *bench, const struct bench_case *bench_case, uint32_t from, uint8_t tcp_flags)
{
	for (uint32_t i = 0; i < PORT_PACKETS; i++) {
		uint16_t service = (uint16_t)((from + i) * 0x9e3779b1u % bench_case->services);
		struct ks_flow_key key =
			bench_client_key(bench, from + i, bench_case->protocol, service);

		bench_fill(bench->mbufs[0][i], 0, &key, tcp_flags, FRAME_BYTES);
	}
}

/* Ends what a window began: the connections that were never answered. */
static void
forget_new(struct ks_worker *worker)
{
	struct ks_connection_table *table = worker->connections;

	for (uint32_t i = 1; i <= table->highest_used; i++) {
		struct ks_connection_half *first = &table->halves[2 * i];

		if (first->key.protocol != 0 && first->state != KS_STATE_ESTABLISHED)
			ks_disconnect(worker, first);
	}
}

/* Connections of clients that were never there. */
uint32_t
bench_run_new(struct bench *bench, const struct bench_case *bench_case, uint32_t packets,
	uint64_t *cycles)
{
	uint32_t done = 0;

	packets = RTE_MIN(packets, NEW_FLOWS);
	for (; done < packets; done += PORT_PACKETS) {
		fill_clients(bench, bench_case, bench_case->flows + done, SYN);
		bench_enqueue(bench, 0, 0);
		*cycles += bench_passes(bench, 0, false);
		bench_take_back(bench, 0, 1, 0);
	}
	forget_new(&bench->world->workers[0]);
	return done;
}

static struct ks_port_path
path_to(const struct bench *bench, uint32_t server)
{
	const struct world *world = bench->world;
	uint64_t addresses =
		ks_flow_key_addresses(rte_cpu_to_be_32(SERVER_A + server % SERVERS), RTE_BE32(LIP));

	return ks_port_path(&world->workers[0].connections->source_ports, &world->rss, KS_IPV4,
		&addresses, RTE_BE16(80), BUILT_TCP, 0);
}

/*
 * Source ports alone, towards all servers in turn; given back untimed. What depends only on source
 * address and server (the path: two hashes) is timed with them, or made before.
 */
uint32_t
bench_run_picks(struct bench *bench, const struct bench_case *bench_case, uint32_t packets,
	uint64_t *cycles)
{
	struct ks_port_map *map = &bench->world->workers[0].connections->source_ports;
	bool has_path = strstr(bench_case->name, "path") != NULL;
	static uint32_t cursor;
	struct ks_port_path paths[SERVERS];
	uint16_t ports[PORT_PACKETS];
	uint32_t done = 0;

	for (uint32_t i = 0; i < SERVERS; i++)
		paths[i] = path_to(bench, i);
	for (; done < packets; done += PORT_PACKETS) {
		uint64_t start = rte_rdtsc_precise();

		for (uint32_t i = 0; i < PORT_PACKETS; i++) {
			if (has_path) {
				struct ks_port_path path = path_to(bench, i);

				ports[i] = ks_source_port_take(map, &path, &cursor);
			} else {
				ports[i] = ks_source_port_take(map, &paths[i % SERVERS], &cursor);
			}
		}
		*cycles += rte_rdtsc_precise() - start;
		for (uint32_t i = 0; i < PORT_PACKETS; i++) {
			struct ks_port_path path = path_to(bench, i);

			ks_source_port_release(map, &path, ports[i]);
		}
	}
	return done;
}

/* Clients that the full table has no room for. */
uint32_t
bench_run_refused(struct bench *bench, const struct bench_case *bench_case, uint32_t packets,
	uint64_t *cycles)
{
	uint32_t done = 0;

	for (; done < packets; done += PORT_PACKETS) {
		struct rte_mbuf *fresh[PORT_PACKETS];

		fill_clients(bench, bench_case, MEBI + next_flow++ * PORT_PACKETS % MEBI, SYN);
		bench_enqueue(bench, 0, 0);
		*cycles += bench_passes(bench, 0, false);
		/* They were dropped, so the pool has them again. */
		if (rte_pktmbuf_alloc_bulk(bench->world->pool, fresh, PORT_PACKETS) != 0) {
			fprintf(stderr, "packets were not dropped\n");
			exit(1);
		}
		memcpy(bench->mbufs[0], fresh, sizeof(fresh));
	}
	return done;
}

/* Turns the packets that came to the other side into answers, with these flags. */
static void
answer(struct bench *bench, uint16_t port, uint8_t tcp_flags)
{
	for (uint32_t i = 0; i < PORT_PACKETS; i++) {
		const uint8_t *ip = rte_pktmbuf_mtod(bench->mbufs[port][i], uint8_t *) + 14;
		struct ks_flow_key key = {.protocol = BUILT_TCP};

		memcpy(&key.source_be, ip + 16, 4);
		memcpy(&key.destination_be, ip + 12, 4);
		memcpy(&key.source_port_be, ip + 22, 2);
		memcpy(&key.destination_port_be, ip + 20, 2);
		bench_fill(bench->mbufs[port][i], port, &key, tcp_flags, FRAME_BYTES);
	}
}

/*
 * SYN, SYN and ACK, ACK, FIN and ACK from the client, FIN and ACK from the server, ACK; then the
 * connection is forgotten, as many as come anew.
 */
uint32_t
bench_run_connections(struct bench *bench, const struct bench_case *bench_case, uint32_t packets,
	uint64_t *cycles)
{
	static const struct {
		uint16_t port;
		uint8_t tcp_flags;
	} steps[] = {{0, SYN}, {1, SYN | ACK}, {0, ACK}, {0, FIN | ACK}, {1, FIN | ACK}, {0, ACK}};
	struct rte_mbuf *spare[PORT_PACKETS];
	uint32_t done = 0;

	memcpy(spare, bench->mbufs[1], sizeof(spare));
	for (; done < packets; done += RTE_DIM(steps) * PORT_PACKETS) {
		uint32_t from = next_flow++ * PORT_PACKETS % (4 * MEBI);

		for (uint32_t step = 0; step < RTE_DIM(steps); step++) {
			uint16_t port = steps[step].port;
			bool is_clients_turn = step > 0 && steps[step - 1].port == port;

			/* The packets are where the last step left them. */
			if (is_clients_turn)
				memcpy(bench->mbufs[0], bench->mbufs[1], sizeof(spare));
			if (step == 0 || is_clients_turn)
				fill_clients(bench, bench_case, from, steps[step].tcp_flags);
			else
				answer(bench, port, steps[step].tcp_flags);
			bench_enqueue(bench, 0, port);
			*cycles += bench_passes(bench, 0, false);
			bench_take_back(bench, 0, 1 - port, 1 - port);
		}
		memcpy(bench->mbufs[0], bench->mbufs[1], sizeof(spare));
		bench_tick(bench);
	}
	memcpy(bench->mbufs[1], spare, sizeof(spare));
	return done;
}

void
bench_runs_begin(void)
{
	next_flow = 0;
}
