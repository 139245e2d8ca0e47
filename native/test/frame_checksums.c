#include "frame_checksums.h"

#include <string.h>

#include "packet_builder.h"

#define DEPTH_MAX 4u
#define GUE_PORT 6080u

/* One way through a frame: looks at checksums, or makes them right. */
struct walk {
	uint8_t *bytes;
	bool makes;
	uint32_t depth;
};

static bool walk_ip(struct walk *walk, uint8_t *ip, uint32_t length);

static uint32_t
get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

/* field lies within the length octets at `start`; sum: of what else counts. */
static bool
internet(const struct walk *walk, uint8_t *start, uint32_t length, uint8_t *field, uint32_t sum)
{
	uint16_t checksum;

	if (!walk->makes)
		return summed(start, length, sum) == 0xffff;
	put16(field, 0);
	checksum = (uint16_t)~summed(start, length, sum);
	put16(field, checksum);
	return true;
}

static uint32_t
pseudo_sum(const uint8_t *ip, uint8_t protocol, uint32_t length)
{
	return ip[0] >> 4 == 6 ? summed(ip + 8, 32, protocol + length)
			       : summed(ip + 12, 8, protocol + length);
}

static uint32_t
crc32c(const uint8_t *bytes, uint32_t length, uint32_t field_at)
{
	uint32_t crc = UINT32_MAX;

	for (uint32_t i = 0; i < length; i++) {
		crc ^= i - field_at < 4 ? 0 : bytes[i];
		for (uint32_t bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return ~crc;
}

static bool
sctp(const struct walk *walk, uint8_t *l4, uint32_t length)
{
	uint32_t crc = crc32c(l4, length, 8);
	uint8_t right[4] = {
		(uint8_t)crc, (uint8_t)(crc >> 8), (uint8_t)(crc >> 16), (uint8_t)(crc >> 24)};

	if (!walk->makes)
		return memcmp(l4 + 8, right, sizeof(right)) == 0;
	memcpy(l4 + 8, right, sizeof(right));
	return true;
}

/* From the source of our own tunnels: their port alone could be a client's. */
static bool
is_from_tunnel(const uint8_t *ip)
{
	static const uint8_t ipv4[] = {10, 0, 0, 5};
	static const uint8_t ipv6[] = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 5};

	return ip[0] >> 4 == 6 ? memcmp(ip + 8, ipv6, sizeof(ipv6)) == 0
			       : memcmp(ip + 12, ipv4, sizeof(ipv4)) == 0;
}

static bool
udp(struct walk *walk, const uint8_t *ip, uint8_t *l4, uint32_t length)
{
	uint32_t datagram_bytes = get16(l4 + 4);
	bool is_sound = true;

	if (datagram_bytes < 8 || datagram_bytes > length)
		return false;
	if (get16(l4 + 2) == GUE_PORT && is_from_tunnel(ip) && datagram_bytes >= 12 && l4[8] == 0 &&
		(l4[9] == 4 || l4[9] == 41))
		is_sound = walk_ip(walk, l4 + 12, datagram_bytes - 12);
	if (get16(l4 + 6) == 0)
		return is_sound;
	is_sound = internet(walk, l4, datagram_bytes, l4 + 6, pseudo_sum(ip, 17, datagram_bytes)) &&
		   is_sound;
	if (walk->makes && get16(l4 + 6) == 0)
		put16(l4 + 6, 0xffff);
	return is_sound;
}

static bool
gre(struct walk *walk, uint8_t *l4, uint32_t length)
{
	uint32_t header_bytes = l4[0] & 0x80 ? 8 : 4;
	bool is_sound = true;

	if ((l4[0] & 0x7f) != 0 || l4[1] != 0 || length < header_bytes)
		return true;
	if (get16(l4 + 2) == 0x0800 || get16(l4 + 2) == 0x86dd)
		is_sound = walk_ip(walk, l4 + header_bytes, length - header_bytes);
	return header_bytes == 4 || (internet(walk, l4, length, l4 + 4, 0) && is_sound);
}

static bool
walk_transport(struct walk *walk, const uint8_t *ip, uint8_t protocol, uint8_t *l4, uint32_t length)
{
	switch (protocol) {
	case 1:
		return length >= 8 && internet(walk, l4, length, l4 + 2, 0);
	case 4:
	case 41:
		return walk_ip(walk, l4, length);
	case 6:
		return length >= 20 &&
		       internet(walk, l4, length, l4 + 16, pseudo_sum(ip, 6, length));
	case 17:
		return length >= 8 && udp(walk, ip, l4, length);
	case 47:
		return length >= 4 && gre(walk, l4, length);
	case 58:
		return length >= 8 &&
		       internet(walk, l4, length, l4 + 2, pseudo_sum(ip, 58, length));
	case 132:
		return length >= 12 && sctp(walk, l4, length);
	}
	return true;
}

static bool
walk_ipv4(struct walk *walk, uint8_t *ip, uint32_t length)
{
	uint32_t header_bytes = (ip[0] & 15u) * 4u, total_bytes;
	bool is_sound;

	if (length < 20)
		return false;
	total_bytes = get16(ip + 2);
	if (ip[0] >> 4 != 4 || header_bytes < 20 || total_bytes < header_bytes ||
		total_bytes > length)
		return false;
	is_sound = internet(walk, ip, header_bytes, ip + 10, 0);
	if ((get16(ip + 6) & 0x3fff) != 0)
		return is_sound;
	return walk_transport(walk, ip, ip[9], ip + header_bytes, total_bytes - header_bytes) &&
	       is_sound;
}

static bool
walk_ipv6(struct walk *walk, uint8_t *ip, uint32_t length)
{
	uint32_t at = 40, end;
	uint8_t protocol = ip[6];

	if (length < 40)
		return false;
	end = 40 + get16(ip + 4);
	if (ip[0] >> 4 != 6 || end > length)
		return false;
	while (protocol == 0 || protocol == 43 || protocol == 44 || protocol == 60) {
		uint32_t bytes;

		if (end - at < 8)
			return false;
		bytes = protocol == 44 ? 8 : 8 + ip[at + 1] * 8u;
		/* A fragment's transport is not whole, a route's end is not the destination. */
		if ((protocol == 44 && (get16(ip + at + 2) & 0xfff9) != 0) ||
			(protocol == 43 && ip[at + 3] != 0))
			return true;
		if (bytes > end - at)
			return false;
		protocol = ip[at];
		at += bytes;
	}
	return walk_transport(walk, ip, protocol, ip + at, end - at);
}

static bool
walk_ip(struct walk *walk, uint8_t *ip, uint32_t length)
{
	bool is_sound;

	if (length == 0 || walk->depth == DEPTH_MAX)
		return false;
	walk->depth++;
	is_sound = ip[0] >> 4 == 6 ? walk_ipv6(walk, ip, length) : walk_ipv4(walk, ip, length);
	walk->depth--;
	return is_sound;
}

bool
frame_is_sound(const uint8_t *frame, uint32_t length)
{
	struct built_packet copy;
	struct walk walk = {.makes = false};

	if (length < 14 || length > sizeof(copy.bytes))
		return false;
	memcpy(copy.bytes, frame, length);
	return walk_ip(&walk, copy.bytes + 14, length - 14);
}

void
frame_make_sound(uint8_t *frame, uint32_t length)
{
	struct walk walk = {.makes = true};

	if (length > 14)
		walk_ip(&walk, frame + 14, length - 14);
}
