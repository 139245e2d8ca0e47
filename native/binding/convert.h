/*
 * Owner: the caller of each function. Threads: Node's main thread. Lifetime: a call.
 *
 * JavaScript values to and from the structs of api.h. Every field is checked; the first wrong one
 * is named in Problems::wrong ("changes[3].server.weight must be ...").
 */
#ifndef KS_BINDING_CONVERT_H
#define KS_BINDING_CONVERT_H

#include <string>
#include <vector>

#include <napi.h>

#include "../api.h"

struct Problems {
	std::string wrong; /* the caller's mistake: nothing was done */
};

struct Refusal {
	uint32_t index;
	std::string reason;
};

void read_open_options(const Napi::Value &value, ks_open_options *options, Problems *problems);
void read_changes(const Napi::Value &value, std::vector<ks_change> *changes, Problems *problems);
void read_prefixes(const Napi::Value &value, std::vector<ks_prefix> *prefixes, Problems *problems);
void read_name(const Napi::Value &value, const char *field, std::string *name, Problems *problems);
/* null: without end. */
void read_duration(const Napi::Value &value, uint64_t *duration_ms, Problems *problems);

/* In the order of their indexes. */
Napi::Value refusals_to_js(Napi::Env env, std::vector<Refusal> refusals);
Napi::Value lines_to_js(Napi::Env env, const std::string &lines);
/* The rows of one kind, or undefined when there is no such kind. */
Napi::Value rows_to_js(Napi::Env env, const std::string &kind);

#endif
