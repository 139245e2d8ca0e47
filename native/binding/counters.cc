#include "counters.h"

#include <algorithm>

#include "options.h"
#include "reader.h"
#include "values.h"

static void
add_sample(std::vector<double> *sample, uint32_t id, const ks_traffic &traffic)
{
	const uint64_t counts[] = {id, traffic.connections, traffic.in_packets, traffic.out_packets,
		traffic.in_bytes, traffic.out_bytes};

	for (uint64_t count : counts)
		sample->push_back(static_cast<double>(count));
}

struct Samples {
	std::vector<double> services, servers;
};

static void
visit_service(void *context, const ks_service_row *row)
{
	add_sample(&static_cast<Samples *>(context)->services, row->id, row->traffic);
}

static void
visit_server(void *context, const ks_server_row *row)
{
	add_sample(&static_cast<Samples *>(context)->servers, row->id, row->traffic);
}

static Napi::Float64Array
sample_to_js(Napi::Env env, const std::vector<double> &sample)
{
	Napi::Float64Array array = Napi::Float64Array::New(env, sample.size());

	std::copy(sample.begin(), sample.end(), array.Data());
	return array;
}

Napi::Value
traffic_to_js(Napi::Env env, uint32_t first, uint32_t count)
{
	Napi::Object object = Napi::Object::New(env);
	Samples samples;
	uint32_t end = ks_each_traffic(first, count, visit_service, visit_server, &samples);

	object.Set("services", sample_to_js(env, samples.services));
	object.Set("servers", sample_to_js(env, samples.servers));
	object.Set("end", end);
	return object;
}

static void
read_end(const Reader &reader, ks_ip *address, uint16_t *port_be)
{
	if (!reader.is_null("address"))
		*address = reader.address("address");
	*port_be = reader.port_be("port");
}

void
read_connection_filter(const Napi::Value &value, ks_connection_filter *filter, Problems *problems)
{
	Reader reader(value, "filter", problems);

	*filter = {};
	if (!reader.is_null("protocol"))
		filter->protocol = read_protocol(reader, "protocol");
	read_end(reader.child("client"), &filter->client, &filter->client_port_be);
	read_end(reader.child("destination"), &filter->destination, &filter->destination_port_be);
	read_end(reader.child("server"), &filter->server, &filter->server_port_be);
	filter->templates_only = reader.truth("isTemplate");
	filter->rows_max = reader.number("rowsMax", 1, UINT32_MAX);
}

struct Connections {
	Napi::Env env;
	Napi::Array array;
};

/* LVS's words. */
static const char *
state_word(uint8_t state)
{
	static const char *const words[KS_TIMEOUTS] = {"NONE", "ESTABLISHED", "SYN_SENT",
		"SYN_RECV", "FIN_WAIT", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "UDP",
		"SCTP"};

	return state < KS_TIMEOUTS ? words[state] : words[KS_TIMEOUT_NONE];
}

static void
visit_connection(void *context, const ks_connection_row *row)
{
	Connections *found = static_cast<Connections *>(context);
	Napi::Env env = found->env;
	Napi::Object object = Napi::Object::New(env);

	object.Set("worker", row->worker);
	object.Set("protocol", protocol_word(row->protocol));
	object.Set("state", state_word(row->state));
	object.Set("method", forwarding_word(row->forwarding));
	object.Set("isTemplate", Napi::Boolean::New(env, row->is_template));
	object.Set("expiresSeconds", row->expires_seconds);
	object.Set("client", endpoint_to_js(env, row->client, row->client_port_be));
	object.Set("destination", endpoint_to_js(env, row->destination, row->destination_port_be));
	object.Set("local", endpoint_to_js(env, row->local, row->local_port_be));
	object.Set("server", endpoint_to_js(env, row->server, row->server_port_be));
	found->array.Set(found->array.Length(), object);
}

Napi::Value
connections_to_js(Napi::Env env, const ks_connection_filter &filter)
{
	Connections found = {env, Napi::Array::New(env)};
	bool is_cut = ks_each_connection(&filter, visit_connection, &found);
	Napi::Object object = Napi::Object::New(env);

	object.Set("connections", found.array);
	object.Set("isCut", Napi::Boolean::New(env, is_cut));
	return object;
}
