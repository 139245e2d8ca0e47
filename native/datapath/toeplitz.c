/*
 * The tables of the Toeplitz hash: bit b of input octet i adds the 32 bits of the key that begin
 * at bit 8i + b, counted from the most significant.
 */
#include "toeplitz.h"

static uint32_t
key_window(const uint8_t *key, uint32_t first_bit)
{
	uint64_t window = 0;

	for (uint32_t i = 0; i < 5; i++)
		window = window << 8 | key[first_bit / 8 + i];
	return (uint32_t)(window >> (8 - first_bit % 8));
}

void
ks_toeplitz_init(struct ks_toeplitz *toeplitz, const uint8_t key[KS_TOEPLITZ_KEY_BYTES])
{
	for (uint32_t i = 0; i < KS_TOEPLITZ_INPUT_BYTES; i++) {
		uint32_t *words = toeplitz->words[i];

		words[0] = 0;
		for (uint32_t value = 1; value < 256; value++) {
			uint32_t lowest = (uint32_t)__builtin_ctz(value);

			words[value] =
				words[value & (value - 1)] ^ key_window(key, 8 * i + 7 - lowest);
		}
	}
}
