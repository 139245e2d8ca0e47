/*
 * Owner: nobody, functions only. Threads: control. Lifetime: the program.
 *
 * Sentences for the operator, and the two ways to get memory. Control memory that cannot be had
 * ends the process: there is no half of a table to go on with.
 */
#ifndef KS_CONTROL_REASON_H
#define KS_CONTROL_REASON_H

#include <stddef.h>
#include <stdint.h>

#include "../api.h"

struct ks_text {
	char text[320]; /* a match of IPv6 is the longest */
};

/* Writes the sentence and returns -code. */
int ks_refuse(struct ks_reason *reason, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "192.0.2.1", "2001:db8::1". */
struct ks_text ks_address_text(struct ks_ip address);
/* "192.0.2.0/24" for 120 bits, "2001:db8::/32". */
struct ks_text ks_prefix_text(struct ks_prefix prefix);
/* "192.0.2.1:80", "[2001:db8::1]:80". */
struct ks_text ks_endpoint_text(struct ks_ip address, uint16_t port_be);
/* "TCP 192.0.2.1:80", "TCP match 10.0.0.0-10.0.0.255 to any". */
struct ks_text ks_service_text(const struct ks_service_key *key);
/* "IPv4", "IPv6". */
const char *ks_family_text(struct ks_ip address);

/* Zeroed. */
void *ks_allocate(size_t count, size_t bytes);
/* Makes room for one more element in an array that grows by doubling; returns the array. */
void *ks_make_room(void *array, uint32_t count, uint32_t *capacity, size_t bytes);

#endif
