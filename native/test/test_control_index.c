/* control/index.c against an array that is searched from end to end. */
#include <stdlib.h>

#include "../control/index.h"
#include "tap.h"

#define KEYS 300u
#define STEPS 20000u

int
main(void)
{
	struct ks_index index = {0};
	uint32_t expected[KEYS];
	bool is_right = true;

	for (uint32_t key = 0; key < KEYS; key++)
		expected[key] = KS_INDEX_NONE;
	tap_equal(ks_index_find(&index, 7), KS_INDEX_NONE, "an empty index finds nothing");
	ks_index_remove(&index, 7);
	srand(1);
	for (uint32_t step = 0; step < STEPS; step++) {
		uint32_t key = (uint32_t)rand() % KEYS;
		/* Far apart in value, close in the upper half that is hashed. */
		uint64_t spread = (uint64_t)key << 40;

		if (expected[key] == KS_INDEX_NONE) {
			ks_index_add(&index, spread, step);
			expected[key] = step;
		} else {
			ks_index_remove(&index, spread);
			expected[key] = KS_INDEX_NONE;
		}
		for (uint32_t other = 0; other < KEYS; other += 17)
			is_right &= ks_index_find(&index, (uint64_t)other << 40) == expected[other];
	}
	tap_ok(is_right, "finds what was added and nothing that was removed");
	ks_index_free(&index);
	tap_equal(index.size, 0, "gives its memory back");
	return tap_done();
}
