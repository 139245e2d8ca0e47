#include "conversation.h"

#include <string.h>

#include <arpa/inet.h>

#define PORT_MIN 1024u
#define PORT_STEP 40507u /* prime to the number of ports */
#define PACKETS_MAX 60u
#define QUOTE_V4_MAX 500u
#define QUOTE_V6_MAX 1180u
#define TOLD_MTU 1400u

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32, ECE = 64, CWR = 128 };

static struct ks_ip
address_of(const char *text)
{
	uint8_t octets[16] = {[10] = 0xff, [11] = 0xff};

	if (strchr(text, ':') != NULL)
		inet_pton(AF_INET6, text, octets);
	else
		inet_pton(AF_INET, text, octets + 12);
	return ks_ip_from_octets(octets);
}

/* An address of that network with a last octet of its own. */
static struct ks_ip
neighbor_of(const char *network, uint32_t last)
{
	struct ks_ip address = address_of(network);

	((uint8_t *)&address)[15] = (uint8_t)last;
	return address;
}

static struct ks_ip
outside_host(bool is_v6, struct random *random)
{
	return neighbor_of(
		is_v6 ? "2001:db8:ffff::" : "198.51.100.0", 1 + random_below(random, 250));
}

void
conversation_begin(struct conversation *conversation, const struct mode *mode,
	struct random *random, uint32_t number)
{
	bool is_v6 = mode->is_v6;
	uint32_t kind = random_below(random, mode->target == NULL ? 10 : 8);

	memset(conversation, 0, sizeof(*conversation));
	conversation->mode = mode;
	conversation->protocol = kind < 5 ? TCP : kind < 8 ? UDP : is_v6 ? ICMPV6 : ICMP;
	conversation->port = (uint16_t)(PORT_MIN + number * PORT_STEP % (65536 - PORT_MIN));
	conversation->packets_left = 4 + random_below(random, PACKETS_MAX);
	if (mode->target != NULL) {
		conversation->asking = outside_host(is_v6, random);
		conversation->target = address_of(mode->target);
		conversation->answerer = address_of(mode->answerer);
		conversation->target_port = 80;
		conversation->answerer_port = 8080;
	} else {
		conversation->asking =
			neighbor_of(is_v6 ? "2001:db8:0:2::100" : "10.0.0.0", is_v6 ? 1 : 101);
		conversation->target = conversation->answerer = outside_host(is_v6, random);
		conversation->target_port = conversation->answerer_port = 443;
	}
	conversation->translated =
		mode->translated == NULL ? conversation->asking : address_of(mode->translated);
}

static void
draw_ip_options(struct spec *spec, bool is_v6, struct random *random)
{
	/* No operation, router alert, end of list. */
	static const uint8_t options[] = {1, 1, 1, 1, 148, 4, 0, 0, 1, 0, 0, 0};
	/* Hop-by-hop with padding; destination options with one that may be skipped. */
	static const uint8_t hop_by_hop[] = {0, 0, 1, 4, 0, 0, 0, 0};
	static const uint8_t destination[] = {60, 1, 0x1e, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 0, 0};

	if (!is_v6) {
		spec->ip_options_bytes = (uint8_t)(4 * (1 + random_below(random, 3)));
		memcpy(spec->ip_options, options, sizeof(options));
	} else if (random_is_one_in(random, 2)) {
		spec->ip_options_bytes = sizeof(hop_by_hop);
		memcpy(spec->ip_options, hop_by_hop, sizeof(hop_by_hop));
	} else {
		spec->ip_options_bytes = sizeof(destination);
		memcpy(spec->ip_options, destination, sizeof(destination));
	}
}

/* What any packet may have, good and bad. */
static void
draw_ip(struct spec *spec, bool is_v6, struct random *random)
{
	spec->traffic_class = (uint8_t)random_next(random);
	spec->ttl = random_is_one_in(random, 48) ? 1 : (uint8_t)(2 + random_below(random, 254));
	spec->id = (uint16_t)random_next(random);
	spec->flow_label = random_is_one_in(random, 2) ? random_below(random, 1u << 20) : 0;
	spec->fragment = random_is_one_in(random, 4) ? 0 : 0x4000;
	if (!is_v6 && random_is_one_in(random, 128))
		spec->fragment =
			(uint16_t)(random_is_one_in(random, 2) ? 0x2000
							       : 1 + random_below(random, 0x3ffe));
	if (random_is_one_in(random, 24))
		draw_ip_options(spec, is_v6, random);
	if (random_is_one_in(random, 64))
		spec->damage = (enum damage)(1 + random_below(random, DAMAGES - 1));
	spec->payload_seed = random_next(random);
	spec->sum = random_is_one_in(random, 16) ? SUM_WRONG : SUM_RIGHT;
}

