/*
 * control/slow_nd.c: what the slow thread answers, learns, asks and leaves to the kernel. The port
 * has 02:00:00:00:00:11; its companion interface is a pipe here.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../control/lease.h"
#include "../control/nd.h"
#include "../control/slow_nd.h"
#include "control_fixture.h"
#include "fixture.h"
#include "tap.h"

#define PORT 1u
#define VIP_TEXT "2001:db8::64"

static const struct rte_ether_addr port_mac = {.addr_bytes = {2, 0, 0, 0, 0, 0x11}};
static const struct rte_ether_addr host_mac = {.addr_bytes = {2, 0, 0, 0, 0, 0x99}};

static struct ks_slow_thread slow;
static struct ks_worker worker;
static struct ks_worker *workers[] = {&worker};
static struct ks_kni knis[2];
static struct rte_ether_addr macs[2];
static int kernel_fd;
static struct rte_mempool *pool;

static void
ask_for_neighbor(
	void *context, uint16_t port, struct ks_ip address, const struct rte_ether_addr *to)
{
	ks_slow_nd_ask(context, port, address, to);
}

static void
send_for_neighbor(void *context, uint16_t port, struct rte_mbuf *packet)
{
	ks_slow_thread_send(context, port, packet);
}

static const struct rte_ether_addr *
mac_for_neighbor(void *context, uint16_t port)
{
	(void)context;
	return &macs[port];
}

static void
open_slow_thread(struct ks_neighbor_table *table)
{
	const struct ks_neighbor_world of_slow = {.context = &slow,
		.send = send_for_neighbor,
		.ask = ask_for_neighbor,
		.port_mac = mac_for_neighbor};
	int ends[2];

	if (pipe(ends) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
		return;
	kernel_fd = ends[0];
	knis[0].fd = -1;
	knis[PORT].fd = ends[1];
	macs[PORT] = port_mac;
	worker.inject = rte_ring_create("inject", 64, SOCKET_ID_ANY, RING_F_SC_DEQ);
	slow.options = (struct ks_slow_options){.workers = workers,
		.workers_count = 1,
		.knis = knis,
		.macs = macs,
		.ports_count = 2,
		.pool = pool,
		.neighbor_table = table};
	ks_neighbors_init(&slow.neighbors, table, &of_slow);
}

static void
give(const char *device, const char *prefix)
{
	struct ks_change change = address_change(KS_ADD_ADDRESS, prefix);

	snprintf(change.device, sizeof(change.device), "%s", device);
	control_apply(change);
	slow.tables = control_publish();
}

/* What left through the port; false: nothing. */
static bool
take(struct ks_nd *nd, struct rte_ether_addr *to, struct ks_ip *to_address)
{
	struct rte_mbuf *packet = NULL;
	bool is_read;

	if (rte_ring_dequeue(worker.inject, (void **)&packet) != 0)
		return false;
	is_read = ks_packet_note(packet)->port == PORT && ks_nd_read(packet, nd);
	*to = rte_pktmbuf_mtod(packet, struct rte_ether_hdr *)->dst_addr;
	*to_address = ks_ip_from_octets(rte_pktmbuf_mtod(packet, uint8_t *) + 38);
	rte_pktmbuf_free(packet);
	return is_read;
}

static bool
has_kernel_got(void)
{
	uint8_t frame[2048];

	return read(kernel_fd, frame, sizeof(frame)) > 0;
}

static void
hear_solicitation(const char *source, const char *target)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);

	ks_nd_solicit(packet,
		&(struct ks_nd_solicitation){
			.from = &host_mac, .source = ip_of(source), .target = ip_of(target)});
	ks_slow_nd_receive(&slow, PORT, packet);
}

/* A host without an address: from ::, and no option. RFC 4862, 5.4.2. */
static void
hear_detection(uint8_t last_of_target)
{
	uint8_t frame[78] = {0x33, 0x33, 0xff, 0, 0, last_of_target, 2, 0, 0, 0, 0, 0x99, 0x86,
		0xdd, 0x60, [19] = 24, [20] = 58, [21] = 255, [38] = 0xff, [39] = 0x02, [49] = 0x01,
		[50] = 0xff, [53] = last_of_target, [54] = 135, [62] = 0x20, [63] = 0x01,
		[64] = 0x0d, [65] = 0xb8, [77] = last_of_target};
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);

	put16(frame + 56, 0xffffu ^ summed(frame + 54, 24, summed(frame + 22, 32, 24 + 58)));
	memcpy(rte_pktmbuf_append(packet, sizeof(frame)), frame, sizeof(frame));
	ks_slow_nd_receive(&slow, PORT, packet);
}

