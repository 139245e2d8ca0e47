/*
 * Arrays of strings from JavaScript, as execve wants them.
 *
 * Owner: who read them, until ks_words_free.
 * Threads: any thread, with its own environment.
 * Lifetime: until freed.
 */
#ifndef KS_WORDS_H
#define KS_WORDS_H

#include <node_api.h>

/* NULL: no memory, or not an array of strings. */
char **ks_words_read(napi_env env, napi_value array);
void ks_words_free(char **words);

#endif
