/*
 * The bijection between ports and positions: linear algebra over bits, once per RSS table. A linear
 * function of a port is a mask; its value is the parity of the bits under it.
 */
#include <string.h>

#include "port_group.h"

#define PORT_MIN 1024u

struct basis {
	uint16_t masks[KS_PORT_BITS]; /* position bit 15 first */
	uint32_t count;
	uint16_t reduced[KS_PORT_BITS]; /* by highest bit: for the test of independence */
};

/* Takes a function that those before do not determine. */
static void
offer(struct basis *basis, uint16_t mask)
{
	uint16_t rest = mask;

	while (rest != 0) {
		uint32_t highest = 31 - (uint32_t)__builtin_clz(rest);

		if (basis->reduced[highest] == 0) {
			basis->reduced[highest] = rest;
			basis->masks[basis->count++] = mask;
			return;
		}
		rest ^= basis->reduced[highest];
	}
}

static uint16_t
position_of(const struct basis *basis, uint16_t port)
{
	uint16_t position = 0;

	for (uint32_t i = 0; i < KS_PORT_BITS; i++)
		position = (uint16_t)(position << 1) |
			   (uint16_t)__builtin_parity(basis->masks[i] & port);
	return position;
}

/* Fills both directions: the bijection of single bits, then sums of those. */
static void
fill_tables(struct ks_port_groups *groups, const struct basis *basis)
{
	uint16_t images[KS_PORT_BITS], preimages[KS_PORT_BITS];

	for (uint32_t bit = 0; bit < KS_PORT_BITS; bit++) {
		images[bit] = position_of(basis, (uint16_t)(1u << bit));
		preimages[bit] = (uint16_t)(1u << bit);
	}
	/* Gauss and Jordan: images become single bits, preimages follow. */
	for (uint32_t bit = 0; bit < KS_PORT_BITS; bit++) {
		uint32_t pivot = bit;

		while ((images[pivot] >> bit & 1) == 0)
			pivot++;
		uint16_t image = images[pivot], preimage = preimages[pivot];

		images[pivot] = images[bit];
		preimages[pivot] = preimages[bit];
		images[bit] = image;
		preimages[bit] = preimage;
		for (uint32_t i = 0; i < KS_PORT_BITS; i++) {
			if (i != bit && (images[i] >> bit & 1) != 0) {
				images[i] ^= image;
				preimages[i] ^= preimage;
			}
		}
	}
	for (uint32_t half = 0; half < 2; half++) {
		for (uint32_t value = 1; value < 256; value++) {
			uint32_t bit = (uint32_t)__builtin_ctz(value) + (half == 0 ? 8 : 0);
			uint16_t *ports = groups->port_of[half];

			ports[value] = ports[value & (value - 1)] ^ preimages[bit];
			groups->position_of[half][value] =
				position_of(basis, (uint16_t)(half == 0 ? value << 8 : value));
		}
	}
}

static uint16_t
share_of(const uint16_t share_of_bit[KS_PORT_BITS], uint16_t port)
{
	uint16_t share = 0;

	for (uint32_t bit = 0; bit < KS_PORT_BITS; bit++)
		share ^= (port >> bit & 1) != 0 ? share_of_bit[bit] : 0;
	return share;
}

/* How many ports below 1024 every group begins with; 0 when groups differ. */
static uint16_t
first_rest(const struct ks_port_groups *groups)
{
	uint32_t group_bits = KS_PORT_BITS - groups->rest_bits;
	uint32_t first = PORT_MIN >> group_bits;

	for (uint32_t group = 0; group < 1u << group_bits; group++) {
		for (uint32_t rest = 0; rest < first; rest++) {
			uint16_t position = (uint16_t)(group << groups->rest_bits | rest);

			if (ks_port_at(groups, position) >= PORT_MIN)
				return 0;
		}
	}
	return (uint16_t)first;
}

void
ks_port_groups_init(struct ks_port_groups *groups, const uint16_t share_of_bit[KS_PORT_BITS],
	uint32_t shares_count)
{
	struct basis basis = {.count = 0};

	memset(groups, 0, sizeof(*groups));
	memset(groups->group_of, 0xff, sizeof(groups->group_of));
	for (uint32_t share = 1; share < shares_count; share *= 2) {
		uint16_t mask = 0;

		for (uint32_t bit = 0; bit < KS_PORT_BITS; bit++)
			mask |= (uint16_t)(((share_of_bit[bit] & share) != 0) << bit);
		offer(&basis, mask);
	}
	groups->rest_bits = (uint16_t)(KS_PORT_BITS - basis.count);
	/* The port's upper bits first, so that ports below 1024 come first. */
	for (uint32_t bit = KS_PORT_BITS; bit-- > 0;)
		offer(&basis, (uint16_t)(1u << bit));
	fill_tables(groups, &basis);
	for (uint32_t group = 0; group < 1u << (KS_PORT_BITS - groups->rest_bits); group++) {
		uint16_t port = ks_port_at(groups, (uint16_t)(group << groups->rest_bits));

		groups->group_of[share_of(share_of_bit, port)] = (uint16_t)group;
	}
	groups->first_rest = first_rest(groups);
}