static void
test_answers(void)
{
	struct ks_ip to_address;
	struct rte_ether_addr to;
	struct ks_nd nd;

	hear_solicitation("2001:db8::99", VIP_TEXT);
	tap_ok(take(&nd, &to, &to_address) && !nd.is_solicitation && nd.is_solicited &&
			nd.is_override && ks_ip_equal(nd.target, ip_of(VIP_TEXT)) &&
			rte_is_same_ether_addr(&nd.mac, &port_mac),
		"an address of ours: answered");
	tap_ok(rte_is_same_ether_addr(&to, &host_mac) &&
			ks_ip_equal(to_address, ip_of("2001:db8::99")),
		"to who asked");
	tap_ok(!has_kernel_got(), "and no business of the kernel");
	tap_ok(ks_neighbor_find(slow.neighbors.table, PORT, ip_of("2001:db8::99")) !=
			KS_NEIGHBOR_NONE,
		"who asked is known now");
	hear_solicitation("2a00::5", VIP_TEXT);
	tap_ok(take(&nd, &to, &to_address), "somebody of another network: answered");
	tap_ok(ks_neighbor_find(slow.neighbors.table, PORT, ip_of("2a00::5")) == KS_NEIGHBOR_NONE,
		"but not remembered");

	hear_detection(0x64);
	tap_ok(take(&nd, &to, &to_address) && !nd.is_solicited && nd.is_override &&
			ks_ip_equal(nd.target, ip_of(VIP_TEXT)),
		"who wants to take an address of ours hears that it is taken");
	tap_ok(ks_ip_equal(to_address, ip_of("ff02::1")) && to.addr_bytes[0] == 0x33 &&
			to.addr_bytes[5] == 1,
		"as all nodes do");
	hear_solicitation("fe80::99", "fe80::ff:fe00:11");
	tap_ok(take(&nd, &to, &to_address) && nd.is_solicited &&
			ks_ip_equal(nd.target, ip_of("fe80::ff:fe00:11")),
		"the port's link-local address: answered");
	tap_ok(ks_neighbor_find(slow.neighbors.table, PORT, ip_of("fe80::99")) != KS_NEIGHBOR_NONE,
		"a link-local neighbour needs no route");
}

static void
test_left_to_kernel(void)
{
	struct ks_ip to_address;
	struct rte_ether_addr to;
	struct rte_mbuf *packet;
	struct ks_nd nd;

	hear_solicitation("2001:db8::99", "2001:db8::65");
	tap_ok(!take(&nd, &to, &to_address) && has_kernel_got(), "not ours: the kernel's");
	hear_detection(0x65);
	tap_ok(!take(&nd, &to, &to_address) && has_kernel_got(), "free: the kernel may differ");
	hear_solicitation("2001:db8::99", "2001:db8:1::1");
	tap_ok(!take(&nd, &to, &to_address) && has_kernel_got(), "of another port: not here");

	packet = rte_pktmbuf_alloc(pool);
	memset(rte_pktmbuf_append(packet, 86), 0, 86);
	ks_slow_nd_receive(&slow, PORT, packet);
	tap_ok(!take(&nd, &to, &to_address) && has_kernel_got(), "no such message: the kernel's");

	const struct ks_lease_request lease = {.holder = "VI_1",
		.port = PORT,
		.prefixes = &(struct ks_prefix){ip_of("2001:db8::66"), KS_IP_BITS},
		.count = 1,
		.until_tsc = 1000};

	ks_lease_take(&control.addresses, &lease, &control.reason);
	slow.tables = control_publish();
	slow.now_tsc = 999;
	hear_solicitation("2001:db8::99", "2001:db8::66");
	tap_ok(take(&nd, &to, &to_address) && !has_kernel_got(), "leased: answered");
	slow.now_tsc = 1000;
	hear_solicitation("2001:db8::99", "2001:db8::66");
	tap_ok(!take(&nd, &to, &to_address) && has_kernel_got(), "the lease is over: not ours");
}

