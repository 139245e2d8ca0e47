#include "expression.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Measured with 1 MiB of letters: 16 ms with the JIT compiler, 60 ms without. */
#define MATCH_LIMIT 4000000
#define HEAP_LIMIT_KIB 4096
#define STACK_BYTES_MAX (16 * 1024 * 1024)
#define STACK_BYTES_MIN 32768
/* Octets looked at for all places where a match may begin, between two looks at the clock. */
#define WINDOW_WORK (1 << 27)
#define WINDOW_MIN 64

static const struct {
	const char *name;
	uint32_t bit;
} options[] = {
	{"allow_empty_class", PCRE2_ALLOW_EMPTY_CLASS},
	{"alt_bsux", PCRE2_ALT_BSUX},
	{"alt_circumflex", PCRE2_ALT_CIRCUMFLEX},
	{"alt_verbnames", PCRE2_ALT_VERBNAMES},
	{"auto_callout", PCRE2_AUTO_CALLOUT},
	{"caseless", PCRE2_CASELESS},
	{"dollar_endonly", PCRE2_DOLLAR_ENDONLY},
	{"dotall", PCRE2_DOTALL},
	{"dupnames", PCRE2_DUPNAMES},
	{"extended", PCRE2_EXTENDED},
	{"firstline", PCRE2_FIRSTLINE},
	{"match_unset_backref", PCRE2_MATCH_UNSET_BACKREF},
	{"multiline", PCRE2_MULTILINE},
	{"never_backslash_c", PCRE2_NEVER_BACKSLASH_C},
	{"never_ucp", PCRE2_NEVER_UCP},
	{"never_utf", PCRE2_NEVER_UTF},
	{"no_auto_capture", PCRE2_NO_AUTO_CAPTURE},
	{"no_auto_possess", PCRE2_NO_AUTO_POSSESS},
	{"no_dotstar_anchor", PCRE2_NO_DOTSTAR_ANCHOR},
	{"no_start_optimize", PCRE2_NO_START_OPTIMIZE},
	{"ucp", PCRE2_UCP},
	{"ungreedy", PCRE2_UNGREEDY},
	{"use_offset_limit", PCRE2_USE_OFFSET_LIMIT},
	{"utf", PCRE2_UTF},
};

bool
ks_expression_option(const char *name, uint32_t *bit)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(options[i].name, name) != 0)
			continue;
		*bit = options[i].bit;
		return true;
	}
	return false;
}

pcre2_code *
ks_expression_compile(const char *pattern, size_t length, uint32_t bits, int *error, size_t *offset)
{
	/* Matching goes on in windows, which are limits of the offset. */
	pcre2_code *code = pcre2_compile(
		(PCRE2_SPTR)pattern, length, bits | PCRE2_USE_OFFSET_LIMIT, error, offset, NULL);

	/* Where the compiler refuses, the interpreter matches. */
	if (code != NULL)
		(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return code;
}

void
ks_expression_free(pcre2_code *code)
{
	pcre2_code_free(code);
}

bool
ks_matcher_open(struct ks_matcher *matcher)
{
	*matcher = (struct ks_matcher){0};
	matcher->context = pcre2_match_context_create(NULL);
	/* Only whether it matches is asked: no room for groups. */
	matcher->data = pcre2_match_data_create(1, NULL);
	if (matcher->context == NULL || matcher->data == NULL) {
		ks_matcher_close(matcher);
		return false;
	}
	pcre2_set_match_limit(matcher->context, MATCH_LIMIT);
	pcre2_set_heap_limit(matcher->context, HEAP_LIMIT_KIB);
	return true;
}

void
ks_matcher_close(struct ks_matcher *matcher)
{
	pcre2_jit_stack_free(matcher->stack);
	pcre2_match_data_free(matcher->data);
	pcre2_match_context_free(matcher->context);
	*matcher = (struct ks_matcher){0};
}

static size_t
bounded(size_t size)
{
	if (size < STACK_BYTES_MIN)
		return STACK_BYTES_MIN;
	return size > STACK_BYTES_MAX ? STACK_BYTES_MAX : size;
}

bool
ks_matcher_grow_stack(struct ks_matcher *matcher, size_t start, size_t max)
{
	pcre2_jit_stack *stack;

	start = bounded(start) > matcher->stack_start ? bounded(start) : matcher->stack_start;
	max = bounded(max) > matcher->stack_max ? bounded(max) : matcher->stack_max;
	if (matcher->stack != NULL && start == matcher->stack_start && max == matcher->stack_max)
		return true;
	stack = pcre2_jit_stack_create(start, max > start ? max : start, NULL);
	if (stack == NULL)
		return false;
	pcre2_jit_stack_free(matcher->stack);
	matcher->stack = stack;
	matcher->stack_start = start;
	matcher->stack_max = max;
	pcre2_jit_stack_assign(matcher->context, NULL, stack);
	return true;
}

/* Of this thread: a busy machine must not make an expression fail. */
static int64_t
thread_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint32_t
bits_of(const pcre2_code *code)
{
	uint32_t bits = 0;

	(void)pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &bits);
	return bits;
}

/* How many places a window may have. The first line counts from where matching begins: one window.
 */
static size_t
window_of(uint32_t bits, size_t length)
{
	size_t window = WINDOW_WORK / (length + 1);

	if ((bits & PCRE2_FIRSTLINE) != 0)
		return KS_NO_OFFSET;
	return window < WINDOW_MIN ? WINDOW_MIN : window;
}

int
ks_matcher_match(struct ks_matcher *matcher, const pcre2_code *code, const uint8_t *subject,
	size_t length, size_t first, size_t last)
{
	int64_t start_ms = thread_ms();
	uint32_t bits = bits_of(code), checked = 0;
	size_t window = window_of(bits, length);
	int outcome;

	if (last > length)
		last = length;
	while (first <= last) {
		size_t end = last - first < window ? last : first + window - 1;

		pcre2_set_offset_limit(matcher->context, end);
		outcome = pcre2_match(
			code, subject, length, first, checked, matcher->data, matcher->context);
		if (outcome >= 0)
			return 1;
		if (outcome != PCRE2_ERROR_NOMATCH)
			return outcome;
		if (end == last)
			return 0;
		if (thread_ms() - start_ms >= KS_MATCH_MS_MAX)
			return KS_MATCH_TOO_LONG;
		/* The whole subject was looked at; a window begins with a whole character. */
		checked = PCRE2_NO_UTF_CHECK;
		first = end + 1;
		if ((bits & PCRE2_UTF) != 0)
			while (first < length && (subject[first] & 0xc0) == 0x80)
				first++;
	}
	return 0;
}

void
ks_expression_error_text(int error, char *text, size_t room)
{
	if (error == KS_MATCH_TOO_LONG)
		(void)snprintf(text, room, "given up after %d ms", KS_MATCH_MS_MAX);
	else if (pcre2_get_error_message(error, (PCRE2_UCHAR *)text, room) < 0)
		(void)snprintf(text, room, "error %d", error);
}
