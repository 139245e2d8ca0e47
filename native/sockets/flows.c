#include "flows.h"

#include "flow_table.h"
#include "knock_settings.h"
#include "polled.h"
#include "values.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct flows {
	struct ks_polled polled;
	struct ks_flow_table *table; /* NULL once it is closed */
	struct ks_knock_settings knocks;
	struct ks_flow_news *news; /* JavaScript's memory */
	napi_ref news_reference;
};

static const napi_type_tag flows_tag = {0x6b65656c736f6e03, 0x666c6f7773000000};

_Static_assert(sizeof(struct ks_flow_news) == 3 * sizeof(int32_t), "three numbers");

static void
flows_ended(struct ks_polled *polled)
{
	struct flows *flows = (struct flows *)polled;

	if (flows->table != NULL)
		ks_flow_table_destroy(flows->table);
	flows->table = NULL;
	ks_knock_settings_clear(&flows->knocks);
	if (flows->news_reference != NULL)
		napi_delete_reference(polled->env, flows->news_reference);
	flows->news_reference = NULL;
}

static bool
make_arguments(napi_env env, const void *argument, napi_value *arguments)
{
	const unsigned int *count = argument;

	return napi_create_uint32(env, *count, &arguments[0]) == napi_ok;
}

/* One call into JavaScript for all the news there is. */
static bool
take_news(struct ks_polled *polled)
{
	struct flows *flows = (struct flows *)polled;
	unsigned int count = ks_flow_table_take(flows->table, flows->news);
	struct ks_polled_call call = {.count = 1, .make = make_arguments, .news = &count};

	if (count > 0)
		ks_polled_deliver(polled, &call);
	return false;
}

/* JavaScript's memory; NULL, with a TypeError thrown, when there is too little of it. */
static int32_t *
numbers_of(napi_env env, napi_value array, size_t count)
{
	napi_typedarray_type type;
	size_t length, offset;
	napi_value memory;
	void *start;

	if (napi_get_typedarray_info(env, array, &type, &length, &start, &memory, &offset) ==
			napi_ok &&
		type == napi_int32_array && length >= count && start != NULL)
		return start;
	napi_throw_type_error(env, NULL, "not an Int32Array with enough room");
	return NULL;
}

static bool
share_news(napi_env env, napi_value array, struct flows *flows)
{
	int32_t *start = numbers_of(env, array, (size_t)KS_FLOW_NEWS_MAX * 3);

	flows->news = (struct ks_flow_news *)start;
	return start != NULL &&
	       napi_create_reference(env, array, 1, &flows->news_reference) == napi_ok;
}

napi_value
ks_flows_open(napi_env env, napi_callback_info call)
{
	struct flows *flows;
	napi_value arguments[2];

	if (!ks_arguments(env, call, 2, arguments) || !ks_is_function(env, arguments[1]))
		return NULL;
	flows = calloc(1, sizeof(*flows));
	if (flows == NULL)
		return ks_number(env, -ENOMEM);
	flows->polled.env = env;
	if (!share_news(env, arguments[0], flows)) {
		free(flows);
		return NULL;
	}
	flows->table = ks_flow_table_create(&flows->knocks);
	if (flows->table == NULL) {
		int error = errno;

		flows_ended(&flows->polled);
		free(flows);
		return ks_number(env, -error);
	}
	flows->polled.descriptor = ks_flow_table_descriptor(flows->table);
	flows->polled.burst_max = 1;
	flows->polled.receive = take_news;
	flows->polled.ended = flows_ended;
	return ks_polled_open(env, &flows->polled, &flows_tag, "keelson.flows", arguments[1]);
}

/* An empty text is no address. */
static bool
read_address(napi_env env, napi_value text, napi_value port, struct ks_flow_address *address)
{
	char written[INET6_ADDRSTRLEN];
	uint32_t number;

	if (!ks_read_text(env, text, written, sizeof(written)) ||
		!ks_read_uint32(env, port, &number))
		return false;
	address->length = 0;
	if (written[0] == '\0' ||
		(number <= UINT16_MAX && ks_flow_address_read(address, written, (uint16_t)number)))
		return true;
	napi_throw_type_error(env, NULL, "not an address and a port");
	return false;
}

static bool
read_settings(napi_env env, uint32_t protocol, const napi_value *arguments,
	struct ks_flow_settings *settings)
{
	*settings = (struct ks_flow_settings){.protocol = (enum ks_flow_protocol)protocol};
	if (!read_address(env, arguments[0], arguments[1], &settings->target) ||
		!read_address(env, arguments[2], arguments[3], &settings->source) ||
		!ks_read_text(
			env, arguments[4], settings->interface, sizeof(settings->interface)) ||
		!ks_read_uint32(env, arguments[5], &settings->mark))
		return false;
	if (protocol <= KS_FLOW_ICMP && settings->target.length != 0)
		return true;
	napi_throw_type_error(env, NULL, "not a target");
	return false;
}

/* NULL, with a TypeError thrown, when the value is no table; its table is NULL once closed. */
static struct flows *
unwrap(napi_env env, napi_value value)
{
	return ks_polled_unwrap(env, value, &flows_tag);
}

