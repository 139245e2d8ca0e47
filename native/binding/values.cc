#include "values.h"

#include <arpa/inet.h>
#include <netinet/in.h>

Napi::String
address_to_js(Napi::Env env, const ks_ip &address)
{
	uint32_t address_be = ks_ip_v4(address);
	char text[INET6_ADDRSTRLEN];

	if (ks_ip_is_v4(address))
		inet_ntop(AF_INET, &address_be, text, sizeof(text));
	else
		inet_ntop(AF_INET6, address.words, text, sizeof(text));
	return Napi::String::New(env, text);
}

Napi::Number
count_to_js(Napi::Env env, uint64_t count)
{
	return Napi::Number::New(env, static_cast<double>(count));
}

Napi::Object
endpoint_to_js(Napi::Env env, const ks_ip &address, uint16_t port_be)
{
	Napi::Object object = Napi::Object::New(env);

	object.Set("address", address_to_js(env, address));
	object.Set("port", ntohs(port_be));
	return object;
}

Napi::Object
span_to_js(Napi::Env env, const Napi::Value &first, const Napi::Value &last)
{
	Napi::Object object = Napi::Object::New(env);

	object.Set("first", first);
	object.Set("last", last);
	return object;
}

const char *
protocol_word(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_SCTP:
		return "SCTP";
	case IPPROTO_ICMP:
		return "ICMP";
	case IPPROTO_ICMPV6:
		return "ICMPV6";
	default:
		return "TCP";
	}
}

const char *
forwarding_word(uint8_t forwarding)
{
	static const char *const words[KS_FORWARDINGS] = {"FNAT", "NAT", "DR", "TUN", "SNAT"};

	return words[forwarding];
}
