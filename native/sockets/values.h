/*
 * JavaScript values as C ones. A value of the wrong type is a programming error: a TypeError.
 *
 * Owner: nobody; what is read stays the caller's JavaScript value.
 * Threads: any thread, with its own environment.
 * Lifetime: bytes that were read are valid until the call returns to JavaScript.
 */
#ifndef KS_VALUES_H
#define KS_VALUES_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exactly `count` arguments; each reader answers false after it has thrown. */
bool ks_arguments(napi_env env, napi_callback_info call, size_t count, napi_value *arguments);
bool ks_read_uint32(napi_env env, napi_value value, uint32_t *number);
bool ks_read_bytes(napi_env env, napi_value value, const void **bytes, size_t *length);
/* Cut at the room there is; always terminated. */
bool ks_read_text(napi_env env, napi_value value, char *text, size_t room);
bool ks_is_function(napi_env env, napi_value value);

napi_value ks_number(napi_env env, int number);
/* A Uint8Array with a copy; NULL when there is no memory. */
napi_value ks_bytes(napi_env env, const void *bytes, size_t length);
napi_value ks_text(napi_env env, const char *text);

#endif
