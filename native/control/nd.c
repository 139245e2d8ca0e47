#include "nd.h"

#include <netinet/in.h>
#include <stddef.h>

#include <rte_byteorder.h>
#include <rte_ip.h>

#include "../datapath/checksum.h"

#define TYPE_SOLICITATION 135
#define TYPE_ADVERTISEMENT 136
#define HOP_LIMIT 255
#define FLAG_ROUTER 0x80u
#define FLAG_SOLICITED 0x40u
#define FLAG_OVERRIDE 0x20u
#define OPTION_SOURCE_MAC 1
#define OPTION_TARGET_MAC 2
#define VERSION_6 RTE_BE32(6u << 28)

/* RFC 4861, 4.3 and 4.4. */
struct message {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint8_t flags;
	uint8_t reserved[3];
	uint8_t target[16];
};

/* RFC 4861, 4.6.1, over Ethernet. */
struct mac_option {
	uint8_t type;
	uint8_t length; /* in units of 8 octets */
	struct rte_ether_addr mac;
};

/* What we send always has the option. */
struct frame {
	struct rte_ether_hdr ethernet;
	struct rte_ipv6_hdr ip;
	struct message message;
	struct mac_option option;
};

_Static_assert(sizeof(struct message) == 24, "RFC 4861");
_Static_assert(sizeof(struct mac_option) == 8, "RFC 2464");
_Static_assert(sizeof(struct frame) == 86, "no padding");

#define MESSAGE_OFFSET offsetof(struct frame, message)
#define OPTION_OFFSET offsetof(struct frame, option)

/* Over pseudo-header and message as they lie; 0xffff when the checksum in it is right. */
static uint16_t
sum_message(const struct rte_ipv6_hdr *ip, const uint8_t *message, uint16_t length)
{
	uint64_t sum = ks_checksum_add(0, ip->src_addr, 32);

	sum += rte_cpu_to_be_16(length);
	sum += RTE_BE16(IPPROTO_ICMPV6);
	return ks_checksum_fold(ks_checksum_add(sum, message, length));
}

static bool
is_multicast(const uint8_t *address)
{
	return address[0] == 0xff;
}

/* ff02::1:ff00:0/104. */
static bool
is_solicited_node(const uint8_t *address)
{
	static const uint8_t prefix[13] = {0xff, 0x02, [11] = 0x01, [12] = 0xff};

	return memcmp(address, prefix, sizeof(prefix)) == 0;
}

/* Walks to the end, since one option of length 0 spoils the message; the first address counts. */
static bool
read_options(const uint8_t *options, uint16_t length, struct ks_nd *nd)
{
	uint8_t wanted = nd->is_solicitation ? OPTION_SOURCE_MAC : OPTION_TARGET_MAC;

	while (length > 0) {
		const struct mac_option *option = (const struct mac_option *)options;
		uint16_t option_bytes;

		if (length < sizeof(*option))
			return false;
		option_bytes = (uint16_t)(option->length * 8);
		if (option_bytes == 0 || option_bytes > length)
			return false;
		if (option->type == wanted && !nd->has_mac) {
			if (option->length != 1 || rte_is_multicast_ether_addr(&option->mac) ||
				rte_is_zero_ether_addr(&option->mac))
				return false;
			nd->has_mac = true;
			nd->mac = option->mac;
		}
		options += option_bytes;
		length = (uint16_t)(length - option_bytes);
	}
	return true;
}

/* What RFC 4861 asks of a solicitation (7.1.1) or an advertisement (7.1.2) beside the rest. */
static bool
is_sound(const struct rte_ipv6_hdr *ip, const struct ks_nd *nd)
{
	if (ks_ip_is_none(nd->source))
		return nd->is_solicitation && !nd->has_mac && is_solicited_node(ip->dst_addr);
	return nd->is_solicitation || !nd->is_solicited || !is_multicast(ip->dst_addr);
}

bool
ks_nd_read(const struct rte_mbuf *packet, struct ks_nd *nd)
{
	const struct frame *frame = rte_pktmbuf_mtod(packet, const struct frame *);
	const struct message *message = &frame->message;
	uint16_t length;

	if (rte_pktmbuf_data_len(packet) < OPTION_OFFSET ||
		frame->ethernet.ether_type != RTE_BE16(RTE_ETHER_TYPE_IPV6))
		return false;
	length = rte_be_to_cpu_16(frame->ip.payload_len);
	if ((frame->ip.vtc_flow & RTE_BE32(0xf0000000)) != VERSION_6 ||
		frame->ip.proto != IPPROTO_ICMPV6 || frame->ip.hop_limits != HOP_LIMIT ||
		length < sizeof(*message) || length > rte_pktmbuf_data_len(packet) - MESSAGE_OFFSET)
		return false;
	if ((message->type != TYPE_SOLICITATION && message->type != TYPE_ADVERTISEMENT) ||
		message->code != 0 || is_multicast(message->target) ||
		is_multicast(frame->ip.src_addr) ||
		sum_message(&frame->ip, (const uint8_t *)message, length) != UINT16_MAX)
		return false;
	*nd = (struct ks_nd){.is_solicitation = message->type == TYPE_SOLICITATION,
		.is_solicited = (message->flags & FLAG_SOLICITED) != 0,
		.is_override = (message->flags & FLAG_OVERRIDE) != 0,
		.frame = frame->ethernet.src_addr,
		.source = ks_ip_from_octets(frame->ip.src_addr),
		.target = ks_ip_from_octets(message->target)};
	return !ks_ip_is_none(nd->target) && !rte_is_multicast_ether_addr(&nd->frame) &&
	       read_options((const uint8_t *)&frame->option, (uint16_t)(length - sizeof(*message)),
		       nd) &&
	       is_sound(&frame->ip, nd);
}

