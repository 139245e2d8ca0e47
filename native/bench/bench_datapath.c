/*
 * What the packet path costs, in TSC cycles per packet: packets are made and sunk in this process,
 * on ports over rings, 64 octets each, one worker. Only the passes are timed, not the making. The
 * floor is the same harness around plain forwarding: receive, swap MAC addresses, send. One JSON
 * line per case; the cycles of a case include the floor's.
 *
 *     bench_datapath [--instructions PACKETS] CASE... -- EAL-ARGUMENTS
 *
 * With --instructions it does PACKETS packets once, for callgrind: collect in measured_passes.
 */
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "checksum.h"
#include "fixture.h"

#define FRAME_BYTES 64u
#define PASSES 4u /* per measurement, with a burst for each port */
#define PORT_PACKETS (PASSES * KS_BURST)
#define WINDOWS 9u
#define WINDOW_PACKETS 262144u
#define CONNECTIONS_MAX (1048576u + 65536u)
#define SERVERS 32u

struct bench_case {
	const char *name;
	uint32_t flows;
	uint8_t protocol;
	bool is_floor;
	bool is_new; /* every packet begins a connection */
};

static const struct bench_case cases[] = {
	{"floor", 1024, BUILT_TCP, true, false},
	{"fnat/tcp4/hit/1Ki", 1024, BUILT_TCP, false, false},
	{"fnat/tcp4/hit/64Ki", 65536, BUILT_TCP, false, false},
	{"fnat/tcp4/hit/1Mi", 1048576, BUILT_TCP, false, false},
	{"fnat/udp4/hit/1Ki", 1024, BUILT_UDP, false, false},
	{"fnat/tcp4/new", 65536, BUILT_TCP, false, true},
};

static struct world *world;
static struct ks_worker *worker;
static struct ks_flow_key *keys[WORLD_PORTS]; /* of every flow, as packets of a port carry it */
static struct rte_mbuf *mbufs[WORLD_PORTS][PORT_PACKETS];
static uint32_t next_flow;

static bool is_measuring; /* not while a case is set up and warmed up */

void measured_passes(bool is_floor);

/* What a forwarder must do at least: the same ports, rings and bursts. */
static void
forward_plainly(void)
{
	for (uint16_t port = 0; port < WORLD_PORTS; port++) {
		struct rte_mbuf *burst[KS_BURST];
		uint16_t count = rte_eth_rx_burst(world->ethdev_ids[port], 0, burst, KS_BURST);

		for (uint16_t i = 0; i < count; i++) {
			struct rte_ether_hdr *ethernet =
				rte_pktmbuf_mtod(burst[i], struct rte_ether_hdr *);
			struct rte_ether_addr sender = ethernet->src_addr;

			ethernet->src_addr = ethernet->dst_addr;
			ethernet->dst_addr = sender;
		}
		rte_eth_tx_burst(world->ethdev_ids[1 - port], 0, burst, count);
	}
}

static inline void
run_passes(bool is_floor)
{
	for (uint32_t pass = 0; pass < PASSES; pass++) {
		if (is_floor)
			forward_plainly();
		else
			ks_pipeline_run(worker);
	}
}

__attribute__((noinline)) void
measured_passes(bool is_floor)
{
	run_passes(is_floor);
}

/* A frame of that flow into a buffer that may hold the remains of another. */
static void
refill(struct rte_mbuf *mbuf, uint16_t port, const struct ks_flow_key *key, uint8_t tcp_flags)
{
	uint8_t *frame = rte_pktmbuf_mtod(mbuf, uint8_t *);
	uint8_t *ip = frame + 14;
	uint16_t checksum;

	mbuf->data_len = FRAME_BYTES;
	mbuf->pkt_len = FRAME_BYTES;
	memset(frame, 0, FRAME_BYTES);
	put_mac(frame, (uint8_t)(MAC_PORT_0 + port));
	put_mac(frame + 6, MAC_GATEWAY);
	put16(frame + 12, 0x0800);
	ip[0] = 0x45;
	put16(ip + 2, FRAME_BYTES - 14);
	ip[8] = 64;
	ip[9] = key->protocol;
	memcpy(ip + 12, &key->source_be, 8);
	memcpy(ip + 20, &key->source_port_be, 4);
	checksum = (uint16_t)~ks_checksum_fold(ks_checksum_add(0, ip, 20));
	memcpy(ip + 10, &checksum, sizeof(checksum));
	if (key->protocol == BUILT_UDP) {
		put16(ip + 24, FRAME_BYTES - 34);
	} else {
		ip[32] = 5 << 4;
		ip[33] = tcp_flags;
	}
	put16(ip + 20 + (key->protocol == BUILT_UDP ? 6 : 16), 0x1234);
}

