/*
 * Owner: convert.cc. Threads: Node's main thread. Lifetime: a call.
 *
 * Reads the fields of one JavaScript object and remembers where it stands, so that a wrong field
 * can be named. After the first problem every answer is a harmless zero.
 */
#ifndef KS_BINDING_READER_H
#define KS_BINDING_READER_H

#include <initializer_list>
#include <string>

#include <napi.h>

#include "convert.h"

class Reader
{
      public:
	/* `value` must be an object. */
	Reader(const Napi::Value &value, const std::string &path, Problems *problems);

	Reader child(const char *field) const;
	Napi::Value field(const char *name) const;
	bool is_null(const char *field) const;
	uint32_t number(const char *field, uint32_t least, uint32_t most) const;
	bool truth(const char *field) const;
	std::string text(const char *field) const;
	void text(const char *field, char *buffer, size_t bytes) const;
	/* The position of the text among the words. */
	uint32_t word(const char *field, std::initializer_list<const char *> words) const;
	ks_ip address(const char *field) const;
	/* { address, length }: the length as it is said of the address's family. */
	ks_prefix prefix(const char *field) const;
	ks_prefix prefix() const;
	uint16_t port_be(const char *field) const;
	void wrong(const char *field, const std::string &must) const;

      private:
	Napi::Value value_;
	std::string path_;
	Problems *problems_;
};

/* Calls visit(element, path) for each element of an array, until the first problem. */
template <typename Visit>
void
each_element(const Napi::Value &value, const std::string &path, Problems *problems, Visit visit)
{
	if (!value.IsArray()) {
		problems->wrong = path + " must be an array";
		return;
	}

	Napi::Array array = value.As<Napi::Array>();

	for (uint32_t i = 0; i < array.Length() && problems->wrong.empty(); i++)
		visit(array.Get(i), path + "[" + std::to_string(i) + "]", i);
}

#endif
