/*
 * PCRE2 for src/host/regex.ts, its only caller. Plain Node-API, loadable by every thread; each has
 * a matcher of its own.
 */
#include "../sockets/values.h"
#include "expression.h"

#include <stdlib.h>
#include <string.h>

#define PATTERN_BYTES_MAX 65536
#define OPTION_BYTES_MAX 64
#define SENTENCE_BYTES_MAX 256

static void
expression_ended(napi_env env, void *code, void *hint)
{
	(void)env;
	(void)hint;
	ks_expression_free(code);
}

/* The bits of an array of names; false after it has thrown. */
static bool
read_options(napi_env env, napi_value names, uint32_t *bits)
{
	uint32_t count, bit;

	*bits = 0;
	if (napi_get_array_length(env, names, &count) != napi_ok)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		char name[OPTION_BYTES_MAX];
		napi_value element;

		if (napi_get_element(env, names, i, &element) != napi_ok ||
			!ks_read_text(env, element, name, sizeof(name)))
			return false;
		if (!ks_expression_option(name, &bit)) {
			napi_throw_type_error(env, NULL, "no such option of PCRE2");
			return false;
		}
		*bits |= bit;
	}
	return true;
}

static napi_value
fault(napi_env env, int error, size_t offset)
{
	char text[SENTENCE_BYTES_MAX];
	napi_value object, place;

	ks_expression_error_text(error, text, sizeof(text));
	if (napi_create_object(env, &object) != napi_ok ||
		napi_create_int64(env, (int64_t)offset, &place) != napi_ok ||
		napi_set_named_property(env, object, "reason", ks_text(env, text)) != napi_ok ||
		napi_set_named_property(env, object, "offset", place) != napi_ok)
		return NULL;
	return object;
}

/* compile(pattern bytes, option names, stackStart, stackMax): the expression, or its fault; a stack
 * of 0 is the usual one. */
static napi_value
compile(napi_env env, napi_callback_info call)
{
	napi_value arguments[4], expression;
	const void *pattern;
	uint32_t bits, stack_start, stack_max;
	size_t length, offset = 0;
	void *matcher;
	pcre2_code *code;
	int error = 0;

	if (!ks_arguments(env, call, 4, arguments) ||
		!ks_read_bytes(env, arguments[0], &pattern, &length) ||
		!read_options(env, arguments[1], &bits) ||
		!ks_read_uint32(env, arguments[2], &stack_start) ||
		!ks_read_uint32(env, arguments[3], &stack_max))
		return NULL;
	if (napi_get_instance_data(env, &matcher) != napi_ok || matcher == NULL)
		return fault(env, PCRE2_ERROR_NOMEMORY, 0);
	if (length > PATTERN_BYTES_MAX)
		return fault(env, PCRE2_ERROR_BADDATA, PATTERN_BYTES_MAX);
	if (stack_max > 0 && !ks_matcher_grow_stack(matcher, stack_start, stack_max))
		return fault(env, PCRE2_ERROR_NOMEMORY, 0);
	code = ks_expression_compile(length == 0 ? "" : pattern, length, bits, &error, &offset);
	if (code == NULL)
		return fault(env, error, offset);
	if (napi_create_external(env, code, expression_ended, NULL, &expression) == napi_ok)
		return expression;
	ks_expression_free(code);
	return NULL;
}

/* Numbers beyond 2^53 are no offsets of anything that is in memory. */
static bool
read_offset(napi_env env, napi_value value, size_t *offset)
{
	int64_t number;

	if (napi_get_value_int64(env, value, &number) != napi_ok) {
		napi_throw_type_error(env, NULL, "an offset is a number");
		return false;
	}
	*offset = number < 0 ? KS_NO_OFFSET : (size_t)number;
	return true;
}

/* match(expression, subject, first, last): 1, 0, or a negative number; last -1: to the end. */
static napi_value
match(napi_env env, napi_callback_info call)
{
	napi_value arguments[4];
	const void *subject;
	size_t length, first, last;
	void *matcher, *code;

	if (!ks_arguments(env, call, 4, arguments) ||
		!ks_read_bytes(env, arguments[1], &subject, &length) ||
		!read_offset(env, arguments[2], &first) || !read_offset(env, arguments[3], &last))
		return NULL;
	if (napi_get_value_external(env, arguments[0], &code) != napi_ok) {
		napi_throw_type_error(env, NULL, "an expression is what compile made");
		return NULL;
	}
	if (napi_get_instance_data(env, &matcher) != napi_ok || matcher == NULL)
		return ks_number(env, PCRE2_ERROR_NOMEMORY);
	/* Of an empty array the bytes may be nowhere. */
	return ks_number(
		env, ks_matcher_match(matcher, code, length == 0 ? (const void *)"" : subject,
			     length, first, last));
}

/* errorText(negative number as its positive): PCRE2's sentence. */
static napi_value
error_text(napi_env env, napi_callback_info call)
{
	char text[SENTENCE_BYTES_MAX];
	napi_value argument;
	uint32_t error;

	if (!ks_arguments(env, call, 1, &argument) || !ks_read_uint32(env, argument, &error))
		return NULL;
	ks_expression_error_text(-(int)error, text, sizeof(text));
	return ks_text(env, text);
}

static void
instance_ended(napi_env env, void *matcher, void *hint)
{
	(void)env;
	(void)hint;
	ks_matcher_close(matcher);
	free(matcher);
}

static const napi_property_descriptor functions[] = {
	{.utf8name = "compile", .method = compile, .attributes = napi_enumerable},
	{.utf8name = "match", .method = match, .attributes = napi_enumerable},
	{.utf8name = "errorText", .method = error_text, .attributes = napi_enumerable},
};

/* The macro below defines it without declaring it. */
NAPI_MODULE_EXPORT int32_t NODE_API_MODULE_GET_API_VERSION(void);

NAPI_MODULE_INIT()
{
	struct ks_matcher *matcher = malloc(sizeof(*matcher));

	if (matcher == NULL || !ks_matcher_open(matcher)) {
		free(matcher);
		return NULL;
	}
	if (napi_set_instance_data(env, matcher, instance_ended, NULL) != napi_ok) {
		ks_matcher_close(matcher);
		free(matcher);
		return NULL;
	}
	napi_define_properties(env, exports, sizeof(functions) / sizeof(functions[0]), functions);
	return exports;
}
