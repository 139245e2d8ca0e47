/* The rows of api.h as plain objects, in the shapes that src/dataplane/native.ts expects. */
#include "convert.h"

#include <cstdio>

#include "options.h"
#include "values.h"

/* What `visit` of api.h gets as its context. */
struct Rows {
	Napi::Env env;
	Napi::Array array;
};

static Napi::String
mac_to_js(Napi::Env env, const uint8_t *mac)
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		mac[3], mac[4], mac[5]);
	return Napi::String::New(env, text);
}

static Napi::Object
prefix_to_js(Napi::Env env, const ks_prefix &prefix)
{
	Napi::Object object = Napi::Object::New(env);
	uint32_t bits_before = ks_ip_is_v4(prefix.address) ? KS_IP_V4_BITS : 0;

	object.Set("address", address_to_js(env, prefix.address));
	object.Set("length", prefix.bits - bits_before);
	return object;
}

static const char *
owner_word(ks_owner owner)
{
	static const char *const words[] = {"config", "operator", "vrrp"};

	return words[owner];
}

static Napi::Object
counts_to_js(Napi::Env env, const ks_traffic &traffic)
{
	Napi::Object object = Napi::Object::New(env);

	object.Set("connections", count_to_js(env, traffic.connections));
	object.Set("active", count_to_js(env, traffic.active));
	object.Set("inactive", count_to_js(env, traffic.inactive));
	object.Set("inPackets", count_to_js(env, traffic.in_packets));
	object.Set("inBytes", count_to_js(env, traffic.in_bytes));
	object.Set("outPackets", count_to_js(env, traffic.out_packets));
	object.Set("outBytes", count_to_js(env, traffic.out_bytes));
	return object;
}

static void
add_row(void *context, const Napi::Object &object)
{
	Rows *rows = static_cast<Rows *>(context);

	rows->array.Set(rows->array.Length(), object);
}

static Napi::Env
env_of(void *context)
{
	return static_cast<Rows *>(context)->env;
}

static void
visit_address(void *context, const ks_address_row *row)
{
	Napi::Object object = Napi::Object::New(env_of(context));

	object.Set("prefix", prefix_to_js(env_of(context), row->prefix));
	object.Set("device", row->device);
	object.Set("owner", owner_word(row->owner));
	add_row(context, object);
}

static void
visit_lease(void *context, const ks_lease_row *row)
{
	Napi::Env env = env_of(context);
	Napi::Object object = Napi::Object::New(env);

	object.Set("holder", row->holder);
	object.Set("prefix", prefix_to_js(env, row->prefix));
	object.Set("device", row->device);
	if (row->remaining_ms == KS_FOREVER)
		object.Set("remainingMs", env.Null());
	else
		object.Set("remainingMs", count_to_js(env, row->remaining_ms));
	add_row(context, object);
}

static void
visit_route(void *context, const ks_route_row *row)
{
	Napi::Env env = env_of(context);
	Napi::Object object = Napi::Object::New(env);

	object.Set("destination", prefix_to_js(env, row->destination));
	if (ks_ip_is_none(row->gateway))
		object.Set("gateway", env.Null());
	else
		object.Set("gateway", address_to_js(env, row->gateway));
	object.Set("device", row->device);
	object.Set("owner", owner_word(row->owner));
	add_row(context, object);
}

static void
visit_service(void *context, const ks_service_row *row)
{
	Napi::Env env = env_of(context);
	Napi::Object object = Napi::Object::New(env);

	object.Set("key", service_key_to_js(env, row->key));
	object.Set("id", row->id);
	object.Set("owner", owner_word(row->owner));
	add_service_options(object, row->options);
	object.Set("traffic", counts_to_js(env, row->traffic));
	add_row(context, object);
}

static void
visit_server(void *context, const ks_server_row *row)
{
	Napi::Env env = env_of(context);
	Napi::Object object = Napi::Object::New(env);

	object.Set("service", service_key_to_js(env, row->service));
	object.Set("endpoint", endpoint_to_js(env, row->address, row->port_be));
	object.Set("id", row->id);
	object.Set("owner", owner_word(row->owner));
	add_server_options(object, row->options);
	object.Set("traffic", counts_to_js(env, row->traffic));
	add_row(context, object);
}

static void
visit_local_address(void *context, const ks_local_address_row *row)
{
	Napi::Env env = env_of(context);
	Napi::Object object = Napi::Object::New(env);

	object.Set("service", service_key_to_js(env, row->service));
	object.Set("address", address_to_js(env, row->address));
	object.Set("device", row->device);
	object.Set("owner", owner_word(row->owner));
	object.Set("isLeased", row->is_leased);
	add_row(context, object);
}

static Napi::Object
misses_to_js(Napi::Env env, const ks_source_row *row)
{
	Napi::Object object = Napi::Object::New(env);

	object.Set("exhausted", count_to_js(env, row->missed_exhausted));
	object.Set("noShare", count_to_js(env, row->missed_no_share));
	object.Set("notHeld", count_to_js(env, row->missed_not_held));
	return object;
}

static void
visit_source(void *context, const ks_source_row *row)
{
	Napi::Env env = env_of(context);
	Napi::Object object = Napi::Object::New(env);

	object.Set("address", address_to_js(env, row->address));
	object.Set("device", row->device);
	object.Set("used", count_to_js(env, row->used));
	object.Set("missed", misses_to_js(env, row));
	if (!ks_ip_is_none(row->missed_server))
		object.Set("missedServer",
			endpoint_to_js(env, row->missed_server, row->missed_server_port_be));
	add_row(context, object);
}

