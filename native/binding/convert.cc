#include "convert.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <netinet/in.h>

#include "options.h"
#include "reader.h"

static void
read_port_options(const Napi::Value &value, const std::string &path, ks_port_options *port,
	Problems *problems)
{
	Reader reader(value, path, problems);

	reader.text("name", port->name, sizeof(port->name));
	reader.text("device", port->device, sizeof(port->device));
	reader.text("kniName", port->kni_name, sizeof(port->kni_name));
	port->mtu_bytes = static_cast<uint16_t>(reader.number("mtuBytes", 68, 9000));
}

void
read_open_options(const Napi::Value &value, ks_open_options *options, Problems *problems)
{
	Reader reader(value, "options", problems);

	memset(options, 0, sizeof(*options));
	reader.text("filePrefix", options->file_prefix, sizeof(options->file_prefix));
	options->workers_count = reader.number("workers", 1, KS_OPEN_WORKERS_MAX);
	each_element(reader.field("workerCpus"), "options.workerCpus", problems,
		[&](const Napi::Value &cpu, const std::string &path, uint32_t index) {
			double number = cpu.IsNumber() ? cpu.As<Napi::Number>().DoubleValue() : NAN;

			if (index >= KS_OPEN_WORKERS_MAX || !(number >= 0 && number < 65536))
				problems->wrong = path + " must be the number of a CPU";
			else
				options->worker_cpus[index] = static_cast<uint32_t>(number);
			options->worker_cpus_count = index + 1;
		});
	options->is_adaptive = reader.word("poll", {"busy", "adaptive"}) == 1;
	options->connections_max = reader.number("connectionsMax", 1024, 16777216);
	options->packet_buffers = reader.number("packetBuffers", 1024, 4194304);
	options->hugepages =
		static_cast<ks_hugepages>(reader.word("hugepages", {"auto", "on", "off"}));
	each_element(reader.field("ports"), "options.ports", problems,
		[&](const Napi::Value &port, const std::string &path, uint32_t index) {
			if (index >= KS_OPEN_PORTS_MAX) {
				problems->wrong = "options.ports must be at most " +
						  std::to_string(KS_OPEN_PORTS_MAX) + " ports";
				return;
			}
			read_port_options(port, path, &options->ports[index], problems);
			options->ports_count = index + 1;
		});
}

static void
read_prefix(const Reader &reader, const char *field, ks_change *change)
{
	ks_prefix prefix = reader.prefix(field);

	change->address = prefix.address;
	change->prefix_bits = prefix.bits;
}

/* The object of the change, which its verb names: "add_server" has a "server". */
static void
read_object(const Reader &change_reader, ks_change *change)
{
	static const char *const fields[] = {
		"address", "route", "service", "server", "localAddress", "settings"};
	static const uint32_t field_of_verb[] = {0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5};
	uint32_t kind = field_of_verb[change->verb];
	Reader reader = change_reader.child(fields[kind]);

	if (kind == 5) {
		read_settings(reader, &change->settings);
		return;
	}
	change->owner = static_cast<ks_owner>(reader.word("owner", {"config", "operator", "vrrp"}));
	if (kind == 0 || kind == 1 || kind == 4)
		reader.text("device", change->device, sizeof(change->device));
	if (kind == 0)
		read_prefix(reader, "prefix", change);
	if (kind == 1) {
		read_prefix(reader, "destination", change);
		if (!reader.is_null("gateway"))
			change->gateway = reader.address("gateway");
	}
	if (kind == 2) {
		read_service_key(reader.child("key"), change);
		read_service_options(reader, &change->service_options);
	}
	if (kind == 3) {
		Reader endpoint = reader.child("endpoint");

		read_service_key(reader.child("service"), change);
		change->address = endpoint.address("address");
		change->port_be = endpoint.port_be("port");
		read_server_options(reader, &change->server_options);
	}
	if (kind == 4) {
		read_service_key(reader.child("service"), change);
		change->address = reader.address("address");
		change->is_leased = reader.truth("isLeased");
	}
}

void
read_changes(const Napi::Value &value, std::vector<ks_change> *changes, Problems *problems)
{
	each_element(value, "changes", problems,
		[&](const Napi::Value &element, const std::string &path, uint32_t index) {
			Reader reader(element, path, problems);
			ks_change change = {};

			change.index = index;
			change.verb = static_cast<ks_verb>(reader.word(
				"verb", {"add_address", "remove_address", "add_route",
						"remove_route", "add_service", "alter_service",
						"remove_service", "add_server", "alter_server",
						"remove_server", "add_local_address",
						"remove_local_address", "set_settings"}));
			if (problems->wrong.empty())
				read_object(reader, &change);
			changes->push_back(change);
		});
}

void
read_prefixes(const Napi::Value &value, std::vector<ks_prefix> *prefixes, Problems *problems)
{
	each_element(value, "addresses", problems,
		[&](const Napi::Value &element, const std::string &path, uint32_t) {
			prefixes->push_back(Reader(element, path, problems).prefix());
		});
}

void
read_name(const Napi::Value &value, const char *field, std::string *name, Problems *problems)
{
	if (value.IsString())
		*name = value.As<Napi::String>().Utf8Value();
	if (name->empty() || name->size() >= KS_NAME_BYTES)
		problems->wrong = std::string(field) + " must be a text of 1 to " +
				  std::to_string(KS_NAME_BYTES - 1) + " characters";
}

void
read_duration(const Napi::Value &value, uint64_t *duration_ms, Problems *problems)
{
	double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;

	if (value.IsNull())
		*duration_ms = KS_FOREVER;
	else if (number >= 0 && number <= 1e12)
		*duration_ms = static_cast<uint64_t>(number);
	else
		problems->wrong = "durationMs must be null or milliseconds";
}

Napi::Value
refusals_to_js(Napi::Env env, std::vector<Refusal> refusals)
{
	std::sort(refusals.begin(), refusals.end(),
		[](const Refusal &left, const Refusal &right) { return left.index < right.index; });

	Napi::Array array = Napi::Array::New(env, refusals.size());

	for (uint32_t i = 0; i < refusals.size(); i++) {
		Napi::Object object = Napi::Object::New(env);

		object.Set("index", refusals[i].index);
		object.Set("reason", refusals[i].reason);
		array.Set(i, object);
	}
	return array;
}

Napi::Value
lines_to_js(Napi::Env env, const std::string &lines)
{
	Napi::Array array = Napi::Array::New(env);
	size_t start = 0;

	while (start < lines.size()) {
		size_t end = std::min(lines.find('\n', start), lines.size());

		array.Set(array.Length(), lines.substr(start, end - start));
		start = end + 1;
	}
	return array;
}
