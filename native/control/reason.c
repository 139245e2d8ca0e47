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
ks_address_text(uint32_t address_be)
{
	struct in_addr address = {.s_addr = address_be};
	struct ks_text text;

	inet_ntop(AF_INET, &address, text.text, sizeof(text.text));
	return text;
}

struct ks_text
ks_prefix_text(uint32_t address_be, uint8_t length)
{
	struct ks_text text;

	snprintf(
		text.text, sizeof(text.text), "%.15s/%u", ks_address_text(address_be).text, length);
	return text;
}

struct ks_text
ks_endpoint_text(uint32_t address_be, uint16_t port_be)
{
	struct ks_text text;

	snprintf(text.text, sizeof(text.text), "%.15s:%u", ks_address_text(address_be).text,
		ntohs(port_be));
	return text;
}

struct ks_text
ks_service_text(struct ks_service_key key)
{
	struct ks_text text;

	snprintf(text.text, sizeof(text.text), "%s %.21s",
		key.protocol == IPPROTO_TCP ? "TCP" : "UDP",
		ks_endpoint_text(key.address_be, key.port_be).text);
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