napi_value
ks_flows_open_one(napi_env env, napi_callback_info call)
{
	struct ks_flow_settings settings;
	napi_value arguments[8];
	struct flows *flows;
	uint32_t protocol;

	if (!ks_arguments(env, call, 8, arguments) || (flows = unwrap(env, arguments[0])) == NULL ||
		!ks_read_uint32(env, arguments[1], &protocol) ||
		!read_settings(env, protocol, arguments + 2, &settings))
		return NULL;
	if (flows->table == NULL)
		return ks_number(env, -EBADF);
	return ks_number(env, ks_flow_table_open(flows->table, &settings));
}

static bool
read_flow(napi_env env, const napi_value *arguments, struct flows **flows, int32_t *number)
{
	uint32_t written;

	*flows = unwrap(env, arguments[0]);
	if (*flows == NULL || !ks_read_uint32(env, arguments[1], &written))
		return false;
	*number = written > INT32_MAX ? 0 : (int32_t)written;
	return true;
}

napi_value
ks_flows_prepare_knock(napi_env env, napi_callback_info call)
{
	struct ks_flow_settings settings;
	napi_value arguments[7];
	struct flows *flows;

	if (!ks_arguments(env, call, 7, arguments) || (flows = unwrap(env, arguments[0])) == NULL ||
		!read_settings(env, KS_FLOW_TCP, arguments + 1, &settings))
		return NULL;
	if (flows->table == NULL)
		return ks_number(env, -EBADF);
	return ks_number(env, ks_knock_settings_keep(&flows->knocks, &settings));
}

napi_value
ks_flows_forget_knock(napi_env env, napi_callback_info call)
{
	napi_value arguments[2];
	struct flows *flows;
	uint32_t number;

	if (ks_arguments(env, call, 2, arguments) && (flows = unwrap(env, arguments[0])) != NULL &&
		ks_read_uint32(env, arguments[1], &number) && number <= INT32_MAX)
		ks_knock_settings_forget(&flows->knocks, (int32_t)number);
	return NULL;
}

static int32_t
knock(struct flows *flows, int32_t number)
{
	const struct ks_flow_settings *settings = ks_knock_settings_find(&flows->knocks, number);

	if (flows->table == NULL)
		return -EBADF;
	return settings == NULL ? -EINVAL : ks_flow_table_open(flows->table, settings);
}

napi_value
ks_flows_knock(napi_env env, napi_callback_info call)
{
	napi_value arguments[3];
	struct flows *flows;
	uint32_t count;
	int32_t *numbers;

	if (!ks_arguments(env, call, 3, arguments) || (flows = unwrap(env, arguments[0])) == NULL ||
		!ks_read_uint32(env, arguments[2], &count) ||
		(numbers = numbers_of(env, arguments[1], count)) == NULL)
		return NULL;
	for (uint32_t i = 0; i < count; i++)
		numbers[i] = knock(flows, numbers[i]);
	return NULL;
}

napi_value
ks_flows_send(napi_env env, napi_callback_info call)
{
	napi_value arguments[4];
	struct flows *flows;
	const void *bytes;
	uint32_t offset;
	int32_t number;
	size_t length;

	if (!ks_arguments(env, call, 4, arguments) || !read_flow(env, arguments, &flows, &number) ||
		!ks_read_bytes(env, arguments[2], &bytes, &length) ||
		!ks_read_uint32(env, arguments[3], &offset))
		return NULL;
	if (flows->table == NULL)
		return ks_number(env, -EBADF);
	if (offset > length)
		return ks_number(env, -EINVAL);
	length -= offset;
	if (length > INT_MAX)
		length = INT_MAX;
	return ks_number(env, (int)ks_flow_table_send(
				      flows->table, number, (const char *)bytes + offset, length));
}

napi_value
ks_flows_receive(napi_env env, napi_callback_info call)
{
	napi_value arguments[4];
	struct flows *flows;
	const void *room;
	uint32_t most;
	int32_t number;
	size_t length;

	if (!ks_arguments(env, call, 4, arguments) || !read_flow(env, arguments, &flows, &number) ||
		!ks_read_bytes(env, arguments[2], &room, &length) ||
		!ks_read_uint32(env, arguments[3], &most))
		return NULL;
	if (flows->table == NULL)
		return ks_number(env, -EBADF);
	if (length > most)
		length = most;
	return ks_number(
		env, (int)ks_flow_table_receive(flows->table, number, (void *)room, length));
}

napi_value
ks_flows_close_one(napi_env env, napi_callback_info call)
{
	napi_value arguments[2];
	struct flows *flows;
	int32_t number;

	if (ks_arguments(env, call, 2, arguments) && read_flow(env, arguments, &flows, &number) &&
		flows->table != NULL)
		ks_flow_table_close(flows->table, number);
	return NULL;
}

napi_value
ks_flows_close(napi_env env, napi_callback_info call)
{
	napi_value argument;
	struct flows *flows;

	if (ks_arguments(env, call, 1, &argument) && (flows = unwrap(env, argument)) != NULL)
		ks_polled_close(&flows->polled);
	return NULL;
}
