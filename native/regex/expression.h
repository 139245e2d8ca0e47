/*
 * Regular expressions of PCRE2 over the octets of an answer that may be hostile: the work of one
 * match is bounded, so that the thread goes on whatever page and expression meet.
 *
 * Owner: the caller of ks_expression_compile and ks_matcher_open.
 * Threads: an expression may be shared, a matcher belongs to one thread.
 * Lifetime: until ks_expression_free and ks_matcher_close.
 */
#ifndef KS_EXPRESSION_H
#define KS_EXPRESSION_H

#define PCRE2_CODE_UNIT_WIDTH 8

#include <pcre2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Beside PCRE2's own negative numbers: the match was given up after KS_MATCH_MS_MAX. */
#define KS_MATCH_TOO_LONG (-1000)
#define KS_MATCH_MS_MAX 50
/* To the end of the subject. */
#define KS_NO_OFFSET SIZE_MAX

struct ks_matcher {
	pcre2_match_context *context;
	pcre2_match_data *data;
	/* NULL: that of the machine, 32 KiB of it. */
	pcre2_jit_stack *stack;
	size_t stack_start;
	size_t stack_max;
};

/* The bit of an option by its name in lower case; false: there is none. */
bool ks_expression_option(const char *name, uint32_t *bit);

/* NULL: *error and *offset say what is wrong where, in PCRE2's numbers. */
pcre2_code *ks_expression_compile(
	const char *pattern, size_t length, uint32_t options, int *error, size_t *offset);
void ks_expression_free(pcre2_code *code);

bool ks_matcher_open(struct ks_matcher *matcher);
void ks_matcher_close(struct ks_matcher *matcher);
/* All expressions of the matcher share one stack, as large as the largest wish; false: no memory.
 */
bool ks_matcher_grow_stack(struct ks_matcher *matcher, size_t start, size_t max);

/* 1: a match begins at an octet from first to last; 0: none does; else what hindered it. */
int ks_matcher_match(struct ks_matcher *matcher, const pcre2_code *code, const uint8_t *subject,
	size_t length, size_t first, size_t last);

/* The sentence about an error of compiling or matching. */
void ks_expression_error_text(int error, char *text, size_t room);

#endif