static Napi::Object
both_ways_to_js(Napi::Env env, uint64_t rx, uint64_t tx)
{
	Napi::Object object = Napi::Object::New(env);

	object.Set("rx", count_to_js(env, rx));
	object.Set("tx", count_to_js(env, tx));
	return object;
}

static void
visit_port(void *context, const ks_port_row *row)
{
	Napi::Env env = env_of(context);
	Napi::Object object = Napi::Object::New(env);

	object.Set("name", row->name);
	object.Set("device", row->device);
	object.Set("kniName", row->kni_name);
	object.Set("mac", mac_to_js(env, row->mac));
	object.Set("mtuBytes", row->mtu_bytes);
	object.Set("isUp", Napi::Boolean::New(env, row->is_up));
	object.Set("speedMbps", row->speed_mbps);
	object.Set("isFullDuplex", Napi::Boolean::New(env, row->is_full_duplex));
	object.Set("isPromiscuous", Napi::Boolean::New(env, row->is_promiscuous));
	object.Set("rxQueues", row->rx_queues);
	object.Set("txQueues", row->tx_queues);
	object.Set("isHashed", Napi::Boolean::New(env, row->is_hashed));
	object.Set("misdirected", count_to_js(env, row->misdirected));
	object.Set("socket", row->socket);
	object.Set("packets", both_ways_to_js(env, row->rx_packets, row->tx_packets));
	object.Set("bytes", both_ways_to_js(env, row->rx_bytes, row->tx_bytes));
	object.Set("errors", both_ways_to_js(env, row->rx_errors, row->tx_errors));
	object.Set("missed", count_to_js(env, row->missed));
	object.Set("noBuffer", count_to_js(env, row->no_buffer));
	add_row(context, object);
}

static void
visit_neighbor(void *context, const ks_neighbor_row *row)
{
	/* DPVS's words; DELAY is a state that it has and we do not need. */
	static const char *const words[] = {"NONE", "SEND", "REACHABLE", "PROBE"};
	Napi::Env env = env_of(context);
	Napi::Object object = Napi::Object::New(env);

	object.Set("address", address_to_js(env, row->address));
	object.Set("mac", mac_to_js(env, row->mac));
	object.Set("state", words[row->state]);
	object.Set("device", row->device);
	object.Set("isStatic", Napi::Boolean::New(env, false));
	add_row(context, object);
}

static void
visit_worker(void *context, const ks_worker_row *row)
{
	Napi::Env env = env_of(context);
	Napi::Object object = Napi::Object::New(env);
	Napi::Array verdicts = Napi::Array::New(env, row->verdicts_count);

	for (uint32_t i = 0; i < row->verdicts_count; i++)
		verdicts.Set(i, count_to_js(env, row->verdicts[i]));
	object.Set("worker", row->worker);
	object.Set("cpu", row->cpu);
	object.Set("connections", row->connections);
	object.Set("rx", count_to_js(env, row->rx));
	object.Set("injected", count_to_js(env, row->injected));
	object.Set("injectFailed", count_to_js(env, row->inject_failed));
	object.Set("checksumsCompleted", count_to_js(env, row->checksums_completed));
	object.Set("untold", count_to_js(env, row->untold));
	object.Set("verdicts", verdicts);
	add_row(context, object);
}

static void
visit_slow_thread(void *context, const ks_slow_thread_row *row)
{
	Napi::Env env = env_of(context);
	Napi::Object object = Napi::Object::New(env);

	object.Set("unresolvedDropped", count_to_js(env, row->unresolved_dropped));
	object.Set("injectFull", count_to_js(env, row->inject_full));
	object.Set("noBuffer", count_to_js(env, row->no_buffer));
	add_row(context, object);
}

static void
visit_companion(void *context, const ks_companion_row *row)
{
	Napi::Env env = env_of(context);
	Napi::Object object = Napi::Object::New(env);

	object.Set("device", row->device);
	object.Set("toKernel", count_to_js(env, row->to_kernel));
	object.Set("fromKernel", count_to_js(env, row->from_kernel));
	object.Set("dropped", count_to_js(env, row->dropped));
	add_row(context, object);
}

static void
add_settings(Rows *rows)
{
	ks_settings settings;

	ks_get_settings(&settings);
	add_row(rows, settings_to_js(rows->env, settings));
}

Napi::Value
rows_to_js(Napi::Env env, const std::string &kind)
{
	Rows rows = {env, Napi::Array::New(env)};

	if (kind == "addresses")
		ks_each_address(visit_address, &rows);
	else if (kind == "leases")
		ks_each_lease(visit_lease, &rows);
	else if (kind == "routes")
		ks_each_route(visit_route, &rows);
	else if (kind == "services")
		ks_each_service(visit_service, &rows);
	else if (kind == "settings")
		add_settings(&rows);
	else if (kind == "servers")
		ks_each_server(visit_server, &rows);
	else if (kind == "localAddresses")
		ks_each_local_address(visit_local_address, &rows);
	else if (kind == "sources")
		ks_each_source(visit_source, &rows);
	else if (kind == "ports")
		ks_each_port(visit_port, &rows);
	else if (kind == "neighbors")
		ks_each_neighbor(visit_neighbor, &rows);
	else if (kind == "workers")
		ks_each_worker(visit_worker, &rows);
	else if (kind == "slowThread")
		ks_each_slow_thread(visit_slow_thread, &rows);
	else if (kind == "companions")
		ks_each_companion(visit_companion, &rows);
	else
		return env.Undefined();
	return rows.array;
}
