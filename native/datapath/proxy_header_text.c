/*
 * The line of version 1: "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443" and CRLF. Addresses are written
 * as RFC 5952 wants them, and read as inet_pton does.
 */
#include "proxy_header_text.h"

#include <string.h>

#define GROUPS 8u
#define NO_GROUP GROUPS

struct writer {
	uint8_t *at;
};

static void
put_text(struct writer *writer, const char *text)
{
	size_t bytes = strlen(text);

	memcpy(writer->at, text, bytes);
	writer->at += bytes;
}

static void
put_number(struct writer *writer, uint32_t number, uint32_t base)
{
	uint8_t digits[10];
	uint32_t count = 0;

	do {
		digits[count++] = (uint8_t) "0123456789abcdef"[number % base];
		number /= base;
	} while (number > 0);
	while (count > 0)
		*writer->at++ = digits[--count];
}

static void
put_ipv4(struct writer *writer, const uint8_t *octets)
{
	for (uint32_t i = 0; i < 4; i++) {
		if (i > 0)
			*writer->at++ = '.';
		put_number(writer, octets[i], 10);
	}
}

static uint32_t
group_of(const uint8_t *octets, uint32_t index)
{
	return (uint32_t)octets[2 * index] << 8 | octets[2 * index + 1];
}

/* The first of the longest runs of at least two zero groups. */
static uint32_t
find_zeros(const uint8_t *octets, uint32_t *length)
{
	uint32_t found = NO_GROUP;

	*length = 1;
	for (uint32_t first = 0; first < GROUPS; first++) {
		uint32_t end = first;

		while (end < GROUPS && group_of(octets, end) == 0)
			end++;
		if (end - first > *length) {
			*length = end - first;
			found = first;
		}
	}
	return found;
}

static void
put_ipv6(struct writer *writer, const uint8_t *octets)
{
	uint32_t zeros_length;
	uint32_t zeros = find_zeros(octets, &zeros_length);

	for (uint32_t i = 0; i < GROUPS; i++) {
		if (i == zeros) {
			put_text(writer, "::");
			i += zeros_length - 1;
			continue;
		}
		if (i > 0 && i != zeros + zeros_length)
			*writer->at++ = ':';
		put_number(writer, group_of(octets, i), 16);
	}
}

static void
put_address(struct writer *writer, struct ks_ip address, bool is_v4)
{
	uint8_t octets[16];

	memcpy(octets, address.words, sizeof(octets));
	if (is_v4)
		put_ipv4(writer, octets + 12);
	else
		put_ipv6(writer, octets);
	*writer->at++ = ' ';
}

uint32_t
ks_proxy_text_write(
	uint8_t octets[KS_PROXY_HEADER_BYTES_MAX], const struct ks_proxy_addresses *addresses)
{
	struct writer writer = {octets};
	bool is_v4 = addresses->family == KS_PROXY_IPV4;

	if (addresses->family == KS_PROXY_UNKNOWN) {
		put_text(&writer, "PROXY UNKNOWN\r\n");
		return (uint32_t)(writer.at - octets);
	}
	put_text(&writer, is_v4 ? "PROXY TCP4 " : "PROXY TCP6 ");
	put_address(&writer, addresses->source, is_v4);
	put_address(&writer, addresses->destination, is_v4);
	put_number(&writer, rte_be_to_cpu_16(addresses->source_port_be), 10);
	*writer.at++ = ' ';
	put_number(&writer, rte_be_to_cpu_16(addresses->destination_port_be), 10);
	put_text(&writer, "\r\n");
	return (uint32_t)(writer.at - octets);
}

struct reader {
	const uint8_t *at;
	const uint8_t *end;
};

static bool
take(struct reader *reader, uint8_t octet)
{
	if (reader->at == reader->end || *reader->at != octet)
		return false;
	reader->at++;
	return true;
}

static bool
take_text(struct reader *reader, const char *text)
{
	size_t bytes = strlen(text);

	if ((size_t)(reader->end - reader->at) < bytes || memcmp(reader->at, text, bytes) != 0)
		return false;
	reader->at += bytes;
	return true;
}

