/* Runs a fuzz target over the files named, and over every beginning of each; TAP on stdout. */
#include <stdlib.h>

#include "tap.h"

#define INPUT_BYTES_MAX 65536u

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
main(int arguments_count, char **arguments)
{
	static uint8_t bytes[INPUT_BYTES_MAX];

	for (int i = 1; i < arguments_count; i++) {
		FILE *file = fopen(arguments[i], "rb");
		size_t length;

		if (!tap_ok(file != NULL, "%s opens", arguments[i]))
			continue;
		length = fread(bytes, 1, sizeof(bytes), file);
		fclose(file);
		for (size_t cut = 0; cut <= length; cut++)
			LLVMFuzzerTestOneInput(bytes, cut);
		tap_ok(true, "%s, %zu octets, cut everywhere", arguments[i], length);
	}
	tap_ok(arguments_count > 1, "there is a corpus");
	return tap_done();
}
