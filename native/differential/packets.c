#include "packets.h"

#include <string.h>

#define IPV4_BYTES 20u
#define IPV6_BYTES 40u
#define DONT_FRAGMENT 0x4000u

uint64_t
random_next(struct random *random)
{
	uint64_t word = random->state += UINT64_C(0x9e3779b97f4a7c15);

	word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
	return word ^ word >> 31;
}

uint32_t
random_below(struct random *random, uint32_t end)
{
	return (uint32_t)((random_next(random) >> 32) * end >> 32);
}

bool
random_is_one_in(struct random *random, uint32_t times)
{
	return random_below(random, times) == 0;
}

uint32_t
packets_sum(const uint8_t *bytes, uint32_t length, uint32_t sum)
{
	for (uint32_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	if (length % 2 == 1)
		sum += (uint32_t)bytes[length - 1] << 8;
	return packets_fold(sum);
}

uint16_t
packets_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(sum + (sum >> 16));
}

static void
put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void
put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static bool
is_v6(const struct spec *spec)
{
	return !ks_ip_is_v4(spec->source);
}

static void
put_payload(const struct spec *spec, uint8_t *at)
{
	struct random random = {spec->payload_seed};
	uint64_t word = 0;

	if (spec->payload != NULL) {
		memcpy(at, spec->payload, spec->payload_bytes);
		return;
	}
	for (uint32_t i = 0; i < spec->payload_bytes; i++) {
		if (i % 8 == 0)
			word = random_next(&random);
		at[i] = (uint8_t)(word >> (i % 8 * 8));
	}
}

/* The transport header, and where in it the checksum is. */
static uint32_t
put_transport(const struct spec *spec, uint8_t *at, uint32_t *checksum_offset)
{
	uint32_t header_bytes = 20u + spec->tcp_options_bytes;

	if (spec->protocol == TCP) {
		put16(at, spec->source_port);
		put16(at + 2, spec->destination_port);
		put32(at + 4, spec->sequence);
		put32(at + 8, spec->acknowledgement);
		at[12] = (uint8_t)(header_bytes << 2);
		at[13] = spec->flags;
		put16(at + 14, spec->window);
		put32(at + 16, spec->urgent);
		memcpy(at + 20, spec->tcp_options, spec->tcp_options_bytes);
		if (spec->damage == DAMAGED_TRANSPORT_LENGTH)
			at[12] = spec->payload_seed % 2 == 0 ? 0x40 : 0xf0;
		*checksum_offset = 16;
		return header_bytes;
	}
	if (spec->protocol == UDP) {
		put16(at, spec->source_port);
		put16(at + 2, spec->destination_port);
		put16(at + 4, 8 + spec->payload_bytes);
		if (spec->damage == DAMAGED_TRANSPORT_LENGTH)
			put16(at + 4, spec->payload_seed % 2 == 0 ? 7 : 9 + spec->payload_bytes);
		put16(at + 6, 0);
		*checksum_offset = 6;
		return 8;
	}
	at[0] = spec->icmp_type;
	at[1] = spec->icmp_code;
	put16(at + 2, 0);
	put32(at + 4, spec->icmp_rest);
	*checksum_offset = 2;
	return 8;
}

static void
put_checksum(const struct spec *spec, uint8_t *l4, uint32_t l4_bytes, uint32_t offset)
{
	uint32_t sum = 0, address_bytes = is_v6(spec) ? 16 : 4;
	uint16_t checksum;

	if (spec->protocol != ICMP) {
		sum = spec->protocol + l4_bytes;
		sum = packets_sum(
			(const uint8_t *)&spec->source + 16 - address_bytes, address_bytes, sum);
		sum = packets_sum((const uint8_t *)&spec->destination + 16 - address_bytes,
			address_bytes, sum);
	}
	checksum = (uint16_t)~packets_sum(l4, l4_bytes, sum);
	if (spec->protocol == UDP && checksum == 0)
		checksum = 0xffff;
	if (spec->sum == SUM_WRONG)
		checksum = (uint16_t)(checksum + 1 + spec->payload_seed % 0xfff0);
	if (spec->sum == SUM_NONE)
		checksum = 0;
	put16(l4 + offset, checksum);
}

