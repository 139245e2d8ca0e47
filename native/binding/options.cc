#include "options.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "values.h"

/* By the enums of service.h and api.h. */
static constexpr std::initializer_list<const char *> scheduler_words = {"rr", "wrr", "lc", "wlc",
	"sed", "nq", "fo", "ovf", "sh", "dh", "mh", "conhash", "lblc", "lblcr"};
static constexpr std::initializer_list<const char *> hash_words = {"sip", "qid"};
static constexpr std::initializer_list<const char *> proxy_words = {
	"disable", "v1", "v2", "v1-insecure", "v2-insecure"};
static constexpr std::initializer_list<const char *> client_address_words = {"toa", "uoa", "off"};
static constexpr int client_address_flags[] = {0, KS_SERVICE_UOA, KS_SERVICE_NO_CLIENT_ADDRESS};
static constexpr std::initializer_list<const char *> tunnel_words = {"ipip", "gre", "gue"};
static constexpr std::initializer_list<const char *> owner_words = {"config", "operator"};
static constexpr std::initializer_list<const char *> uoa_words = {"opp", "ipo"};
static constexpr std::initializer_list<const char *> timeout_words = {"none", "established",
	"syn_sent", "syn_recv", "fin_wait", "time_wait", "close", "close_wait", "last_ack", "udp",
	"sctp"};

static_assert(scheduler_words.size() == KS_SCHEDULERS, "a word for each");
static_assert(tunnel_words.size() == KS_TUNNELS, "a word for each");
static_assert(timeout_words.size() == KS_TIMEOUTS, "a word for each");

/* null: 0. */
static uint32_t
number_or_none(const Reader &reader, const char *field, uint32_t least, uint32_t most)
{
	return reader.is_null(field) ? 0 : reader.number(field, least, most);
}

static uint8_t
flag_of(const Reader &reader, const char *field, uint8_t flag)
{
	return reader.truth(field) ? flag : 0;
}

uint8_t
read_protocol(const Reader &reader, const char *field)
{
	static const uint8_t protocols[] = {
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMP, IPPROTO_ICMPV6};

	return protocols[reader.word(field, {"TCP", "UDP", "SCTP", "ICMP", "ICMPV6"})];
}

struct Range {
	ks_ip first, last;
	uint16_t port_first, port_last;
};

static Range
read_range(const Reader &match, const char *field)
{
	Range range = {};

	if (match.is_null(field))
		return range;

	Reader reader = match.child(field);

	if (!reader.is_null("addresses")) {
		range.first = reader.child("addresses").address("first");
		range.last = reader.child("addresses").address("last");
	}
	if (!reader.is_null("ports")) {
		Reader ports = reader.child("ports");

		range.port_first = static_cast<uint16_t>(ports.number("first", 0, UINT16_MAX));
		range.port_last = static_cast<uint16_t>(ports.number("last", 0, UINT16_MAX));
	}
	return range;
}

static void
read_match(const Reader &reader, ks_change *change)
{
	Range source = read_range(reader, "source");
	Range destination = read_range(reader, "destination");
	ks_match match = {};

	match.source_first = source.first;
	match.source_last = source.last;
	match.source_port_first = source.port_first;
	match.source_port_last = source.port_last;
	match.destination_first = destination.first;
	match.destination_last = destination.last;
	match.destination_port_first = destination.port_first;
	match.destination_port_last = destination.port_last;
	match.is_ipv6 = reader.word("family", {"ipv4", "ipv6"}) == 1;
	match.in_port = KS_MATCH_ANY_PORT;
	match.out_port = KS_MATCH_ANY_PORT;
	if (!reader.is_null("inDevice"))
		reader.text("inDevice", change->in_device, sizeof(change->in_device));
	if (!reader.is_null("outDevice"))
		reader.text("outDevice", change->out_device, sizeof(change->out_device));
	change->service.match = match;
}

void
read_service_key(const Reader &reader, ks_change *change)
{
	change->service = {};
	change->service.protocol = read_protocol(reader, "protocol");
	change->service.is_match = !reader.field("match").IsUndefined();
	if (change->service.is_match) {
		read_match(reader.child("match"), change);
		return;
	}
	change->service.address = reader.address("address");
	change->service.port_be = reader.port_be("port");
}

