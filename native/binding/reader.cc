#include "reader.h"

#include <arpa/inet.h>
#include <cmath>
#include <cstring>

Reader::Reader(const Napi::Value &value, const std::string &path, Problems *problems)
    : value_(value), path_(path), problems_(problems)
{
	if (!value.IsObject() && problems->wrong.empty())
		problems->wrong = path + " must be an object";
}

void
Reader::wrong(const char *field, const std::string &must) const
{
	if (problems_->wrong.empty())
		problems_->wrong = path_ + "." + field + " must be " + must;
}

Napi::Value
Reader::field(const char *name) const
{
	if (!value_.IsObject())
		return value_.Env().Undefined();
	return value_.As<Napi::Object>().Get(name);
}

Reader
Reader::child(const char *name) const
{
	return Reader(field(name), path_ + "." + name, problems_);
}

bool
Reader::is_null(const char *name) const
{
	return field(name).IsNull();
}

uint32_t
Reader::number(const char *name, uint32_t least, uint32_t most) const
{
	Napi::Value value = field(name);
	double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;

	if (number >= least && number <= most && std::trunc(number) == number)
		return static_cast<uint32_t>(number);
	wrong(name, "a whole number " + std::to_string(least) + ".." + std::to_string(most));
	return 0;
}

bool
Reader::truth(const char *name) const
{
	Napi::Value value = field(name);

	if (!value.IsBoolean())
		wrong(name, "true or false");
	return value.IsBoolean() && value.As<Napi::Boolean>().Value();
}

std::string
Reader::text(const char *name) const
{
	Napi::Value value = field(name);

	if (value.IsString())
		return value.As<Napi::String>().Utf8Value();
	wrong(name, "a text");
	return "";
}

void
Reader::text(const char *name, char *buffer, size_t bytes) const
{
	std::string found = text(name);

	if (found.size() >= bytes || found.find('\0') != std::string::npos)
		wrong(name, "a text of at most " + std::to_string(bytes - 1) + " characters");
	else
		memcpy(buffer, found.c_str(), found.size() + 1);
}

uint32_t
Reader::word(const char *name, std::initializer_list<const char *> words) const
{
	std::string found = text(name);
	std::string all;
	uint32_t position = 0;

	for (const char *word : words) {
		if (found == word)
			return position;
		all += (position++ == 0 ? "" : " or ") + std::string(word);
	}
	wrong(name, all);
	return 0;
}

ks_ip
Reader::address(const char *name) const
{
	std::string found = text(name);
	unsigned char octets[sizeof(in6_addr)];
	uint32_t address_be;

	if (inet_pton(AF_INET, found.c_str(), &address_be) == 1)
		return ks_ip_from_v4(address_be);
	if (inet_pton(AF_INET6, found.c_str(), octets) != 1)
		wrong(name, "an IP address");
	else if (ks_ip_is_v4(ks_ip_from_octets(octets)))
		wrong(name, "an IPv4 address without ::ffff: before it");
	else
		return ks_ip_from_octets(octets);
	return {};
}

ks_prefix
Reader::prefix() const
{
	ks_ip found = address("address");
	bool is_v4 = ks_ip_is_v4(found);
	uint32_t length = number("length", 0, is_v4 ? KS_IP_BITS - KS_IP_V4_BITS : KS_IP_BITS);

	return {found, static_cast<uint8_t>(is_v4 ? KS_IP_V4_BITS + length : length)};
}

ks_prefix
Reader::prefix(const char *name) const
{
	return child(name).prefix();
}

uint16_t
Reader::port_be(const char *name) const
{
	return htons(static_cast<uint16_t>(number(name, 0, UINT16_MAX)));
}
