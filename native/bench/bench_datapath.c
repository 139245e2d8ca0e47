/*
 * What the packet path costs, in TSC cycles per packet: packets are made and sunk in this process,
 * on ports over rings, 64 octets each unless the case says otherwise. Only the passes are timed,
 * not the making. The floor is the same harness around plain forwarding: receive, swap MAC
 * addresses, send. One JSON line per case; the cycles of a case include the floor's. Several
 * workers take turns on one core, so their rows tell what sharing costs, not what cores give.
 *
 *     bench_datapath [--instructions PACKETS] CASE... -- EAL-ARGUMENTS
 *
 * With --instructions it does PACKETS packets once, for callgrind: collect in measured_passes. No
 * clock is read then, so that the count depends on nothing but the program.
 */
#include <stdlib.h>

#include <rte_cycles.h>

#include "bench_null.h"
#include "bench_world.h"
#include "connect.h"

#define WINDOWS 31u
#define WINDOW_PACKETS 262144u
#define MEBI 1048576u
/* Bursts that a case begins in one window, and the room that the table must have for them. */
#define NEW_FLOWS 65536u

struct bench_case;
/* Does so many packets, or a few more; returns their number and adds to cycles. */
typedef uint32_t run_window(struct bench *bench, const struct bench_case *bench_case,
	uint32_t packets, uint64_t *cycles);

struct bench_case {
	const char *name;
	run_window *run;
	uint32_t flows; /* that exist before */
	uint8_t protocol;
	uint16_t workers;
	uint16_t frame_bytes; /* 0: mixed */
	uint32_t services;
	uint8_t packets_per_connection; /* 0: no connection begins */
};

static uint32_t next_flow;

/* Simple IMIX: 7 of 64 octets, 4 of 594, 1 of 1518 (here 1514: without FCS). */
static uint16_t
mixed_bytes(uint32_t number)
{
	uint32_t place = number % 12;

	return place < 7 ? 64 : place < 11 ? 590 : 1514;
}