static struct ks_flow_key
client_key(uint32_t flow, uint8_t protocol)
{
	return (struct ks_flow_key){
		.source_be = rte_cpu_to_be_32(IPV4(100, 64, 0, 0) + flow / 32768),
		.destination_be = RTE_BE32(VIP),
		.source_port_be = rte_cpu_to_be_16((uint16_t)(1024 + flow % 32768)),
		.destination_port_be = protocol == BUILT_TCP ? RTE_BE16(80) : RTE_BE16(53),
		.protocol = protocol,
	};
}

static void
take_back(uint16_t port)
{
	uint32_t count = rte_ring_dequeue_burst(
		world->from_port[port], (void **)mbufs[1 - port], PORT_PACKETS, NULL);

	if (count != PORT_PACKETS) {
		fprintf(stderr, "%u of %u packets came out\n", count, PORT_PACKETS);
		exit(1);
	}
}

static uint64_t
timed_passes(const struct bench_case *bench)
{
	uint64_t start = rte_rdtsc_precise();

	if (is_measuring)
		measured_passes(bench->is_floor);
	else
		run_passes(bench->is_floor);
	return rte_rdtsc_precise() - start;
}

/* The next packets of all flows in turn, scattered, in both directions; returns cycles. */
static uint64_t
hit(const struct bench_case *bench)
{
	uint64_t cycles;

	for (uint16_t port = 0; port < WORLD_PORTS; port++) {
		for (uint32_t i = 0; i < PORT_PACKETS; i++) {
			uint32_t flow = ((next_flow + i) * 0x9e3779b1u) & (bench->flows - 1);

			refill(mbufs[port][i], port, &keys[port][flow], ACK);
		}
		rte_ring_enqueue_bulk(
			world->to_port[port], (void **)mbufs[port], PORT_PACKETS, NULL);
	}
	next_flow += PORT_PACKETS;
	cycles = timed_passes(bench);
	take_back(0);
	take_back(1);
	return cycles;
}

/* The next packets of clients, first_flow and following. */
static uint64_t
begin(const struct bench_case *bench, uint32_t first_flow, uint8_t tcp_flags)
{
	uint64_t cycles;

	for (uint32_t i = 0; i < PORT_PACKETS; i++) {
		struct ks_flow_key key = client_key(first_flow + i, bench->protocol);

		refill(mbufs[0][i], 0, &key, tcp_flags);
	}
	rte_ring_enqueue_bulk(world->to_port[0], (void **)mbufs[0], PORT_PACKETS, NULL);
	cycles = timed_passes(&(struct bench_case){.is_floor = false});
	take_back(1);
	return cycles;
}

static void
open_case(uint32_t connections_max)
{
	struct ks_virtual_server *services = world->services;

	worker->connections->connections_max = connections_max;
	world_reset(world, 1);
	world->services_count = 0;
	world->servers_count = 0;
	world_add_service(world, BUILT_TCP, 80, SERVERS)->sources_count = 2;
	world_add_service(world, BUILT_UDP, 53, SERVERS)->sources_count = 2;
	services[1].servers = services[0].servers;
	for (uint32_t i = 0; i < SERVERS; i++)
		world_set_neighbor(world, 10 + i, 1, SERVER_A + i, MAC_SERVER_A, 1);
	world_publish(world);
	worker->tsc_per_tick = rte_get_tsc_hz() / KS_TICKS_PER_SECOND;
	worker->next_tick_tsc = rte_rdtsc();
}

