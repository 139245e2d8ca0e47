#include "words.h"

#include <stdint.h>
#include <stdlib.h>

#define WORDS_MAX 65536

void
ks_words_free(char **words)
{
	for (char **word = words; word != NULL && *word != NULL; word++)
		free(*word);
	free(words);
}

char **
ks_words_read(napi_env env, napi_value array)
{
	uint32_t count;
	char **words;

	if (napi_get_array_length(env, array, &count) != napi_ok || count > WORDS_MAX)
		return NULL;
	words = calloc((size_t)count + 1, sizeof(*words));
	for (uint32_t index = 0; words != NULL && index < count; index++) {
		napi_value value;
		size_t length;

		if (napi_get_element(env, array, index, &value) != napi_ok ||
			napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok)
			goto undo;
		words[index] = malloc(length + 1);
		if (words[index] == NULL || napi_get_value_string_utf8(env, value, words[index],
						    length + 1, NULL) != napi_ok)
			goto undo;
	}
	return words;

undo:
	ks_words_free(words);
	return NULL;
}
