#include "slow_arp.h"

#include <arpa/inet.h>

#include "../datapath/route.h"
#include "arp.h"
#include "routes.h"

static bool
is_held(const struct ks_slow_thread *slow, const struct ks_local_address *address)
{
	return ks_address_is_held(slow->tables, address->id, slow->now_tsc);
}

/* Whether the address lies on a link of the port: the longest match is a connected route. */
static bool
is_on_link(const struct ks_tables *tables, uint16_t port, rte_be32_t address_be)
{
	const struct ks_route *route = ks_route_find(tables, address_be);

	return route != NULL && route->port == port && route->gateway_be == 0;
}

static void
learn(struct ks_slow_thread *slow, uint16_t port, const struct ks_arp *arp, bool is_for_us)
{
	const struct ks_local_address *own = ks_address_find(slow->tables, arp->sender_be);
	bool may_create = is_for_us && is_on_link(slow->tables, port, arp->sender_be);

	if (arp->sender_be == 0 || (own != NULL && is_held(slow, own)))
		return;
	ks_neighbors_learn(
		&slow->neighbors, port, arp->sender_be, &arp->sender_mac, may_create, slow->now_ms);
}

void
ks_slow_arp_receive(struct ks_slow_thread *slow, uint16_t port, struct rte_mbuf *packet)
{
	struct ks_arp arp;

	if (ks_arp_read(packet, &arp)) {
		const struct ks_local_address *target =
			ks_address_find(slow->tables, arp.target_be);
		bool is_for_us = target != NULL && target->port == port && is_held(slow, target);

		learn(slow, port, &arp, is_for_us);
		if (is_for_us && arp.is_request && arp.sender_be != arp.target_be) {
			ks_arp_answer(packet, &slow->options.macs[port]);
			ks_slow_thread_send(slow, port, packet);
			return;
		}
	}
	ks_kni_write(&slow->options.knis[port], packet);
	rte_pktmbuf_free(packet);
}

/* An address of ours to ask with: one of the same network, else any of the port, else 0.0.0.0. */
static rte_be32_t
choose_sender(const struct ks_slow_thread *slow, uint16_t port, rte_be32_t target_be)
{
	const struct ks_tables *tables = slow->tables;
	rte_be32_t any_be = 0;

	for (uint32_t i = 0; i < tables->addresses_count; i++) {
		const struct ks_local_address *address = &tables->addresses[i];
		rte_be32_t mask_be = htonl(ks_prefix_mask(address->prefix_length));

		if (address->port != port || !is_held(slow, address))
			continue;
		if (((address->address_be ^ target_be) & mask_be) == 0)
			return address->address_be;
		if (any_be == 0 || address->is_source)
			any_be = address->address_be;
	}
	return any_be;
}

void
ks_slow_arp_ask(
	void *context, uint16_t port, rte_be32_t address_be, const struct rte_ether_addr *to)
{
	struct ks_slow_thread *slow = context;
	struct rte_mbuf *packet = rte_pktmbuf_alloc(slow->options.pool);
	const struct ks_arp_request request = {.from = &slow->options.macs[port],
		.to = to,
		.sender_be = choose_sender(slow, port, address_be),
		.target_be = address_be};

	if (packet == NULL) {
		slow->no_buffer++;
		return;
	}
	ks_arp_ask(packet, &request);
	ks_slow_thread_send(slow, port, packet);
}

void
ks_slow_arp_announce(struct ks_slow_thread *slow, uint16_t port, rte_be32_t address_be)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(slow->options.pool);

	if (packet == NULL) {
		slow->no_buffer++;
		return;
	}
	ks_arp_announce(packet, &slow->options.macs[port], address_be);
	ks_slow_thread_send(slow, port, packet);
}
