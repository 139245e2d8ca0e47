/*
 * Owner: the caller of each function. Threads: Node's main thread. Lifetime: a call.
 *
 * What can be said of services, servers and the data plane as a whole (service.h, and settings of
 * api.h), from and to the objects of src/net/service.ts and src/net/settings.ts.
 */
#ifndef KS_BINDING_OPTIONS_H
#define KS_BINDING_OPTIONS_H

#include <napi.h>

#include "../api.h"
#include "reader.h"

/* The key of the service that a change is about, with the names of a match's ports. */
void read_service_key(const Reader &reader, ks_change *change);
void read_service_options(const Reader &reader, ks_service_options *options);
void read_server_options(const Reader &reader, ks_server_options *options);
void read_settings(const Reader &reader, ks_settings *settings);
/* IPPROTO_TCP for "TCP". */
uint8_t read_protocol(const Reader &reader, const char *field);

Napi::Object service_key_to_js(Napi::Env env, const ks_service_key &key);
/* Sets the options as members of the object. */
void add_service_options(Napi::Object object, const ks_service_options &options);
void add_server_options(Napi::Object object, const ks_server_options &options);
Napi::Object settings_to_js(Napi::Env env, const ks_settings &settings);

#endif