/* The next packets of all flows in turn, scattered, in both directions; workers take turns. */
static uint32_t
run_hits(struct bench *bench, const struct bench_case *bench_case, uint32_t packets,
	uint64_t *cycles)
{
	bool is_floor = strncmp(bench_case->name, "floor", 5) == 0;
	uint32_t done = 0;

	for (uint16_t worker = 0; done < packets; worker++) {
		worker = worker % bench->workers_count;
		for (uint16_t port = 0; port < WORLD_PORTS; port++) {
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
		bench_take_back(bench, worker, 0, 1);
		bench_take_back(bench, worker, 1, 0);
		done += WORLD_PORTS * PORT_PACKETS;
	}
	return done;
}

/* On ports that make their packets and let go of them by themselves. */
static uint32_t
run_null(struct bench *bench, const struct bench_case *bench_case, uint32_t packets,
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
		struct ks_flow_key key = bench_client_key(from + i, bench_case->protocol, service);

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
static uint32_t
run_new(struct bench *bench, const struct bench_case *bench_case, uint32_t packets,
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
static uint32_t
run_picks(struct bench *bench, const struct bench_case *bench_case, uint32_t packets,
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
static uint32_t
run_refused(struct bench *bench, const struct bench_case *bench_case, uint32_t packets,
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
static uint32_t
run_connections(struct bench *bench, const struct bench_case *bench_case, uint32_t packets,
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

#define HITS(name, flows, protocol)                                                                \
	{                                                                                          \
		name, run_hits, flows, protocol, 1, FRAME_BYTES, 1, 0                              \
	}

static const struct bench_case cases[] = {
	HITS("floor", 1024, BUILT_TCP),
	HITS("fnat/tcp4/hit/1Ki", 1024, BUILT_TCP),
	HITS("fnat/tcp4/hit/64Ki", 65536, BUILT_TCP),
	HITS("fnat/tcp4/hit/1Mi", MEBI, BUILT_TCP),
	HITS("fnat/tcp4/hit/4Mi", 4 * MEBI, BUILT_TCP),
	HITS("fnat/udp4/hit/1Ki", 1024, BUILT_UDP),
	HITS("fnat/udp4/hit/64Ki", 65536, BUILT_UDP),
	HITS("fnat/udp4/hit/1Mi", MEBI, BUILT_UDP),
	HITS("fnat/udp4/hit/4Mi", 4 * MEBI, BUILT_UDP),
	{"floor-mixed", run_hits, 65536, BUILT_TCP, 1, 0, 1, 0},
	{"fnat/tcp4/hit-mixed/64Ki", run_hits, 65536, BUILT_TCP, 1, 0, 1, 0},
	{"fnat/tcp4/hit-2-workers/64Ki", run_hits, 65536, BUILT_TCP, 2, FRAME_BYTES, 1, 0},
	{"fnat/tcp4/hit-4-workers/64Ki", run_hits, 65536, BUILT_TCP, 4, FRAME_BYTES, 1, 0},
	{"fnat/tcp4/new", run_new, 0, BUILT_TCP, 1, FRAME_BYTES, 1, 1},
	{"fnat/tcp4/new/1Mi", run_new, MEBI, BUILT_TCP, 1, FRAME_BYTES, 1, 1},
	{"fnat/tcp4/new-10000-services", run_new, 0, BUILT_TCP, 1, FRAME_BYTES, 10000, 1},
	{"fnat/tcp4/connection", run_connections, 0, BUILT_TCP, 1, FRAME_BYTES, 1, 6},
	{"fnat/tcp4/syn-flood-full", run_refused, 65536, BUILT_TCP, 1, FRAME_BYTES, 1, 0},
	{"port-pick-and-path", run_picks, 0, BUILT_TCP, 1, 0, 1, 0},
	{"port-pick", run_picks, 0, BUILT_TCP, 1, 0, 1, 0},
	{"net_null/floor", run_null, 1024, BUILT_TCP, 1, FRAME_BYTES, 1, 0},
	{"net_null/fnat/tcp4/hit/1Ki", run_null, 1024, BUILT_TCP, 1, FRAME_BYTES, 1, 0},
	{"net_null/fnat/tcp4/hit/64Ki", run_null, 65536, BUILT_TCP, 1, FRAME_BYTES, 1, 0},
};

/* Instructions do not depend on the size of the table, the time to set it up does. */
static uint32_t
connections_max_of(const struct bench_case *bench_case, bool is_counted)
{
	if (bench_case->run == run_refused)
		return bench_case->flows;
	return RTE_MAX(bench_case->flows, is_counted ? NEW_FLOWS : MEBI) + 2 * NEW_FLOWS;
}

static void
check_verdicts(const struct bench *bench, const struct bench_case *bench_case)
{
	uint32_t wanted =
		bench_case->run == run_refused ? KS_VERDICT_drop_table_full : KS_VERDICT_forwarded;

	for (uint16_t i = 0; i < bench->workers_count; i++) {
		const struct ks_worker *worker = &bench->world->workers[i];

		if (strstr(bench_case->name, "floor") != NULL ||
			worker->verdicts[wanted] == worker->rx ||
			worker->verdicts[wanted] + 2 * bench_case->flows == worker->rx)
			continue;
		fprintf(stderr, "%s: %llu packets, %llu with the verdict %s\n", bench_case->name,
			(unsigned long long)worker->rx,
			(unsigned long long)worker->verdicts[wanted], world_verdict_name(wanted));
		exit(1);
	}
}

static void
print_row(const struct bench *bench, const struct bench_case *bench_case, double cycles)
{
	uint64_t hz = rte_get_tsc_hz();
	double per_connection = cycles * bench_case->packets_per_connection;
	uint32_t max = bench->world->workers[0].connections->connections_max;

	printf("{\"name\":\"%s\",\"cyclesPerPacket\":%.1f,\"instructionsPerPacket\":null,"
	       "\"packetsPerSecond\":%.0f,\"packetBytes\":%u,\"flows\":%u,\"workers\":%u,"
	       "\"connectionsPerSecond\":%.0f,\"bytesPerConnection\":%.1f}\n",
		bench_case->name, cycles, (double)hz / cycles, bench_case->frame_bytes,
		bench_case->flows, bench_case->workers,
		per_connection > 0 ? (double)hz / per_connection : 0,
		(double)ks_connection_table_bytes(max) / max);
	fflush(stdout);
}

static void
prepare(struct bench *bench, const struct bench_case *bench_case, uint32_t instruction_packets)
{
	uint32_t connections_max = connections_max_of(bench_case, instruction_packets > 0);

	bench->has_clock = instruction_packets == 0 && bench_case->packets_per_connection == 0;
	bench_reset(bench, bench_case->workers, connections_max, bench_case->services);
	if (bench_case->flows > 0)
		bench_establish(bench, bench_case->flows, bench_case->protocol);
	if (bench_case->run == run_null)
		bench_null_use(bench);
	next_flow = 0;
}

static void
run_case(struct bench *bench, const struct bench_case *bench_case, uint32_t instruction_packets)
{
	double least = 1e9;
	uint64_t cycles = 0;

	prepare(bench, bench_case, instruction_packets);
	/* Every connection must have met its next hop in both directions. */
	bench_case->run(
		bench, bench_case, RTE_MAX(instruction_packets, 2 * bench_case->flows), &cycles);
	bench->is_measuring = true;
	if (instruction_packets > 0) {
		bench_case->run(bench, bench_case, instruction_packets, &cycles);
	} else {
		for (uint32_t i = 0; i < WINDOWS; i++) {
			uint32_t packets;

			cycles = 0;
			packets = bench_case->run(bench, bench_case, WINDOW_PACKETS, &cycles);
			least = RTE_MIN(least, (double)cycles / packets);
		}
		print_row(bench, bench_case, least);
	}
	bench->is_measuring = false;
	check_verdicts(bench, bench_case);
}

static bool
is_wanted(const char *name, int names_count, char **names)
{
	for (int i = 0; i < names_count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return names_count == 0;
}

int
main(int arguments_count, char **arguments)
{
	uint32_t instruction_packets = 0, connections_max = 0;
	int first = 1, end = 1;
	struct bench *bench;

	while (end < arguments_count && strcmp(arguments[end], "--") != 0)
		end++;
	if (end > 2 && strcmp(arguments[1], "--instructions") == 0) {
		instruction_packets = (uint32_t)strtoul(arguments[2], NULL, 10);
		first = 3;
	}
	if (end < arguments_count)
		arguments[end] = arguments[0];
	for (uint32_t i = 0; i < RTE_DIM(cases); i++) {
		if (is_wanted(cases[i].name, end - first, &arguments[first]))
			connections_max = RTE_MAX(connections_max,
				connections_max_of(&cases[i], instruction_packets > 0));
	}
	if (connections_max == 0)
		return 0;
	bench = bench_open(arguments_count - end, &arguments[end], connections_max);
	for (uint32_t i = 0; i < RTE_DIM(cases); i++) {
		if (is_wanted(cases[i].name, end - first, &arguments[first]))
			run_case(bench, &cases[i], instruction_packets);
	}
	return 0;
}
