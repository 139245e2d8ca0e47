#include "flow_packet.h"

#include "frame_checksums.h"

#define L4_BYTES 32u
#define ICMP_BYTES 8u

static bool
is_v6(const struct built_packet *packet)
{
	return packet->bytes[12] == 0x86;
}

static uint8_t *
l4_of(struct built_packet *packet)
{
	return packet->bytes + 14 + (is_v6(packet) ? 40 : 20);
}

static uint8_t
protocol_of(const struct built_packet *packet)
{
	return packet->bytes[14 + (is_v6(packet) ? 6 : 9)];
}

/* Ethernet type and IP header of a packet with so many octets behind it. */
static void
put_headers(struct built_packet *packet, struct ks_ip source, struct ks_ip destination,
	uint8_t protocol, uint32_t bytes)
{
	uint8_t *ip = packet->bytes + 14;

	if (ks_ip_is_v4(destination)) {
		put16(packet->bytes + 12, 0x0800);
		ip[0] = 0x45;
		put16(ip + 2, 20 + bytes);
		ip[8] = 64;
		ip[9] = protocol;
		memcpy(ip + 12, (const uint8_t *)&source + 12, 4);
		memcpy(ip + 16, (const uint8_t *)&destination + 12, 4);
		packet->length = 14 + 20 + bytes;
		return;
	}
	put16(packet->bytes + 12, 0x86dd);
	ip[0] = 0x60;
	put16(ip + 4, bytes);
	ip[6] = protocol;
	ip[7] = 64;
	memcpy(ip + 8, &source, 16);
	memcpy(ip + 24, &destination, 16);
	packet->length = 14 + 40 + bytes;
}

static struct ks_ip
address_of(const struct built_packet *packet, bool is_destination)
{
	const uint8_t *ip = packet->bytes + 14;
	uint32_t ipv4;

	if (is_v6(packet))
		return ks_ip_from_octets(ip + (is_destination ? 24 : 8));
	memcpy(&ipv4, ip + (is_destination ? 16 : 12), sizeof(ipv4));
	return ks_ip_from_v4(ipv4);
}

struct built_packet
flow_opening(struct ks_ip source, struct ks_ip destination, uint8_t protocol, uint16_t source_port,
	uint16_t destination_port)
{
	struct built_packet packet = {.length = 0};
	uint8_t *l4;

	put_headers(&packet, source, destination, protocol, L4_BYTES);
	l4 = l4_of(&packet);
	put16(l4, source_port);
	put16(l4 + 2, destination_port);
	switch (protocol) {
	case 6:
		put16(l4 + 12, 0x8002);
		break;
	case 17:
		put16(l4 + 4, L4_BYTES);
		put16(l4 + 6, 1); /* to be summed up */
		break;
	case 132:
		l4[12] = 1;
		break;
	default:
		put32(l4, is_v6(&packet) ? 0x80000000 : 0x08000000);
		put16(l4 + 4, source_port);
		break;
	}
	return packet;
}

struct built_packet
flow_answer(const struct built_packet *packet)
{
	struct built_packet answer = *packet;
	uint8_t *l4 = l4_of(&answer);
	uint8_t port[2];

	put_headers(&answer, address_of(packet, true), address_of(packet, false),
		protocol_of(packet), packet->length - 14 - (is_v6(packet) ? 40 : 20));
	if (protocol_of(packet) == 1 || protocol_of(packet) == 58) {
		l4[0] = is_v6(packet) ? 129 : 0;
		return answer;
	}
	memcpy(port, l4, 2);
	memcpy(l4, l4 + 2, 2);
	memcpy(l4 + 2, port, 2);
	if (protocol_of(packet) == 6)
		l4[13] |= ACK;
	if (protocol_of(packet) == 132)
		l4[12] = 2;
	return answer;
}

struct built_packet
flow_error(const struct built_packet *packet)
{
	struct built_packet error = {.length = 0};
	uint32_t quoted_bytes = packet->length - 14;

	put_headers(&error, address_of(packet, true), address_of(packet, false),
		is_v6(packet) ? 58 : 1, ICMP_BYTES + quoted_bytes);
	put16(l4_of(&error), is_v6(packet) ? 0x0104 : 0x0303);
	memcpy(l4_of(&error) + ICMP_BYTES, packet->bytes + 14, quoted_bytes);
	return error;
}

void
flow_address(struct built_packet *packet, uint8_t source_mac, uint8_t destination_mac)
{
	put_mac(packet->bytes, destination_mac);
	put_mac(packet->bytes + 6, source_mac);
	frame_make_sound(packet->bytes, packet->length);
}
