/*
 * control/neighbors.c and what it writes for the workers: states, ages, waiting packets, what ARP
 * and neighbour discovery say. Addresses of both families in one table.
 */
#include <stdlib.h>

#include "../control/neighbor_slots.h"
#include "../control/neighbors.h"
#include "fixture.h"
#include "tap.h"

#define PORT 1u

static struct world *world;
static uint32_t asked_count, sent_count;
static bool was_unicast;
static struct rte_ether_addr sent_to;

static const struct rte_ether_addr port_mac = {.addr_bytes = {2, 0, 0, 0, 0, MAC_PORT_1}};
static const struct rte_ether_addr server_mac = {.addr_bytes = {2, 0, 0, 0, 0, MAC_SERVER_A}};
static const struct rte_ether_addr other_mac = {.addr_bytes = {2, 0, 0, 0, 0, MAC_SERVER_B}};

static void
count_sent(void *context, uint16_t port, struct rte_mbuf *packet)
{
	(void)context;
	(void)port;
	sent_to = rte_pktmbuf_mtod(packet, struct rte_ether_hdr *)->dst_addr;
	sent_count++;
	rte_pktmbuf_free(packet);
}

static void
count_asked(void *context, uint16_t port, struct ks_ip address, const struct rte_ether_addr *to)
{
	(void)context;
	(void)port;
	(void)address;
	asked_count++;
	was_unicast = to != NULL;
}

static const struct rte_ether_addr *
tell_mac(void *context, uint16_t port)
{
	(void)context;
	(void)port;
	return &port_mac;
}

static const struct ks_neighbor_world spies = {
	.send = count_sent, .ask = count_asked, .port_mac = tell_mac};

static struct rte_mbuf *
packet(void)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(world->pool);

	rte_pktmbuf_append(packet, 60);
	return packet;
}

static uint64_t
word_of(const struct ks_neighbors *neighbors, struct ks_ip address)
{
	uint32_t index = ks_neighbor_find(neighbors->table, PORT, address);

	return index == KS_NEIGHBOR_NONE ? 0 : ks_neighbor_word(neighbors->table, index);
}

static void
begin(struct ks_neighbors *neighbors)
{
	ks_neighbors_init(neighbors, calloc(1, sizeof(struct ks_neighbor_table)), &spies);
	asked_count = 0;
	sent_count = 0;
}

static void
end(struct ks_neighbors *neighbors)
{
	struct ks_neighbor_table *table = neighbors->table;

	ks_neighbors_free(neighbors);
	free(table);
}

/* As ARP says it: packets reach the neighbour there. */
static void
learn(struct ks_neighbors *neighbors, struct ks_ip address, const struct rte_ether_addr *mac,
	bool may_create, uint64_t now_ms)
{
	const struct ks_neighbor_news news = {.address = address,
		.port = PORT,
		.mac = mac,
		.may_create = may_create,
		.is_confirmed = true,
		.may_replace = true};

	ks_neighbors_learn(neighbors, &news, now_ms);
}

static void
test_resolution(struct ks_ip address)
{
	struct ks_neighbors neighbors;

	begin(&neighbors);
	ks_neighbors_resolve(&neighbors, PORT, address, packet(), 1000);
	ks_neighbors_resolve(&neighbors, PORT, address, packet(), 1001);
	tap_equal(asked_count, 1, "the first packet asks, the second waits with it");
	tap_equal(word_of(&neighbors, address) & KS_NEIGHBOR_VALID, 0, "not usable while asking");
	tap_equal(ks_neighbors_tick(&neighbors, 1001), 2000, "asks again after a second");

	learn(&neighbors, address, &server_mac, false, 1500);
	tap_equal(sent_count, 2, "the answer sends what waited");
	tap_ok(rte_is_same_ether_addr(&sent_to, &server_mac), "to the neighbour's address");
	tap_ok((word_of(&neighbors, address) & KS_NEIGHBOR_VALID) != 0, "usable by workers");
	ks_neighbors_resolve(&neighbors, PORT, address, packet(), 1600);
	tap_equal(sent_count, 3, "a packet punted meanwhile leaves at once");

	uint16_t generation = ks_neighbor_generation(word_of(&neighbors, address));

	learn(&neighbors, address, &other_mac, false, 1700);
	tap_equal(ks_neighbor_generation(word_of(&neighbors, address)), generation,
		"a new MAC address is still the same neighbour");
	ks_neighbors_renew_generations(&neighbors);
	tap_ok(ks_neighbor_generation(word_of(&neighbors, address)) != generation,
		"a change of routes makes what workers remember stale");
	tap_ok((word_of(&neighbors, address) & KS_NEIGHBOR_VALID) != 0, "and keeps it usable");
	end(&neighbors);
}

