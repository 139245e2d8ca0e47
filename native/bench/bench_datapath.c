/*
 * What the packet path costs, in TSC cycles per packet: packets are made and sunk in this process,
 * on ports over rings, 64 octets each unless the case says otherwise (TCP over IPv6 takes 74). Only
 * the passes are timed, not the making. The floor is the same harness around plain forwarding:
 * receive, swap MAC addresses, send. One JSON line per case; the cycles of a case include the
 * floor's. Several workers take turns on one core, so their rows tell what sharing costs, not what
 * cores give.
 *
 *     bench_datapath [--instructions PACKETS] CASE... -- EAL-ARGUMENTS
 *
 * With --instructions it does PACKETS packets once, for callgrind: collect in measured_passes. No
 * clock is read then, so that the count depends on nothing but the program.
 */
#include <stdlib.h>

#include <rte_cycles.h>

#include "bench_null.h"
#include "bench_runs.h"

#define WINDOWS 31u
#define WINDOW_PACKETS 262144u

#define HITS(name, flows, protocol)                                                                \
	{                                                                                          \
		name, bench_run_hits, flows, protocol, 1, FRAME_BYTES, 1, 0, .mode = { 0 }         \
	}
/* TCP by a mode: packets of connections that exist, or connections that begin. */
#define MODE_HITS(name, flows, ...)                                                                \
	{                                                                                          \
		name, bench_run_hits, flows, BUILT_TCP, 1, FRAME_BYTES, 1, 0, { __VA_ARGS__ }      \
	}
#define MODE_NEW(name, ...)                                                                        \
	{                                                                                          \
		name, bench_run_new, 0, BUILT_TCP, 1, FRAME_BYTES, 1, 1, { __VA_ARGS__ }           \
	}

#define TCP6 .client_is_v6 = true, .server_is_v6 = true
#define TUNNEL(name) .forwarding = KS_FORWARD_TUNNEL, .tunnel = KS_TUNNEL_##name

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
	{"floor-mixed", bench_run_hits, 65536, BUILT_TCP, 1, 0, 1, 0, .mode = {0}},
	{"fnat/tcp4/hit-mixed/64Ki", bench_run_hits, 65536, BUILT_TCP, 1, 0, 1, 0, .mode = {0}},
	{"fnat/tcp4/hit-2-workers/64Ki", bench_run_hits, 65536, BUILT_TCP, 2, FRAME_BYTES, 1, 0,
		.mode = {0}},
	{"fnat/tcp4/hit-4-workers/64Ki", bench_run_hits, 65536, BUILT_TCP, 4, FRAME_BYTES, 1, 0,
		.mode = {0}},
	{"fnat/tcp4/new", bench_run_new, 0, BUILT_TCP, 1, FRAME_BYTES, 1, 1, .mode = {0}},
	{"fnat/tcp4/new/1Mi", bench_run_new, MEBI, BUILT_TCP, 1, FRAME_BYTES, 1, 1, .mode = {0}},
	{"fnat/tcp4/new-10000-services", bench_run_new, 0, BUILT_TCP, 1, FRAME_BYTES, 10000, 1,
		.mode = {0}},
	{"fnat/tcp4/connection", bench_run_connections, 0, BUILT_TCP, 1, FRAME_BYTES, 1, 6,
		.mode = {0}},
	{"fnat/tcp4/syn-flood-full", bench_run_refused, 65536, BUILT_TCP, 1, FRAME_BYTES, 1, 0,
		.mode = {0}},
	MODE_NEW("fnat/tcp4/new-mh", .scheduler = KS_SCHEDULER_MAGLEV),
	MODE_NEW("fnat/tcp4/new-persistent", .persistence_seconds = 300),
	MODE_HITS("fnat/tcp6/hit/1Ki", 1024, TCP6),
	MODE_HITS("fnat/tcp6/hit/64Ki", 65536, TCP6),
	MODE_NEW("fnat/tcp6/new", TCP6),
	MODE_HITS("fnat/tcp64/hit/1Ki", 1024, .client_is_v6 = true),
	MODE_NEW("fnat/tcp64/new", .client_is_v6 = true),
	MODE_HITS("fnat/tcp46/hit/1Ki", 1024, .server_is_v6 = true),
	MODE_NEW("fnat/tcp46/new", .server_is_v6 = true),
	MODE_HITS("nat/tcp4/hit/1Ki", 1024, .forwarding = KS_FORWARD_NAT),
	MODE_NEW("nat/tcp4/new", .forwarding = KS_FORWARD_NAT),
	MODE_HITS("nat/tcp6/hit/1Ki", 1024, .forwarding = KS_FORWARD_NAT, TCP6),
	MODE_HITS("fnat/tcp4/hit-to-servers/1Ki", 1024, .has_only_clients = true),
	MODE_HITS("fnat/tcp4/hit-to-servers/64Ki", 65536, .has_only_clients = true),
	MODE_HITS("fnat/tcp6/hit-to-servers/1Ki", 1024, .has_only_clients = true, TCP6),
	MODE_HITS("dr/tcp4/hit/1Ki", 1024, .forwarding = KS_FORWARD_DIRECT),
	MODE_HITS("dr/tcp4/hit/64Ki", 65536, .forwarding = KS_FORWARD_DIRECT),
	MODE_NEW("dr/tcp4/new", .forwarding = KS_FORWARD_DIRECT),
	MODE_HITS("dr/tcp6/hit/1Ki", 1024, .forwarding = KS_FORWARD_DIRECT, TCP6),
	MODE_HITS("tun-ipip/tcp4/hit/1Ki", 1024, TUNNEL(IPIP)),
	MODE_HITS("tun-ipip/tcp4/hit/64Ki", 65536, TUNNEL(IPIP)),
	MODE_NEW("tun-ipip/tcp4/new", TUNNEL(IPIP)),
	MODE_HITS("tun-gue/tcp4/hit/1Ki", 1024, TUNNEL(GUE)),
	MODE_HITS("tun-gre/tcp6/hit/1Ki", 1024, TUNNEL(GRE), TCP6),
	MODE_HITS("snat/tcp4/hit/1Ki", 1024, .forwarding = KS_FORWARD_SNAT),
	MODE_NEW("snat/tcp4/new", .forwarding = KS_FORWARD_SNAT),
	{"toa/tcp4/connection", bench_run_connections, 0, BUILT_TCP, 1, FRAME_BYTES, 1, 6,
		{.tells_client = true}},
	MODE_HITS("proxy-v2/tcp4/hit/1Ki", 1024, .proxy_protocol = KS_PROXY_V2),
	{"port-pick-and-path", bench_run_picks, 0, BUILT_TCP, 1, 0, 1, 0, .mode = {0}},
	{"port-pick", bench_run_picks, 0, BUILT_TCP, 1, 0, 1, 0, .mode = {0}},
	{"net_null/floor", bench_run_null, 1024, BUILT_TCP, 1, FRAME_BYTES, 1, 0, .mode = {0}},
	{"net_null/fnat/tcp4/hit/1Ki", bench_run_null, 1024, BUILT_TCP, 1, FRAME_BYTES, 1, 0,
		.mode = {0}},
	{"net_null/fnat/tcp4/hit/64Ki", bench_run_null, 65536, BUILT_TCP, 1, FRAME_BYTES, 1, 0,
		.mode = {0}},
};

