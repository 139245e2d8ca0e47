/*
 * Owner: the caller of each function. Threads: Node's main thread. Lifetime: a call.
 *
 * Values that stand in many rows of api.h, as JavaScript has them.
 */
#ifndef KS_BINDING_VALUES_H
#define KS_BINDING_VALUES_H

#include <napi.h>

#include "../api.h"

Napi::String address_to_js(Napi::Env env, const ks_ip &address);
Napi::Number count_to_js(Napi::Env env, uint64_t count);
/* port_be: in network order. */
Napi::Object endpoint_to_js(Napi::Env env, const ks_ip &address, uint16_t port_be);
/* { first, last } */
Napi::Object span_to_js(Napi::Env env, const Napi::Value &first, const Napi::Value &last);
/* IPPROTO_TCP: "TCP". */
const char *protocol_word(uint8_t protocol);
const char *forwarding_word(uint8_t forwarding);

#endif