static void
test_failure(struct ks_ip address)
{
	struct ks_neighbors neighbors;

	begin(&neighbors);
	for (uint32_t i = 0; i < KS_NEIGHBOR_QUEUE_MAX + 5; i++)
		ks_neighbors_resolve(&neighbors, PORT, address, packet(), 0);
	tap_equal(neighbors.dropped_packets, 5, "no more than 128 packets wait");
	ks_neighbors_tick(&neighbors, 1000);
	ks_neighbors_tick(&neighbors, 2000);
	tap_equal(asked_count, KS_NEIGHBOR_TRIES, "asks three times");
	ks_neighbors_tick(&neighbors, 3000);
	tap_equal(neighbors.dropped_packets, KS_NEIGHBOR_QUEUE_MAX + 5, "then drops what waited");
	tap_equal(neighbors.waiting_count, 0, "and counts it out");
	ks_neighbors_resolve(&neighbors, PORT, address, packet(), 3100);
	tap_equal(asked_count, KS_NEIGHBOR_TRIES, "a failed neighbour is not asked at once again");
	tap_equal(ks_neighbors_tick(&neighbors, 4000), UINT64_MAX, "and forgotten after a moment");
	tap_equal(ks_neighbor_find(neighbors.table, PORT, address), KS_NEIGHBOR_NONE,
		"workers do not find it");
	end(&neighbors);
	tap_equal(rte_mempool_in_use_count(world->pool), 0, "no packet is lost");
}

static void
test_ageing(struct ks_ip address)
{
	struct ks_neighbors neighbors;

	begin(&neighbors);
	learn(&neighbors, address, &server_mac, false, 0);
	tap_equal(word_of(&neighbors, address), 0, "a stranger is not remembered");
	learn(&neighbors, address, &server_mac, true, 0);
	tap_equal(ks_neighbors_tick(&neighbors, 59999), 60000, "reached for 60 seconds");
	ks_neighbors_tick(&neighbors, 60000);
	tap_ok(asked_count == 1 && was_unicast, "then probed, first by its own address");
	tap_ok((word_of(&neighbors, address) & KS_NEIGHBOR_VALID) != 0, "and used meanwhile");
	ks_neighbors_tick(&neighbors, 61000);
	tap_ok(asked_count == 2 && !was_unicast, "then everybody is asked");
	learn(&neighbors, address, &server_mac, false, 61500);
	tap_equal(ks_neighbors_tick(&neighbors, 61500), 121500, "an answer gives 60 seconds more");
	for (uint64_t now_ms = 121500; now_ms <= 124500; now_ms += 1000)
		ks_neighbors_tick(&neighbors, now_ms);
	tap_equal(word_of(&neighbors, address), 0, "no answer to three: gone");
	end(&neighbors);
}

static bool
is_at(const struct ks_neighbors *neighbors, struct ks_ip address, const struct rte_ether_addr *mac)
{
	uint64_t word = word_of(neighbors, address);
	struct rte_ether_addr found;

	ks_neighbor_copy_mac(word, &found);
	return (word & KS_NEIGHBOR_VALID) != 0 && rte_is_same_ether_addr(&found, mac);
}

/* RFC 4861, 7.2.5: what an advertisement (S: solicited, O: override) does to a neighbour. */
static void
test_advertisements(struct ks_ip address)
{
	struct ks_neighbor_news said = {.address = address, .port = PORT, .mac = &other_mac};
	struct ks_neighbors neighbors;

	begin(&neighbors);
	ks_neighbors_learn(&neighbors, &said, 0);
	tap_equal(word_of(&neighbors, address), 0, "of nobody that we know: nothing");
	ks_neighbors_resolve(&neighbors, PORT, address, packet(), 0);
	said.mac = NULL;
	said.is_confirmed = true;
	ks_neighbors_learn(&neighbors, &said, 10);
	tap_ok(sent_count == 0 && (word_of(&neighbors, address) & KS_NEIGHBOR_VALID) == 0,
		"while asking, one without a MAC address: nothing");
	said.mac = &server_mac;
	said.is_confirmed = false;
	ks_neighbors_learn(&neighbors, &said, 20);
	tap_ok(sent_count == 1 && is_at(&neighbors, address, &server_mac),
		"while asking, unsolicited: used");
	tap_equal(ks_neighbors_tick(&neighbors, 20), 5020, "but asked whether it is true");

	learn(&neighbors, address, &server_mac, false, 1000);
	ks_neighbors_learn(&neighbors, &said, 2000);
	tap_equal(ks_neighbors_tick(&neighbors, 2000), 61000, "the same, unsolicited: no change");
	said.mac = NULL;
	said.is_confirmed = true;
	ks_neighbors_learn(&neighbors, &said, 3000);
	tap_equal(ks_neighbors_tick(&neighbors, 3000), 63000, "without MAC, solicited: confirmed");
	said.mac = &other_mac;
	ks_neighbors_learn(&neighbors, &said, 4000);
	tap_ok(is_at(&neighbors, address, &server_mac), "another MAC without O: not used");
	tap_equal(ks_neighbors_tick(&neighbors, 4000), 9000, "but the old one is doubted");
	ks_neighbors_learn(&neighbors, &said, 8000);
	tap_equal(ks_neighbors_tick(&neighbors, 8000), 9000, "not put off by saying it again");
	ks_neighbors_tick(&neighbors, 9000);
	tap_ok(was_unicast, "and asked");
	ks_neighbors_learn(&neighbors, &said, 9100);
	tap_equal(ks_neighbors_tick(&neighbors, 9100), 10000, "while probing: ignored");
	said.may_replace = true;
	ks_neighbors_learn(&neighbors, &said, 9500);
	tap_ok(is_at(&neighbors, address, &other_mac) &&
			ks_neighbors_tick(&neighbors, 9500) == 69500,
		"another MAC with S and O: there it is");
	said.mac = &server_mac;
	said.is_confirmed = false;
	ks_neighbors_learn(&neighbors, &said, 10000);
	tap_ok(is_at(&neighbors, address, &server_mac) &&
			ks_neighbors_tick(&neighbors, 10000) == 15000,
		"another MAC with O alone: used, and asked before long");
	end(&neighbors);
}

