/* control/arp.c: bytes on the wire. The announcement is keepalived's, as captured from 2.2.7. */
#include "../control/arp.h"
#include "fixture.h"
#include "tap.h"

static const struct rte_ether_addr own = {.addr_bytes = {2, 0, 0, 0, 0, 1}};
static const struct rte_ether_addr peer = {.addr_bytes = {2, 0, 0, 0, 0, 9}};

static const uint8_t announcement[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6,
	0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 0x0a, 0x4d, 0, 0x64, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0x0a, 0x4d, 0, 0x64};

static const uint8_t request[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 8, 6, 0, 1,
	8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9, 0x0a, 0x4d, 0, 9, 0, 0, 0, 0, 0, 0, 0x0a, 0x4d, 0,
	0x64};

static const uint8_t reply[] = {2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 2, 2,
	0, 0, 0, 0, 1, 0x0a, 0x4d, 0, 0x64, 2, 0, 0, 0, 0, 9, 0x0a, 0x4d, 0, 9};

static const rte_be32_t address_be = RTE_BE32(0x0a4d0064);
static const rte_be32_t peer_be = RTE_BE32(0x0a4d0009);

static void
fill(struct rte_mbuf *packet, const uint8_t *bytes, uint16_t length)
{
	rte_pktmbuf_reset(packet);
	memcpy(rte_pktmbuf_append(packet, length), bytes, length);
}

static bool
is_read(struct rte_mbuf *packet, size_t position, uint8_t value)
{
	struct ks_arp arp;

	fill(packet, request, sizeof(request));
	rte_pktmbuf_mtod(packet, uint8_t *)[position] = value;
	return ks_arp_read(packet, &arp);
}

int
main(int argc, char **argv)
{
	struct world *world = world_open(argv[0], 64);
	struct rte_mbuf *packet = rte_pktmbuf_alloc(world->pool);
	const struct ks_arp_request asking = {
		.from = &peer, .sender_be = peer_be, .target_be = address_be};
	const uint8_t *bytes = rte_pktmbuf_mtod(packet, const uint8_t *);
	struct ks_arp arp;

	(void)argc;
	ks_arp_announce(packet, &own, address_be);
	tap_equal_bytes(bytes, packet->pkt_len, announcement, sizeof(announcement),
		"announces as keepalived does");
	ks_arp_ask(packet, &asking);
	tap_equal_bytes(bytes, packet->pkt_len, request, sizeof(request), "asks everybody");

	tap_ok(ks_arp_read(packet, &arp), "reads a request");
	tap_ok(arp.is_request && arp.sender_be == peer_be && arp.target_be == address_be &&
			rte_is_same_ether_addr(&arp.sender_mac, &peer),
		"with its fields");
	ks_arp_answer(packet, &own);
	tap_equal_bytes(bytes, packet->pkt_len, reply, sizeof(reply), "answers in place");
	tap_ok(ks_arp_read(packet, &arp) && !arp.is_request, "reads a reply");

	for (uint16_t length = 0; length < sizeof(request); length++) {
		fill(packet, request, length);
		if (ks_arp_read(packet, &arp))
			tap_ok(false, "accepted %u octets", length);
	}
	tap_ok(!is_read(packet, 15, 6), "no other hardware");
	tap_ok(!is_read(packet, 17, 1), "no other protocol");
	tap_ok(!is_read(packet, 18, 8), "no other length of hardware addresses");
	tap_ok(!is_read(packet, 19, 16), "no other length of protocol addresses");
	tap_ok(!is_read(packet, 21, 3), "no other operation");
	tap_ok(!is_read(packet, 22, 0x33), "no multicast sender");
	rte_pktmbuf_free(packet);
	return tap_done();
}