static void
draw_tcp_options(struct spec *spec, struct random *random)
{
	static const struct {
		uint8_t bytes;
		uint8_t octets[OPTIONS_MAX];
	} samples[] = {
		{0, {0}},
		{12, {1, 1, 8, 10, 0, 1, 2, 3, 4, 5, 6, 7}},
		{20, {2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 1, 1, 1, 0, 0, 0, 0, 1, 3, 3, 7}},
		{4, {2, 4, 0x23, 0x28}},
		{12, {1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 9, 9}},
		{36, {1, 1, 5, 34, [4] = 9, [20] = 7}},
		{4, {1, 1, 1, 0}},
		{8, {253, 6, 'k', 'e', 'e', 'l', 1, 1}},
		{20, {19, 18, [2] = 0xaa, [18] = 1, 1}},
		{40, {1, [1] = 1, [2] = 1, [39] = 0}},
		{4, {8, 0, 0, 0}}, /* lengths that lie */
		{4, {5, 90, 1, 1}},
	};
	uint32_t sample = random_below(random, 12);

	spec->tcp_options_bytes = samples[sample].bytes;
	memcpy(spec->tcp_options, samples[sample].octets, OPTIONS_MAX);
}

static void
draw_tcp(struct spec *spec, const struct conversation *conversation, int end, struct random *random)
{
	static const uint8_t usual[] = {ACK, ACK, ACK, PSH | ACK, PSH | ACK, URG | ACK, ECE | ACK,
		CWR | ACK, FIN | ACK, RST | ACK, RST};
	static const uint8_t odd[] = {0, SYN | FIN, SYN | RST, FIN, 0xff, SYN | ACK, FIN | RST};

	spec->sequence = (uint32_t)random_next(random);
	spec->acknowledgement = (uint32_t)random_next(random);
	spec->window = (uint16_t)random_next(random);
	spec->flags = usual[random_below(random, sizeof(usual))];
	if (end == ASKING && conversation->progress < ANSWERED)
		spec->flags = SYN;
	else if (end == ANSWERING && conversation->progress == ASKED)
		spec->flags = SYN | ACK;
	else if (conversation->progress == ANSWERED)
		spec->flags = ACK;
	else if (end == ASKING && random_is_one_in(random, 64))
		spec->flags = SYN;
	else if (random_is_one_in(random, 64))
		spec->flags = odd[random_below(random, sizeof(odd))];
	/* A SYN that ends a closed connection and then expires leaves none here. */
	if (spec->flags == SYN && conversation->progress == UNDER_WAY && spec->ttl == 1)
		spec->ttl = 2;
	spec->urgent = (spec->flags & URG) != 0 ? spec->window : 0;
	if (random_is_one_in(random, 2))
		draw_tcp_options(spec, random);
}

/* Short ones, those of a full segment, and of any length between. */
static uint32_t
draw_length(struct random *random, uint32_t room_bytes)
{
	switch (random_below(random, 4)) {
	case 0:
		return 0;
	case 1:
		return random_below(random, 16);
	case 2:
		return random_below(random, room_bytes);
	}
	/* More than the inside carries, or a little less. */
	return random_is_one_in(random, 4) ? room_bytes : room_bytes - 16;
}

static void
draw_flow(
	struct spec *spec, const struct conversation *conversation, int end, struct random *random)
{
	uint32_t room_bytes = conversation->mode->is_v6 ? 1440 : 1460;
	bool is_v6 = conversation->mode->is_v6;

	draw_ip(spec, is_v6, random);
	spec->protocol = conversation->protocol;
	if (spec->protocol == TCP) {
		draw_tcp(spec, conversation, end, random);
		room_bytes += 0u - spec->tcp_options_bytes;
	} else if (spec->protocol == UDP) {
		room_bytes += 12;
		if (random_is_one_in(random, is_v6 ? 64 : 4))
			spec->sum = SUM_NONE;
	} else {
		room_bytes += 12;
		spec->icmp_type = (uint8_t)(is_v6 ? 128 + end : end == ASKING ? 8 : 0);
		spec->icmp_rest = (uint32_t)conversation->port << 16 | random_below(random, 65536);
	}
	spec->payload_bytes = draw_length(random, room_bytes - spec->ip_options_bytes);
	if (spec->protocol == TCP && (spec->flags & SYN) != 0)
		spec->payload_bytes = 0;
}

static void
draw_martian(struct spec *spec, bool is_v6, struct random *random)
{
	static const char *const ipv4[] = {
		"127.0.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.5", "239.1.1.1", "255.255.255.255"};
	static const char *const ipv6[] = {"ff02::1", "ff0e::7", "::1", "::"};

	spec->source = is_v6 ? address_of(ipv6[random_below(random, 4)])
			     : address_of(ipv4[random_below(random, 6)]);
}

/* From one of the ends, as its own packets say. */
static void
say_from(const struct conversation *conversation, int end, struct random *random,
	struct input *input)
{
	struct spec *spec = &input->spec;
	enum side asking = conversation->mode->asking;

	input->end = end;
	input->side = end == ASKING ? asking : (enum side)(SIDES - 1 - asking);
	draw_flow(spec, conversation, end, random);
	if (end == ASKING) {
		spec->source = conversation->asking;
		spec->destination = conversation->target;
		spec->source_port = conversation->port;
		spec->destination_port = conversation->target_port;
		if (random_is_one_in(random, 256))
			draw_martian(spec, conversation->mode->is_v6, random);
	} else {
		spec->source = conversation->answerer;
		spec->destination = conversation->translated;
		spec->source_port = conversation->answerer_port;
		spec->destination_port = conversation->port;
	}
}