#define SLOT_ADDRESSES 400u

/* Every other one of IPv6, alike but for a few bits. */
static struct ks_ip
numbered(uint32_t i)
{
	uint8_t octets[16] = {0x20, 0x01, 0x0d, 0xb8, [7] = (uint8_t)(i >> 8), [15] = (uint8_t)i};

	return i % 2 == 0 ? ks_ip_from_v4(rte_cpu_to_be_32(i)) : ks_ip_from_octets(octets);
}

/* Many neighbours come and go: workers must find exactly those that are there. */
static void
test_slots(void)
{
	struct ks_neighbor_table *table = calloc(1, sizeof(*table));
	bool is_there[SLOT_ADDRESSES] = {false};
	bool is_right = true;
	uint32_t used = 0;

	srand(2);
	for (uint32_t step = 0; step < 20000; step++) {
		uint32_t i = (uint32_t)rand() % SLOT_ADDRESSES;

		if (is_there[i])
			ks_neighbor_slots_remove(table, i, PORT);
		else
			ks_neighbor_slots_add(table, PORT, numbered(i), i);
		is_there[i] = !is_there[i];
		i = (uint32_t)rand() % SLOT_ADDRESSES;
		is_right &= ks_neighbor_find(table, PORT, numbered(i)) ==
			    (is_there[i] ? i : KS_NEIGHBOR_NONE);
		is_right &= ks_neighbor_find(table, PORT + 1, numbered(i)) == KS_NEIGHBOR_NONE;
	}
	tap_ok(is_right, "workers find the neighbours that are there and no other");
	for (uint32_t i = 0; i < SLOT_ADDRESSES; i++) {
		if (is_there[i])
			ks_neighbor_slots_remove(table, i, PORT);
	}
	for (uint32_t slot = 0; slot < KS_NEIGHBOR_SLOTS; slot++)
		used += table->slots[slot] != 0;
	tap_equal(used, 0, "an empty table has no deleted slots left");
	free(table);
}

/* The same address on two ports (link-local ones may be): two neighbours. */
static void
test_same_on_two_ports(void)
{
	const struct ks_ip address = {{0x80fe, 0x0100000000000000}};
	struct ks_neighbor_news news = {.address = address,
		.port = PORT,
		.mac = &server_mac,
		.may_create = true,
		.is_confirmed = true};
	struct ks_neighbors neighbors;

	begin(&neighbors);
	ks_neighbors_learn(&neighbors, &news, 0);
	news.port = PORT + 1;
	news.mac = &other_mac;
	ks_neighbors_learn(&neighbors, &news, 0);
	tap_ok(is_at(&neighbors, address, &server_mac), "fe80::1 of one port");
	tap_ok(ks_neighbor_find(neighbors.table, PORT, address) !=
			ks_neighbor_find(neighbors.table, PORT + 1, address),
		"is not that of another");
	end(&neighbors);
}

int
main(int argc, char **argv)
{
	const struct ks_ip addresses[] = {ks_ip_from_v4(rte_cpu_to_be_32(SERVER_A)),
		{{rte_cpu_to_be_64(0x20010db800000000), rte_cpu_to_be_64(0x9)}}};

	(void)argc;
	world = world_open(argv[0], 64);
	for (uint32_t i = 0; i < RTE_DIM(addresses); i++) {
		test_resolution(addresses[i]);
		test_failure(addresses[i]);
		test_ageing(addresses[i]);
		test_advertisements(addresses[i]);
	}
	test_slots();
	test_same_on_two_ports();
	return tap_done();
}