static void
put_ipv4(const struct spec *spec, uint8_t *ip, uint32_t header_bytes, uint32_t bytes)
{
	ip[0] = (uint8_t)(0x40 | header_bytes / 4);
	ip[1] = spec->traffic_class;
	put16(ip + 2, bytes);
	put16(ip + 4, spec->id);
	put16(ip + 6, spec->fragment);
	ip[8] = spec->ttl;
	ip[9] = spec->protocol;
	put16(ip + 10, 0);
	memcpy(ip + 12, (const uint8_t *)&spec->source + 12, 4);
	memcpy(ip + 16, (const uint8_t *)&spec->destination + 12, 4);
	memcpy(ip + 20, spec->ip_options, spec->ip_options_bytes);
	if (spec->damage == DAMAGED_TOTAL_LENGTH)
		put16(ip + 2, bytes + 1 + (uint32_t)(spec->payload_seed % 100));
	if (spec->damage == DAMAGED_HEADER_LENGTH)
		ip[0] = (uint8_t)(0x40 | spec->payload_seed % 5);
	put16(ip + 10, (uint16_t)~packets_sum(ip, header_bytes, 0));
	if (spec->damage == DAMAGED_IP_CHECKSUM)
		ip[10] ^= (uint8_t)(1 + spec->payload_seed % 255);
}

static void
put_ipv6(const struct spec *spec, uint8_t *ip, uint32_t bytes)
{
	uint8_t *extensions = ip + IPV6_BYTES;

	put32(ip, 6u << 28 | (uint32_t)spec->traffic_class << 20 | spec->flow_label);
	put16(ip + 4, bytes - IPV6_BYTES);
	ip[6] = spec->protocol;
	ip[7] = spec->ttl;
	memcpy(ip + 8, &spec->source, 16);
	memcpy(ip + 24, &spec->destination, 16);
	if (spec->ip_options_bytes > 0) {
		memcpy(extensions, spec->ip_options, spec->ip_options_bytes);
		ip[6] = spec->ip_options[0];
		extensions[0] = spec->protocol;
	}
	if (spec->damage == DAMAGED_TOTAL_LENGTH || spec->damage == DAMAGED_HEADER_LENGTH)
		put16(ip + 4, bytes - IPV6_BYTES + 1 + (uint32_t)(spec->payload_seed % 100));
}

void
packets_build(const struct spec *spec, struct octets *packet)
{
	uint32_t header_bytes = (is_v6(spec) ? IPV6_BYTES : IPV4_BYTES) + spec->ip_options_bytes;
	uint8_t *l4 = packet->bytes + header_bytes;
	uint32_t checksum_offset;
	uint32_t l4_bytes = put_transport(spec, l4, &checksum_offset);

	put_payload(spec, l4 + l4_bytes);
	l4_bytes += spec->payload_bytes;
	put_checksum(spec, l4, l4_bytes, checksum_offset);
	packet->length = header_bytes + l4_bytes;
	if (is_v6(spec))
		put_ipv6(spec, packet->bytes, packet->length);
	else
		put_ipv4(spec, packet->bytes, header_bytes, packet->length);
	if (spec->damage == DAMAGED_VERSION)
		packet->bytes[0] = (uint8_t)((packet->bytes[0] & 15) | 0x50);
}

uint32_t
packets_l4_offset(const uint8_t *ip)
{
	if (ip[0] >> 4 == 4)
		return (ip[0] & 15) * 4u;
	return IPV6_BYTES + (ip[6] == 0 || ip[6] == 60 ? (ip[IPV6_BYTES + 1] + 1u) * 8 : 0);
}

static void
put_fragment_header(const struct octets *packet, uint32_t id, uint32_t offset, bool is_last,
	struct octets *piece)
{
	uint8_t *ip = piece->bytes;

	if (packet->bytes[0] >> 4 == 4) {
		put16(ip + 2, piece->length);
		put16(ip + 4, id);
		put16(ip + 6, (is_last ? 0 : 0x2000) | offset / 8);
		put16(ip + 10, 0);
		put16(ip + 10, (uint16_t)~packets_sum(ip, IPV4_BYTES, 0));
		return;
	}
	put16(ip + 4, piece->length - IPV6_BYTES);
	ip[IPV6_BYTES] = ip[6];
	ip[IPV6_BYTES + 1] = 0;
	put16(ip + IPV6_BYTES + 2, offset | !is_last);
	put32(ip + IPV6_BYTES + 4, id);
	ip[6] = 44;
}

bool
packets_split(const struct octets *packet, uint32_t id, struct octets pieces[2])
{
	bool is_v4 = packet->bytes[0] == 0x45;
	uint32_t kept = is_v4 ? IPV4_BYTES : IPV6_BYTES, header_bytes = kept + (is_v4 ? 0 : 8);
	uint32_t first_bytes = (packet->length - kept) / 16 * 8;

	if (first_bytes < 24 || packets_l4_offset(packet->bytes) != kept)
		return false;
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t offset = i * first_bytes;
		uint32_t bytes = i == 0 ? first_bytes : packet->length - kept - first_bytes;

		memcpy(pieces[i].bytes, packet->bytes, kept);
		memcpy(pieces[i].bytes + header_bytes, packet->bytes + kept + offset, bytes);
		pieces[i].length = header_bytes + bytes;
		put_fragment_header(packet, id, offset, i == 1, &pieces[i]);
	}
	return true;
}