static void
draw_error(struct spec *spec, bool is_v6, struct random *random)
{
	static const uint8_t ipv4[][2] = {{3, 0}, {3, 1}, {3, 2}, {3, 3}, {3, 4}, {3, 10}, {3, 13},
		{11, 0}, {11, 1}, {12, 0}};
	static const uint8_t ipv6[][2] = {
		{1, 0}, {1, 1}, {1, 3}, {1, 4}, {2, 0}, {3, 0}, {3, 1}, {4, 0}, {4, 1}, {4, 2}};
	const uint8_t *error = (is_v6 ? ipv6 : ipv4)[random_below(random, 10)];

	spec->protocol = is_v6 ? ICMPV6 : ICMP;
	spec->icmp_type = error[0];
	spec->icmp_code = error[1];
	if (is_v6 ? error[0] == 2 : error[0] == 3 && error[1] == 4)
		spec->icmp_rest = TOLD_MTU;
	if (error[0] == 12)
		spec->icmp_rest = 12u << 24;
	if (is_v6 && error[0] == 4)
		spec->icmp_rest = 6;
}

/* A router of that side, or the end there, about the latest packet that came. */
static void
say_error(const struct conversation *conversation, enum side side, struct random *random,
	struct input *input)
{
	static const char *const routers[SIDES][2] = {
		{"198.51.100.0", "2001:db8:ffff::"}, {"10.0.0.0", "2001:db8:0:2::"}};
	const struct octets *quoted = &conversation->left[side];
	bool is_v6 = conversation->mode->is_v6;
	uint32_t most = is_v6 ? QUOTE_V6_MAX : QUOTE_V4_MAX;
	uint32_t least = packets_l4_offset(quoted->bytes) + 8;
	const uint8_t *addresses = quoted->bytes + (is_v6 ? 8 : 12);
	struct spec *spec = &input->spec;
	uint8_t octets[32];

	input->side = side;
	input->end = ENDS;
	draw_ip(spec, is_v6, random);
	draw_error(spec, is_v6, random);
	most = quoted->length < most ? quoted->length : most;
	spec->payload_bytes = least < most ? least + random_below(random, most - least + 1) : most;
	memcpy(input->quote, quoted->bytes, spec->payload_bytes);
	spec->payload = input->quote;
	memcpy(octets, addresses, sizeof(octets));
	if (is_v6) {
		spec->destination = ks_ip_from_octets(octets);
		spec->source = ks_ip_from_octets(octets + 16);
	} else {
		uint32_t ipv4[2];

		memcpy(ipv4, addresses, sizeof(ipv4));
		spec->destination = ks_ip_from_v4(ipv4[0]);
		spec->source = ks_ip_from_v4(ipv4[1]);
	}
	if (random_is_one_in(random, 2))
		spec->source = neighbor_of(routers[side][is_v6], 254);
}

/* Not what changes the state of TCP: that would pass the kernel alone. */
static void
split(struct random *random, struct input *input)
{
	struct octets pieces[2];

	if (input->spec.protocol == TCP && (input->spec.flags & (SYN | FIN | RST)) != 0)
		return;
	if (!packets_split(&input->packet, (uint32_t)random_next(random), pieces))
		return;
	input->is_split = true;
	input->first = pieces[0];
	input->packet = pieces[1];
}

void
conversation_say(
	const struct conversation *conversation, struct random *random, struct input *input)
{
	enum side side = (enum side)random_below(random, SIDES);
	uint8_t progress = conversation->progress;
	int end = (int)random_below(random, ENDS);

	memset(&input->spec, 0, sizeof(input->spec));
	if (progress == UNHEARD || progress == ANSWERED)
		end = ASKING;
	if (progress == ASKED && conversation->protocol != UDP)
		end = ANSWERING;
	if (conversation->left[side].length > 0 && random_is_one_in(random, 8))
		say_error(conversation, side, random, input);
	else
		say_from(conversation, end, random, input);
	packets_build(&input->spec, &input->packet);
	input->is_split = false;
	if (input->spec.damage == UNDAMAGED && input->end != ENDS && random_is_one_in(random, 256))
		split(random, input);
}

void
conversation_note(struct conversation *conversation, const struct input *input, enum side side,
	const struct octets *packet)
{
	bool is_syn = conversation->protocol == TCP && input->spec.flags == SYN;

	/* Nobody tells errors of errors. */
	if (input->end == ENDS)
		return;
	conversation->left[side] = *packet;
	if (input->end == ASKING && is_syn)
		conversation->progress = ASKED;
	else if (input->end == ASKING)
		conversation->progress = UNDER_WAY;
	else if (conversation->progress == ASKED)
		conversation->progress = conversation->protocol == TCP ? ANSWERED : UNDER_WAY;
}