/* All flows established; their keys kept apart, so that making packets warms no connection. */
static void
establish(const struct bench_case *bench)
{
	const struct ks_connection_half *halves = worker->connections->halves;

	for (uint32_t flow = 0; flow < bench->flows; flow += PORT_PACKETS)
		begin(bench, flow, SYN);
	for (uint32_t flow = 0; flow < bench->flows; flow += PORT_PACKETS)
		begin(bench, flow, ACK);
	for (uint32_t flow = 0; flow < bench->flows; flow++) {
		keys[0][flow] = halves[2 * (flow + 1)].key;
		keys[1][flow] = halves[2 * (flow + 1) + 1].key;
	}
}

static double
window(const struct bench_case *bench, uint32_t packets)
{
	uint64_t cycles = 0;
	uint32_t done = 0;

	if (bench->is_new) {
		ks_connection_table_init(worker->connections, 2 * bench->flows, rte_rdtsc());
		for (; done < RTE_MIN(packets, bench->flows); done += PORT_PACKETS)
			cycles += begin(bench, done, SYN);
	} else {
		for (; done < packets; done += WORLD_PORTS * PORT_PACKETS)
			cycles += hit(bench);
	}
	return (double)cycles / done;
}

static void
check_verdicts(const struct bench_case *bench)
{
	if (bench->is_floor || worker->verdicts[KS_VERDICT_forwarded] == worker->rx)
		return;
	fprintf(stderr, "%s: not every packet was forwarded\n", bench->name);
	exit(1);
}

static void
print_row(const struct bench_case *bench, double cycles)
{
	printf("{\"name\":\"%s\",\"cyclesPerPacket\":%.1f,\"instructionsPerPacket\":null,"
	       "\"packetsPerSecond\":%.0f,\"packetBytes\":%u,\"flows\":%u,\"workers\":1}\n",
		bench->name, cycles, (double)rte_get_tsc_hz() / cycles, FRAME_BYTES, bench->flows);
	fflush(stdout);
}

static void
run_case(const struct bench_case *bench, uint32_t instruction_packets)
{
	double least = 1e9;

	/* Instructions do not depend on the size of the table, the time to set it up does. */
	open_case(instruction_packets > 0 ? RTE_MIN(2 * bench->flows, CONNECTIONS_MAX)
					  : CONNECTIONS_MAX);
	if (!bench->is_new)
		establish(bench);
	/* Every connection must have met its next hop in both directions. */
	window(bench, RTE_MAX(instruction_packets, 2 * bench->flows));
	is_measuring = true;
	if (instruction_packets > 0) {
		window(bench, instruction_packets);
	} else {
		for (uint32_t i = 0; i < WINDOWS; i++) {
			double cycles = window(bench, WINDOW_PACKETS);

			least = cycles < least ? cycles : least;
		}
		print_row(bench, least);
	}
	is_measuring = false;
	check_verdicts(bench);
}

static void
open_buffers(void)
{
	for (uint16_t port = 0; port < WORLD_PORTS; port++) {
		keys[port] = calloc(CONNECTIONS_MAX, sizeof(*keys[port]));
		if (keys[port] == NULL ||
			rte_pktmbuf_alloc_bulk(world->pool, mbufs[port], PORT_PACKETS) != 0) {
			fprintf(stderr, "no memory\n");
			exit(1);
		}
	}
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
	uint32_t instruction_packets = 0;
	int first = 1, end = 1;

	while (end < arguments_count && strcmp(arguments[end], "--") != 0)
		end++;
	if (end > 2 && strcmp(arguments[1], "--instructions") == 0) {
		instruction_packets = (uint32_t)strtoul(arguments[2], NULL, 10);
		first = 3;
	}
	if (end < arguments_count)
		arguments[end] = arguments[0];
	world = world_open_with(arguments_count - end, &arguments[end], CONNECTIONS_MAX);
	worker = &world->workers[0];
	open_buffers();
	for (uint32_t i = 0; i < RTE_DIM(cases); i++) {
		if (is_wanted(cases[i].name, end - first, &arguments[first]))
			run_case(&cases[i], instruction_packets);
	}
	return 0;
}