static void
hear_advertisement(const char *target)
{
	const struct ks_nd_advertisement said = {.mac = &host_mac,
		.to_mac = &port_mac,
		.to = ip_of(VIP_TEXT),
		.target = ip_of(target)};
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);

	ks_nd_advertise(packet, &said);
	ks_slow_nd_receive(&slow, PORT, packet);
}

static struct rte_mbuf *
waiting_packet(void)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);

	rte_pktmbuf_append(packet, 60);
	return packet;
}

static void
test_questions(void)
{
	struct ks_neighbors *neighbors = &slow.neighbors;
	struct rte_mbuf *sent = NULL;
	struct ks_ip to_address;
	struct rte_ether_addr to;
	struct ks_nd nd;

	ks_neighbors_resolve(neighbors, PORT, ip_of("2001:db8::7"), waiting_packet(), 0);
	tap_ok(take(&nd, &to, &to_address) && nd.is_solicitation &&
			ks_ip_equal(nd.source, ip_of(VIP_TEXT)) &&
			ks_ip_equal(nd.target, ip_of("2001:db8::7")),
		"asks with an address of the same network");
	tap_ok(ks_ip_equal(to_address, ip_of("ff02::1:ff00:7")) && to.addr_bytes[0] == 0x33 &&
			to.addr_bytes[1] == 0x33 && to.addr_bytes[2] == 0xff,
		"the group of the target");
	hear_advertisement("2001:db8::7");
	tap_ok(has_kernel_got(), "the kernel hears the answer, too");
	tap_ok(rte_ring_dequeue(worker.inject, (void **)&sent) == 0 && sent->pkt_len == 60 &&
			rte_is_same_ether_addr(
				&rte_pktmbuf_mtod(sent, struct rte_ether_hdr *)->dst_addr,
				&host_mac),
		"and what waited leaves");
	rte_pktmbuf_free(sent);

	ks_neighbors_resolve(neighbors, PORT, ip_of("fe80::7"), waiting_packet(), 0);
	tap_ok(take(&nd, &to, &to_address) && ks_ip_equal(nd.source, ip_of("fe80::ff:fe00:11")),
		"asks for a gateway with the port's link-local address");
	hear_advertisement(VIP_TEXT);
	tap_ok(has_kernel_got() && ks_neighbor_find(neighbors->table, PORT, ip_of(VIP_TEXT)) ==
					   KS_NEIGHBOR_NONE,
		"who says to have an address of ours is not believed");
	ks_slow_nd_announce(&slow, PORT, ip_of(VIP_TEXT));
	tap_ok(take(&nd, &to, &to_address) && !nd.is_solicited && nd.is_override &&
			ks_ip_equal(to_address, ip_of("ff02::1")) &&
			ks_ip_equal(nd.target, ip_of(VIP_TEXT)),
		"announces to all nodes");
}

/* Strangers that ask for an address of ours may be many: they cost no more than the table. */
static void
test_flood(void)
{
	struct ks_ip to_address;
	struct rte_ether_addr to;
	uint32_t answered = 0;
	struct ks_nd nd;
	char source[64];

	for (uint32_t i = 0; i < KS_NEIGHBORS_MAX + 1000; i++) {
		snprintf(source, sizeof(source), "2001:db8::1:%x:%x", i >> 16, i & 0xffff);
		hear_solicitation(source, VIP_TEXT);
		answered += take(&nd, &to, &to_address);
	}
	tap_equal(answered, KS_NEIGHBORS_MAX + 1000, "all of a flood are answered");
	tap_ok(slow.neighbors.refused_entries >= 1000, "no more remembered than there is room for");
}

int
main(int argc, char **argv)
{
	struct ks_neighbor_table *table = calloc(1, sizeof(*table));

	(void)argc;
	pool = world_open(argv[0], 64)->pool;
	control_begin();
	open_slow_thread(table);
	give("dpdk1", VIP_TEXT "/64");
	give("dpdk0", "2001:db8:1::1/64");
	test_answers();
	test_left_to_kernel();
	slow.now_tsc = 0;
	test_questions();
	test_flood();
	ks_neighbors_free(&slow.neighbors);
	control_end();
	tap_equal(rte_mempool_in_use_count(pool), 0, "no packet is lost");
	free(table);
	return tap_done();
}
