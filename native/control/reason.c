#include "reason.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
ks_refuse(struct ks_reason *reason, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason->text, sizeof(reason->text), format, arguments);
	va_end(arguments);
	return -code;
}

struct ks_text
ks_address_text(struct ks_ip address)
{
	uint32_t address_be = ks_ip_v4(address);
	struct ks_text text;

	if (ks_ip_is_v4(address))
		inet_ntop(AF_INET, &address_be, text.text, sizeof(text.text));
	else
		inet_ntop(AF_INET6, address.words, text.text, sizeof(text.text));
	return text;
}

const char *
ks_family_text(struct ks_ip address)
{
	return ks_ip_is_v4(address) ? "IPv4" : "IPv6";
}

struct ks_text
ks_prefix_text(struct ks_prefix prefix)
{
	uint32_t length = prefix.bits;
	struct ks_text text;

	if (ks_ip_is_v4(prefix.address) && length >= KS_IP_V4_BITS)
		length -= KS_IP_V4_BITS;
	snprintf(text.text, sizeof(text.text), "%.45s/%u", ks_address_text(prefix.address).text,
		length);
	return text;
}

struct ks_text
ks_endpoint_text(struct ks_ip address, uint16_t port_be)
{
	bool is_v4 = ks_ip_is_v4(address);
	struct ks_text text;

	snprintf(text.text, sizeof(text.text), "%s%.45s%s:%u", is_v4 ? "" : "[",
		ks_address_text(address).text, is_v4 ? "" : "]", ntohs(port_be));
	return text;
}

static const char *
protocol_text(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_SCTP:
		return "SCTP";
	case IPPROTO_ICMP:
		return "ICMP";
	case IPPROTO_ICMPV6:
		return "ICMPV6";
	default:
		return "IP";
	}
}

/* "any", "192.0.2.1-192.0.2.9", "192.0.2.1-192.0.2.9 ports 80-90". */
static struct ks_text
range_text(struct ks_ip first, struct ks_ip last, uint16_t first_port, uint16_t last_port)
{
	struct ks_text addresses = {"any"};
	struct ks_text text;

	if (!ks_ip_is_none(first) || !ks_ip_is_none(last))
		snprintf(addresses.text, sizeof(addresses.text), "%.45s-%.45s",
			ks_address_text(first).text, ks_address_text(last).text);
	if (first_port == 0 && last_port == 0)
		return addresses;
	snprintf(text.text, sizeof(text.text), "%.91s ports %u-%u", addresses.text, first_port,
		last_port);
	return text;
}

struct ks_text
ks_service_text(const struct ks_service_key *key)
{
	const struct ks_match *match = &key->match;
	struct ks_text text;

	if (!key->is_match) {
		snprintf(text.text, sizeof(text.text), "%s %.54s", protocol_text(key->protocol),
			ks_endpoint_text(key->address, key->port_be).text);
		return text;
	}
	snprintf(text.text, sizeof(text.text), "%s match %.120s to %.120s",
		protocol_text(key->protocol),
		range_text(match->source_first, match->source_last, match->source_port_first,
			match->source_port_last)
			.text,
		range_text(match->destination_first, match->destination_last,
			match->destination_port_first, match->destination_port_last)
			.text);
	return text;
}

void *
ks_allocate(size_t count, size_t bytes)
{
	void *memory = calloc(count != 0 ? count : 1, bytes);

	if (memory == NULL) {
		fputs("dpvs: out of memory\n", stderr);
		abort();
	}
	return memory;
}

void *
ks_make_room(void *array, uint32_t count, uint32_t *capacity, size_t bytes)
{
	if (count < *capacity)
		return array;

	uint32_t larger = *capacity != 0 ? *capacity * 2 : 8;
	void *moved = ks_allocate(larger, bytes);

	if (count != 0)
		memcpy(moved, array, count * bytes);
	free(array);
	*capacity = larger;
	return moved;
}
