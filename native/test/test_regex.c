/*
 * Expressions under ASan and UBSan: options, offsets, faults, and pages made to hold the thread.
 */
#include "../regex/expression.h"

#include "tap.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAGE_BYTES (1 << 20)

static struct ks_matcher matcher;

static int
matched(const char *pattern, uint32_t options, const char *subject, size_t first, size_t last)
{
	int error, outcome;
	size_t offset;
	pcre2_code *code =
		ks_expression_compile(pattern, strlen(pattern), options, &error, &offset);

	if (code == NULL)
		return error;
	outcome = ks_matcher_match(
		&matcher, code, (const uint8_t *)subject, strlen(subject), first, last);
	ks_expression_free(code);
	return outcome;
}

static void
test_offsets(void)
{
	const char *subject = "hello world";

	tap_ok(matched("wor", 0, subject, 0, KS_NO_OFFSET) == 1, "somewhere");
	tap_ok(matched("^wor", 0, subject, 6, KS_NO_OFFSET) == 0, "the start stays the start");
	tap_ok(matched("o", 0, subject, 5, 6) == 0, "not between");
	tap_ok(matched("o", 0, subject, 5, 7) == 1, "up to the last place");
	tap_ok(matched("(?<=l)o", 0, subject, 4, 4) == 1, "with what is before");
	tap_ok(matched("$", 0, subject, 11, KS_NO_OFFSET) == 1, "at the end");
	tap_ok(matched("$", 0, subject, 12, KS_NO_OFFSET) == 0, "not behind it");
	tap_ok(matched("", 0, "", 0, KS_NO_OFFSET) == 1, "nothing in nothing");
	tap_ok(matched("b", PCRE2_FIRSTLINE, "a\nb", 0, KS_NO_OFFSET) == 0, "the first line");
}

static void
test_options(void)
{
	uint32_t bit = 0;

	tap_ok(ks_expression_option("caseless", &bit) && bit == PCRE2_CASELESS, "by name");
	tap_ok(!ks_expression_option("caselesss", &bit), "no such name");
	tap_ok(matched("HELLO", PCRE2_CASELESS, "hello", 0, KS_NO_OFFSET) == 1, "caseless");
}

static void
test_faults(void)
{
	char text[256];

	tap_ok(matched("(hel", 0, "", 0, KS_NO_OFFSET) > 0, "no expression");
	tap_ok(matched("x", PCRE2_UTF, "\xff", 0, KS_NO_OFFSET) < 0, "no UTF-8");
	ks_expression_error_text(KS_MATCH_TOO_LONG, text, sizeof(text));
	tap_ok(strcmp(text, "given up after 50 ms") == 0, "a sentence of ours");
	ks_expression_error_text(PCRE2_ERROR_MATCHLIMIT, text, sizeof(text));
	tap_ok(strcmp(text, "match limit exceeded") == 0, "a sentence of PCRE2");
	ks_expression_error_text(-99999, text, sizeof(text));
	tap_ok(strcmp(text, "error -99999") == 0, "a number without a sentence");
}

static char *
page_of(const char *letter)
{
	char *page = malloc(PAGE_BYTES + 1);
	size_t length = strlen(letter);

	for (size_t i = 0; page != NULL && i < PAGE_BYTES; i++)
		page[i] = letter[i % length];
	if (page != NULL)
		page[PAGE_BYTES] = '\0';
	return page;
}

static void
test_hostile(void)
{
	static const char *const patterns[] = {"(a+)+$", "(?s)(?=.*b)a", "a[^zZ]*+z", "(a|aa)+$"};
	char *page = page_of("a");
	clock_t start = clock();

	memcpy(page + PAGE_BYTES - 2, "Zz", 2);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		tap_ok(matched(patterns[i], 0, page, 0, KS_NO_OFFSET) < 0, "%s", patterns[i]);
	tap_ok((clock() - start) / CLOCKS_PER_SEC < 10, "and all of them in time");
	tap_ok(matched("Zz", 0, page, 0, KS_NO_OFFSET) == 1, "the last octets are reached");
	free(page);
	/* Windows begin with whole letters: two octets each, an odd window. */
	page = page_of("\xc3\xa4");
	memcpy(page + PAGE_BYTES - 2, "zz", 2);
	tap_ok(matched("zz", PCRE2_UTF, page, 0, KS_NO_OFFSET) == 1, "letters of two octets");
	tap_ok(matched("zy", PCRE2_UTF, page, 0, KS_NO_OFFSET) == 0, "to the end");
	free(page);
}

static void
test_stack(void)
{
	tap_ok(ks_matcher_grow_stack(&matcher, 1, 1), "a small one");
	tap_equal(matcher.stack_max, 32768, "is as large as the usual one");
	tap_ok(ks_matcher_grow_stack(&matcher, SIZE_MAX, SIZE_MAX), "a large one");
	tap_equal(matcher.stack_max, 16 << 20, "has a bound");
	tap_ok(ks_matcher_grow_stack(&matcher, 1, 1), "it does not shrink");
	tap_equal(matcher.stack_max, 16 << 20, "it has not");
	tap_ok(matched("(a|b)*c", 0, "ababc", 0, KS_NO_OFFSET) == 1, "and matches");
}

int
main(void)
{
	if (!tap_ok(ks_matcher_open(&matcher), "a matcher"))
		return tap_done();
	test_offsets();
	test_options();
	test_faults();
	test_hostile();
	test_stack();
	ks_matcher_close(&matcher);
	return tap_done();
}