/* A decimal number without leading zeros. */
static bool
take_decimal(struct reader *reader, uint32_t max, uint32_t *number)
{
	const uint8_t *first = reader->at;

	*number = 0;
	while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') {
		*number = *number * 10 + (uint32_t)(*reader->at++ - '0');
		if (*number > max)
			return false;
	}
	return reader->at > first && (*first != '0' || reader->at == first + 1);
}

static bool
take_ipv4(struct reader *reader, uint8_t octets[4])
{
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t number;

		if ((i > 0 && !take(reader, '.')) || !take_decimal(reader, UINT8_MAX, &number))
			return false;
		octets[i] = (uint8_t)number;
	}
	return true;
}

static int32_t
hex_digit(uint8_t octet)
{
	if (octet >= '0' && octet <= '9')
		return octet - '0';
	octet |= 0x20;
	return octet >= 'a' && octet <= 'f' ? octet - 'a' + 10 : -1;
}

/* One to four digits. */
static bool
take_group(struct reader *reader, uint8_t octets[2])
{
	uint32_t number = 0, digits = 0;

	while (reader->at < reader->end && digits < 4 && hex_digit(*reader->at) >= 0) {
		number = number << 4 | (uint32_t)hex_digit(*reader->at++);
		digits++;
	}
	octets[0] = (uint8_t)(number >> 8);
	octets[1] = (uint8_t)number;
	return digits > 0;
}

/* Groups up to the "::" or the end: an IPv4 address stands for the last two of all. */
static uint32_t
take_groups(struct reader *reader, uint8_t octets[16], uint32_t groups_max, bool *is_ended)
{
	uint32_t count = 0;

	*is_ended = false;
	while (count < groups_max) {
		struct reader before = *reader;
		struct reader group;

		if (count > 0 && !take(reader, ':'))
			break;
		group = *reader;
		if (count + 2 <= groups_max && take_ipv4(reader, octets + 2 * (size_t)count)) {
			*is_ended = true;
			return count + 2;
		}
		*reader = group;
		if (!take_group(reader, octets + 2 * (size_t)count)) {
			*reader = before;
			break;
		}
		count++;
	}
	return count;
}

static bool
take_ipv6(struct reader *reader, uint8_t octets[16])
{
	uint8_t tail[16];
	uint32_t before, after;
	bool is_ended;

	memset(octets, 0, 16);
	before = take_groups(reader, octets, GROUPS, &is_ended);
	if (before == GROUPS)
		return true;
	if (is_ended || !take_text(reader, "::"))
		return false;
	after = take_groups(reader, tail, GROUPS - 1 - before, &is_ended);
	memcpy(octets + 2 * (size_t)(GROUPS - after), tail, 2 * (size_t)after);
	return true;
}

static bool
take_address(struct reader *reader, bool is_v4, struct ks_ip *address)
{
	uint8_t octets[16] = {[10] = 0xff, [11] = 0xff};
	bool is_read = is_v4 ? take_ipv4(reader, octets + 12) : take_ipv6(reader, octets);

	*address = ks_ip_from_octets(octets);
	return is_read && take(reader, ' ');
}

bool
ks_proxy_text_read(const uint8_t *line, uint32_t line_bytes, struct ks_proxy_addresses *addresses)
{
	struct reader reader = {line, line + line_bytes};
	uint32_t source_port, destination_port;
	bool is_v4;

	memset(addresses, 0, sizeof(*addresses));
	if (!take_text(&reader, "PROXY "))
		return false;
	if (take_text(&reader, "UNKNOWN"))
		return take(&reader, ' ') || take_text(&reader, "\r\n");
	is_v4 = take_text(&reader, "TCP4 ");
	if (!is_v4 && !take_text(&reader, "TCP6 "))
		return false;
	addresses->family = is_v4 ? KS_PROXY_IPV4 : KS_PROXY_IPV6;
	if (!take_address(&reader, is_v4, &addresses->source) ||
		!take_address(&reader, is_v4, &addresses->destination) ||
		!take_decimal(&reader, UINT16_MAX, &source_port) || !take(&reader, ' ') ||
		!take_decimal(&reader, UINT16_MAX, &destination_port) ||
		!take_text(&reader, "\r\n"))
		return false;
	addresses->source_port_be = rte_cpu_to_be_16((uint16_t)source_port);
	addresses->destination_port_be = rte_cpu_to_be_16((uint16_t)destination_port);
	return reader.at == reader.end;
}
