#include "slow_arp.h"

#include "arp.h"
#include "slow_addresses.h"

static void
learn(struct ks_slow_thread *slow, uint16_t port, const struct ks_arp *arp, bool is_for_us)
{
	struct ks_ip sender = ks_ip_from_v4(arp->sender_be);
	const struct ks_neighbor_news news = {.address = sender,
		.port = port,
		.mac = &arp->sender_mac,
		.may_create = is_for_us && ks_slow_is_on_link(slow, port, sender),
		.is_confirmed = true,
		.may_replace = true};

	if (arp->sender_be != 0 && !ks_slow_is_ours(slow, sender))
		ks_neighbors_learn(&slow->neighbors, &news, slow->now_ms);
}

void
ks_slow_arp_receive(struct ks_slow_thread *slow, uint16_t port, struct rte_mbuf *packet)
{
	struct ks_arp arp;

	if (ks_arp_read(packet, &arp)) {
		bool is_for_us = ks_slow_is_ours_on(slow, port, ks_ip_from_v4(arp.target_be));

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

void
ks_slow_arp_ask(struct ks_slow_thread *slow, uint16_t port, struct ks_ip address,
	const struct rte_ether_addr *to)
{
	struct rte_mbuf *packet = ks_slow_thread_packet(slow);
	const struct ks_arp_request request = {.from = &slow->options.macs[port],
		.to = to,
		/* Nothing of ours there: 0.0.0.0, as a host asks that has no address yet. */
		.sender_be = ks_ip_v4(ks_slow_choose_sender(slow, port, address, true)),
		.target_be = ks_ip_v4(address)};

	if (packet == NULL)
		return;
	ks_arp_ask(packet, &request);
	ks_slow_thread_send(slow, port, packet);
}

void
ks_slow_arp_announce(struct ks_slow_thread *slow, uint16_t port, struct ks_ip address)
{
	struct rte_mbuf *packet = ks_slow_thread_packet(slow);

	if (packet == NULL)
		return;
	ks_arp_announce(packet, &slow->options.macs[port], ks_ip_v4(address));
	ks_slow_thread_send(slow, port, packet);
}