/* Instructions do not depend on the size of the table, the time to set it up does. */
static uint32_t
connections_max_of(const struct bench_case *bench_case, bool is_counted)
{
	if (bench_case->run == bench_run_refused)
		return bench_case->flows;
	return RTE_MAX(bench_case->flows, is_counted ? NEW_FLOWS : MEBI) + 2 * NEW_FLOWS;
}

static void
check_verdicts(const struct bench *bench, const struct bench_case *bench_case)
{
	uint32_t wanted = bench_case->run == bench_run_refused ? KS_VERDICT_drop_table_full
							       : KS_VERDICT_forwarded;

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
	bool is_tcp6 = bench_case->mode.client_is_v6 && bench_case->protocol == BUILT_TCP;
	uint64_t hz = rte_get_tsc_hz();
	double per_connection = cycles * bench_case->packets_per_connection;
	uint32_t max = bench->world->workers[0].connections->connections_max;

	printf("{\"name\":\"%s\",\"cyclesPerPacket\":%.1f,\"instructionsPerPacket\":null,"
	       "\"packetsPerSecond\":%.0f,\"packetBytes\":%u,\"flows\":%u,\"workers\":%u,"
	       "\"connectionsPerSecond\":%.0f,\"bytesPerConnection\":%.1f}\n",
		bench_case->name, cycles, (double)hz / cycles,
		is_tcp6 ? FRAME6_BYTES : bench_case->frame_bytes, bench_case->flows,
		bench_case->workers, per_connection > 0 ? (double)hz / per_connection : 0,
		(double)ks_connection_table_bytes(max) / max);
	fflush(stdout);
}

static void
prepare(struct bench *bench, const struct bench_case *bench_case, uint32_t instruction_packets)
{
	uint32_t connections_max = connections_max_of(bench_case, instruction_packets > 0);

	bench->has_clock = instruction_packets == 0 && bench_case->packets_per_connection == 0;
	bench_reset(bench, bench_case->workers, connections_max, bench_case->services,
		&bench_case->mode);
	if (bench_case->flows > 0)
		bench_establish(bench, bench_case->flows, bench_case->protocol);
	if (bench_case->run == bench_run_null)
		bench_null_use(bench);
	bench_runs_begin();
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