void
read_service_options(const Reader &reader, ks_service_options *options)
{
	*options = {};
	options->scheduler = static_cast<uint8_t>(reader.word("scheduler", scheduler_words));
	options->scheduler_flags =
		static_cast<uint8_t>(flag_of(reader, "hashesPort", KS_HASH_PORT) |
				     flag_of(reader, "hashFallsBack", KS_HASH_FALLBACK));
	options->hash_target = static_cast<uint8_t>(reader.word("hashTarget", hash_words));
	options->proxy_protocol = static_cast<uint8_t>(reader.word("proxyProtocol", proxy_words));
	options->flags = static_cast<uint8_t>(
		flag_of(reader, "isOnePacket", KS_SERVICE_ONE_PACKET) |
		flag_of(reader, "isQuic", KS_SERVICE_QUIC) |
		flag_of(reader, "expiresQuiescent", KS_SERVICE_EXPIRE_QUIESCENT) |
		flag_of(reader, "keepsClientToa", KS_SERVICE_KEEPS_CLIENT_TOA) |
		flag_of(reader, "rejects", KS_SERVICE_REJECTS) |
		client_address_flags[reader.word("clientAddress", client_address_words)]);
	if (!reader.is_null("persistence")) {
		Reader persistence = reader.child("persistence");

		options->persistence_seconds = persistence.number("seconds", 1, UINT32_MAX);
		options->persistence_bits =
			static_cast<uint8_t>(persistence.number("bits", 1, KS_IP_BITS));
	}
	options->established_seconds = number_or_none(reader, "establishedSeconds", 1, UINT32_MAX);
	options->maglev_slots = number_or_none(reader, "maglevSlots", 1, 131071);
	options->connections_max = number_or_none(reader, "connectionsMax", 1, UINT32_MAX);
}

void
read_server_options(const Reader &reader, ks_server_options *options)
{
	*options = {};
	options->forwarding =
		static_cast<uint8_t>(reader.word("method", {"FNAT", "NAT", "DR", "TUN", "SNAT"}));
	options->weight = static_cast<uint16_t>(reader.number("weight", 0, UINT16_MAX));
	options->upper_threshold = reader.number("upperThreshold", 0, UINT32_MAX);
	options->lower_threshold = reader.number("lowerThreshold", 0, UINT32_MAX);
	if (reader.is_null("tunnel"))
		return;

	Reader tunnel = reader.child("tunnel");

	options->tunnel = static_cast<uint8_t>(tunnel.word("type", tunnel_words));
	options->tunnel_port_be = tunnel.port_be("port");
	options->tunnel_has_checksum = tunnel.truth("hasChecksum");
}

void
read_settings(const Reader &reader, ks_settings *settings)
{
	Reader timeouts = reader.child("timeouts");
	uint32_t *seconds = settings->timeout_seconds;

	for (const char *word : timeout_words)
		*seconds++ = timeouts.number(word, 1, 31535999);
	settings->timeouts_owner = static_cast<uint8_t>(reader.word("timeoutsOwner", owner_words));
	settings->uoa_mode = static_cast<uint8_t>(reader.word("uoaMode", uoa_words));
	settings->uoa_packets_max = static_cast<uint8_t>(reader.number("uoaPackets", 0, UINT8_MAX));
	settings->forwards_ipv4 = reader.truth("forwardsIpv4");
	settings->forwards_ipv6 = reader.truth("forwardsIpv6");
	settings->expires_quiescent_templates = reader.truth("expiresQuiescentTemplates");
	settings->drops_unserved_udp = reader.truth("dropsUnservedUdp");
	settings->drops_stray_tcp = reader.truth("dropsStrayTcp");
}

static Napi::Value
range_to_js(Napi::Env env, const Range &range)
{
	Napi::Object object = Napi::Object::New(env);
	bool has_addresses = !ks_ip_is_none(range.first) || !ks_ip_is_none(range.last);

	if (!has_addresses && range.port_last == 0)
		return env.Null();
	object.Set("addresses", has_addresses ? span_to_js(env, address_to_js(env, range.first),
							address_to_js(env, range.last))
					      : env.Null());
	object.Set("ports", range.port_last != 0
				    ? span_to_js(env, count_to_js(env, range.port_first),
					      count_to_js(env, range.port_last))
				    : env.Null());
	return object;
}

/* A port's number is its place among the rows. */
struct PortSearch {
	uint16_t number;
	uint16_t seen;
	std::string name;
};

static void
visit_port(void *context, const ks_port_row *row)
{
	PortSearch *search = static_cast<PortSearch *>(context);

	if (search->seen++ == search->number)
		search->name = row->name;
}

static Napi::Value
device_to_js(Napi::Env env, uint16_t number)
{
	PortSearch search = {number, 0, ""};

	if (number == KS_MATCH_ANY_PORT)
		return env.Null();
	ks_each_port(visit_port, &search);
	return Napi::String::New(env, search.name);
}