/* Whatever both have in common; the caller has set addresses and the rest of the message. */
static void
complete(struct rte_mbuf *packet, uint8_t type, uint8_t option_type,
	const struct rte_ether_addr *mac, struct ks_ip target)
{
	struct frame *frame = rte_pktmbuf_mtod(packet, struct frame *);
	uint16_t length = sizeof(frame->message) + sizeof(frame->option);

	frame->ethernet.src_addr = *mac;
	frame->ethernet.ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV6);
	frame->ip.vtc_flow = VERSION_6;
	frame->ip.payload_len = rte_cpu_to_be_16(length);
	frame->ip.proto = IPPROTO_ICMPV6;
	frame->ip.hop_limits = HOP_LIMIT;
	frame->message.type = type;
	memcpy(frame->message.target, target.words, sizeof(frame->message.target));
	frame->option.type = option_type;
	frame->option.length = 1;
	frame->option.mac = *mac;
	frame->message.checksum =
		(uint16_t)~sum_message(&frame->ip, (const uint8_t *)&frame->message, length);
	rte_pktmbuf_data_len(packet) = sizeof(*frame);
	rte_pktmbuf_pkt_len(packet) = sizeof(*frame);
}

/* 33:33 and the last four octets (RFC 2464, 7). */
static void
set_multicast(struct frame *frame, const uint8_t group[16])
{
	frame->ethernet.dst_addr =
		(struct rte_ether_addr){{0x33, 0x33, group[12], group[13], group[14], group[15]}};
	memcpy(frame->ip.dst_addr, group, sizeof(frame->ip.dst_addr));
}

void
ks_nd_solicit(struct rte_mbuf *packet, const struct ks_nd_solicitation *solicitation)
{
	struct frame *frame = rte_pktmbuf_mtod(packet, struct frame *);
	const uint8_t *target = (const uint8_t *)solicitation->target.words;
	const uint8_t group[16] = {0xff, 0x02, [11] = 0x01, [12] = 0xff, [13] = target[13],
		[14] = target[14], [15] = target[15]};

	memset(frame, 0, sizeof(*frame));
	memcpy(frame->ip.src_addr, solicitation->source.words, sizeof(frame->ip.src_addr));
	set_multicast(frame, group);
	if (solicitation->to != NULL) {
		frame->ethernet.dst_addr = *solicitation->to;
		memcpy(frame->ip.dst_addr, target, sizeof(frame->ip.dst_addr));
	}
	complete(packet, TYPE_SOLICITATION, OPTION_SOURCE_MAC, solicitation->from,
		solicitation->target);
}

void
ks_nd_advertise(struct rte_mbuf *packet, const struct ks_nd_advertisement *advertisement)
{
	static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 0x01};
	struct frame *frame = rte_pktmbuf_mtod(packet, struct frame *);

	memset(frame, 0, sizeof(*frame));
	memcpy(frame->ip.src_addr, advertisement->target.words, sizeof(frame->ip.src_addr));
	/*
	 * Always as a router: packets are sent on here, VRRP asks for it (RFC 5798, 6.4.1), and
	 * hosts stop using a default router that says it is none.
	 */
	frame->message.flags = FLAG_ROUTER | FLAG_OVERRIDE;
	if (ks_ip_is_none(advertisement->to)) {
		set_multicast(frame, all_nodes);
	} else {
		frame->message.flags |= FLAG_SOLICITED;
		frame->ethernet.dst_addr = *advertisement->to_mac;
		memcpy(frame->ip.dst_addr, advertisement->to.words, sizeof(frame->ip.dst_addr));
	}
	complete(packet, TYPE_ADVERTISEMENT, OPTION_TARGET_MAC, advertisement->mac,
		advertisement->target);
}

struct ks_ip
ks_nd_link_local(const struct rte_ether_addr *mac)
{
	const uint8_t *m = mac->addr_bytes;
	const uint8_t octets[16] = {
		0xfe, 0x80, [8] = m[0] ^ 0x02, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]};

	return ks_ip_from_octets(octets);
}
