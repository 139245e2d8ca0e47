#include "slow_nd.h"

#include "nd.h"
#include "slow_addresses.h"

/* The port's own, that we ask with where no other fits. */
static struct ks_ip
link_local_of(const struct ks_slow_thread *slow, uint16_t port)
{
	return ks_nd_link_local(&slow->options.macs[port]);
}

static bool
is_ours_on(const struct ks_slow_thread *slow, uint16_t port, struct ks_ip address)
{
	return ks_slow_is_ours_on(slow, port, address) ||
	       ks_ip_equal(address, link_local_of(slow, port));
}

/* Who asks tells where it is (RFC 4861, 7.2.3); that we reach it there is not known yet. */
static void
learn_sender(struct ks_slow_thread *slow, uint16_t port, const struct ks_nd *nd, bool is_for_us)
{
	const struct ks_neighbor_news news = {.address = nd->source,
		.port = port,
		.mac = &nd->mac,
		.may_create = is_for_us && ks_slow_is_on_link(slow, port, nd->source),
		.may_replace = true};

	if (nd->has_mac && !ks_slow_is_ours(slow, nd->source))
		ks_neighbors_learn(&slow->neighbors, &news, slow->now_ms);
}

/* RFC 4861, 7.2.5; whether the neighbour is a router is of no concern here. */
static void
learn_target(struct ks_slow_thread *slow, uint16_t port, const struct ks_nd *nd)
{
	const struct ks_neighbor_news news = {.address = nd->target,
		.port = port,
		.mac = nd->has_mac ? &nd->mac : NULL,
		.is_confirmed = nd->is_solicited,
		.may_replace = nd->is_override};

	if (!ks_slow_is_ours(slow, nd->target))
		ks_neighbors_learn(&slow->neighbors, &news, slow->now_ms);
}

static void
send_advertisement(
	struct ks_slow_thread *slow, uint16_t port, const struct ks_nd_advertisement *advertisement)
{
	struct rte_mbuf *packet = ks_slow_thread_packet(slow);

	if (packet == NULL)
		return;
	ks_nd_advertise(packet, advertisement);
	ks_slow_thread_send(slow, port, packet);
}

void
ks_slow_nd_receive(struct ks_slow_thread *slow, uint16_t port, struct rte_mbuf *packet)
{
	struct ks_nd nd;

	if (ks_nd_read(packet, &nd)) {
		bool is_for_us = nd.is_solicitation && is_ours_on(slow, port, nd.target);

		if (nd.is_solicitation)
			learn_sender(slow, port, &nd, is_for_us);
		else
			learn_target(slow, port, &nd);
		if (is_for_us) {
			send_advertisement(slow, port,
				&(struct ks_nd_advertisement){.mac = &slow->options.macs[port],
					.to_mac = nd.has_mac ? &nd.mac : &nd.frame,
					.to = nd.source,
					.target = nd.target});
			rte_pktmbuf_free(packet);
			return;
		}
	}
	ks_kni_write(&slow->options.knis[port], packet);
	rte_pktmbuf_free(packet);
}

void
ks_slow_nd_ask(struct ks_slow_thread *slow, uint16_t port, struct ks_ip address,
	const struct rte_ether_addr *to)
{
	struct rte_mbuf *packet = ks_slow_thread_packet(slow);
	struct ks_nd_solicitation solicitation = {.from = &slow->options.macs[port],
		.to = to,
		.source = ks_slow_choose_sender(slow, port, address, false),
		.target = address};

	if (packet == NULL)
		return;
	if (ks_ip_is_none(solicitation.source))
		solicitation.source = link_local_of(slow, port);
	ks_nd_solicit(packet, &solicitation);
	ks_slow_thread_send(slow, port, packet);
}

void
ks_slow_nd_announce(struct ks_slow_thread *slow, uint16_t port, struct ks_ip address)
{
	send_advertisement(slow, port,
		&(struct ks_nd_advertisement){.mac = &slow->options.macs[port], .target = address});
}