Napi::Object
service_key_to_js(Napi::Env env, const ks_service_key &key)
{
	const ks_match &match = key.match;

	if (!key.is_match) {
		Napi::Object object = endpoint_to_js(env, key.address, key.port_be);

		object.Set("protocol", protocol_word(key.protocol));
		return object;
	}

	Napi::Object object = Napi::Object::New(env);
	Napi::Object found = Napi::Object::New(env);

	found.Set("family", match.is_ipv6 ? "ipv6" : "ipv4");
	found.Set("source",
		range_to_js(env, {match.source_first, match.source_last, match.source_port_first,
					 match.source_port_last}));
	found.Set("destination", range_to_js(env, {match.destination_first, match.destination_last,
							  match.destination_port_first,
							  match.destination_port_last}));
	found.Set("inDevice", device_to_js(env, match.in_port));
	found.Set("outDevice", device_to_js(env, match.out_port));
	object.Set("protocol", protocol_word(key.protocol));
	object.Set("match", found);
	return object;
}

static Napi::Value
number_or_null(Napi::Env env, uint32_t number)
{
	return number == 0 ? env.Null() : Napi::Value(Napi::Number::New(env, number));
}

static void
add_truth(Napi::Object object, const char *name, bool is_true)
{
	object.Set(name, Napi::Boolean::New(object.Env(), is_true));
}

static Napi::Value
persistence_to_js(Napi::Env env, const ks_service_options &options)
{
	if (options.persistence_seconds == 0)
		return env.Null();

	Napi::Object object = Napi::Object::New(env);

	object.Set("seconds", options.persistence_seconds);
	object.Set("bits", options.persistence_bits);
	return object;
}

void
add_service_options(Napi::Object object, const ks_service_options &options)
{
	Napi::Env env = object.Env();
	auto has = [&](uint8_t flag) { return (options.flags & flag) != 0; };

	object.Set("scheduler", scheduler_words.begin()[options.scheduler]);
	add_truth(object, "hashesPort", options.scheduler_flags & KS_HASH_PORT);
	add_truth(object, "hashFallsBack", options.scheduler_flags & KS_HASH_FALLBACK);
	object.Set("hashTarget", hash_words.begin()[options.hash_target]);
	object.Set("persistence", persistence_to_js(env, options));
	add_truth(object, "isOnePacket", has(KS_SERVICE_ONE_PACKET));
	add_truth(object, "isQuic", has(KS_SERVICE_QUIC));
	add_truth(object, "expiresQuiescent", has(KS_SERVICE_EXPIRE_QUIESCENT));
	object.Set("proxyProtocol", proxy_words.begin()[options.proxy_protocol]);
	object.Set(
		"clientAddress", client_address_words.begin()[has(KS_SERVICE_NO_CLIENT_ADDRESS) ? 2
							      : has(KS_SERVICE_UOA)             ? 1
										    : 0]);
	add_truth(object, "keepsClientToa", has(KS_SERVICE_KEEPS_CLIENT_TOA));
	add_truth(object, "rejects", has(KS_SERVICE_REJECTS));
	object.Set("establishedSeconds", number_or_null(env, options.established_seconds));
	object.Set("maglevSlots", number_or_null(env, options.maglev_slots));
	object.Set("connectionsMax", number_or_null(env, options.connections_max));
}

static Napi::Value
tunnel_to_js(Napi::Env env, const ks_server_options &options)
{
	if (options.forwarding != KS_FORWARD_TUNNEL)
		return env.Null();

	Napi::Object object = Napi::Object::New(env);

	object.Set("type", tunnel_words.begin()[options.tunnel]);
	object.Set("port", ntohs(options.tunnel_port_be));
	add_truth(object, "hasChecksum", options.tunnel_has_checksum != 0);
	return object;
}

void
add_server_options(Napi::Object object, const ks_server_options &options)
{
	Napi::Env env = object.Env();

	object.Set("method", forwarding_word(options.forwarding));
	object.Set("tunnel", tunnel_to_js(env, options));
	object.Set("weight", options.weight);
	object.Set("upperThreshold", options.upper_threshold);
	object.Set("lowerThreshold", options.lower_threshold);
}

Napi::Object
settings_to_js(Napi::Env env, const ks_settings &settings)
{
	Napi::Object object = Napi::Object::New(env);
	Napi::Object timeouts = Napi::Object::New(env);
	const uint32_t *seconds = settings.timeout_seconds;

	for (const char *word : timeout_words)
		timeouts.Set(word, *seconds++);
	object.Set("timeouts", timeouts);
	object.Set("timeoutsOwner", owner_words.begin()[settings.timeouts_owner]);
	add_truth(object, "forwardsIpv4", settings.forwards_ipv4);
	add_truth(object, "forwardsIpv6", settings.forwards_ipv6);
	object.Set("uoaMode", uoa_words.begin()[settings.uoa_mode]);
	object.Set("uoaPackets", settings.uoa_packets_max);
	add_truth(object, "expiresQuiescentTemplates", settings.expires_quiescent_templates);
	add_truth(object, "dropsUnservedUdp", settings.drops_unserved_udp);
	add_truth(object, "dropsStrayTcp", settings.drops_stray_tcp);
	return object;
}
