/*
 * Owner: one test program. Threads: its only one. Lifetime: the program.
 *
 * Test results on stdout as TAP, so that test/native can take them over one by one.
 */
#ifndef KS_TEST_TAP_H
#define KS_TEST_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

extern unsigned int tap_count;
extern unsigned int tap_failures;

static inline bool __attribute__((format(printf, 2, 3))) tap_ok(bool is_ok, const char *format, ...)
{
	va_list arguments;

	printf("%sok %u - ", is_ok ? "" : "not ", ++tap_count);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	tap_failures += !is_ok;
	return is_ok;
}

static inline bool
tap_equal(uint64_t actual, uint64_t expected, const char *name)
{
	bool is_ok = tap_ok(actual == expected, "%s", name);

	if (!is_ok)
		printf("# actual %llu, expected %llu\n", (unsigned long long)actual,
			(unsigned long long)expected);
	return is_ok;
}

static inline void
tap_print_bytes(const char *label, const uint8_t *bytes, uint32_t length)
{
	printf("# %s, %u octets:", label, length);
	for (uint32_t i = 0; i < length && i < 80; i++)
		printf(" %02x", bytes[i]);
	printf("\n");
}

static inline bool
tap_equal_bytes(const uint8_t *actual, uint32_t actual_length, const uint8_t *expected,
	uint32_t expected_length, const char *name)
{
	bool is_ok = tap_ok(
		actual_length == expected_length && memcmp(actual, expected, expected_length) == 0,
		"%s", name);

	if (!is_ok) {
		tap_print_bytes("actual", actual, actual_length);
		tap_print_bytes("expected", expected, expected_length);
	}
	return is_ok;
}

/* The plan, and the exit status of main. */
static inline int
tap_done(void)
{
	printf("1..%u\n", tap_count);
	return tap_failures == 0 ? 0 : 1;
}

#endif
