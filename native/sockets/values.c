#include "values.h"

#include <string.h>

bool
ks_arguments(napi_env env, napi_callback_info call, size_t count, napi_value *arguments)
{
	size_t given = count;

	if (napi_get_cb_info(env, call, &given, arguments, NULL, NULL) == napi_ok && given >= count)
		return true;
	napi_throw_type_error(env, NULL, "too few arguments");
	return false;
}

bool
ks_read_uint32(napi_env env, napi_value value, uint32_t *number)
{
	if (napi_get_value_uint32(env, value, number) == napi_ok)
		return true;
	napi_throw_type_error(env, NULL, "not a number");
	return false;
}

bool
ks_read_bytes(napi_env env, napi_value value, const void **bytes, size_t *length)
{
	napi_typedarray_type type;
	napi_value memory;
	size_t offset;
	void *start;
	bool is_array = false;

	if (napi_is_typedarray(env, value, &is_array) == napi_ok && is_array &&
		napi_get_typedarray_info(env, value, &type, length, &start, &memory, &offset) ==
			napi_ok &&
		type == napi_uint8_array) {
		*bytes = start;
		return true;
	}
	napi_throw_type_error(env, NULL, "not a Uint8Array");
	return false;
}

bool
ks_read_text(napi_env env, napi_value value, char *text, size_t room)
{
	size_t length;

	if (napi_get_value_string_utf8(env, value, text, room, &length) == napi_ok)
		return true;
	napi_throw_type_error(env, NULL, "not a string");
	return false;
}

bool
ks_is_function(napi_env env, napi_value value)
{
	napi_valuetype type;

	if (napi_typeof(env, value, &type) == napi_ok && type == napi_function)
		return true;
	napi_throw_type_error(env, NULL, "not a function");
	return false;
}

napi_value
ks_number(napi_env env, int number)
{
	napi_value value = NULL;

	napi_create_int32(env, number, &value);
	return value;
}

napi_value
ks_bytes(napi_env env, const void *bytes, size_t length)
{
	napi_value memory, array = NULL;
	void *start;

	if (napi_create_arraybuffer(env, length, &start, &memory) != napi_ok)
		return NULL;
	if (length > 0)
		memcpy(start, bytes, length);
	napi_create_typedarray(env, napi_uint8_array, length, memory, 0, &array);
	return array;
}

napi_value
ks_text(napi_env env, const char *text)
{
	napi_value value = NULL;

	napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
	return value;
}
