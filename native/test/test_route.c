/* route.h against a linear search over random prefixes. */
#include "packet_builder.h"
#include "route.h"
#include "tap.h"

#define ROUTES_MAX 512u

static struct ks_route routes[ROUTES_MAX];
static struct ks_tables tables = {.routes = routes};
static uint32_t random_state = 3;

static uint32_t
next_random(void)
{
	random_state = random_state * 1664525u + 1013904223u;
	return random_state ^ random_state >> 15;
}

static uint32_t
mask_of(uint32_t length)
{
	return length == 0 ? 0 : UINT32_MAX << (32 - length);
}

/* Few distinct networks, so that prefixes nest. */
static void
fill(void)
{
	uint32_t count = 0;

	for (uint32_t length = 33; length-- > 0;) {
		tables.route_first[length] = count;
		for (uint32_t number = 0; number < 16 && length > 0; number++) {
			uint32_t network =
				(number << 28 | number << 20 | number << 4) & mask_of(length);
			uint32_t at = tables.route_first[length] + tables.route_count[length];

			if (at > tables.route_first[length] && routes[at - 1].network == network)
				continue;
			routes[at] = (struct ks_route){network, 0, (uint16_t)length};
			tables.route_count[length]++;
			tables.route_lengths |= UINT64_C(1) << length;
			count++;
		}
	}
}

static const struct ks_route *
find_slowly(uint32_t address)
{
	for (uint32_t length = 33; length-- > 0;) {
		for (uint32_t i = 0; i < tables.route_count[length]; i++) {
			const struct ks_route *route = &routes[tables.route_first[length] + i];

			if (route->network == (address & mask_of(length)))
				return route;
		}
	}
	return NULL;
}

int
main(void)
{
	uint32_t wrong = 0, unrouted = 0;

	tap_ok(ks_route_find(&tables, 0) == NULL, "no routes, no route");
	fill();
	for (uint32_t i = 0; i < 100000; i++) {
		uint32_t number = next_random() % 16;
		uint32_t address =
			(number << 28 | number << 20 | number << 4) ^ (1u << next_random() % 32);
		const struct ks_route *found = ks_route_find(&tables, rte_cpu_to_be_32(address));

		wrong += found != find_slowly(address);
	}
	tap_equal(wrong, 0, "the longest prefix, as a linear search finds it");

	memset(&tables.route_count, 0, sizeof(tables.route_count));
	tables.route_lengths = UINT64_C(1) << 32;
	routes[0] = (struct ks_route){IPV4(192, 0, 2, 1), 0, 3};
	tables.route_first[32] = 0;
	tables.route_count[32] = 1;
	for (uint32_t i = 0; i < 256; i++)
		unrouted += ks_route_find(&tables, rte_cpu_to_be_32(IPV4(192, 0, 2, i))) == NULL;
	tap_equal(unrouted, 255, "a host route is for one address");
	routes[1] = (struct ks_route){0, RTE_BE32(IPV4(192, 0, 2, 254)), 1};
	tables.route_first[0] = 1;
	tables.route_count[0] = 1;
	tables.route_lengths |= 1;
	tap_ok(ks_route_find(&tables, RTE_BE32(IPV4(8, 8, 8, 8))) == &routes[1], "default route");
	return tap_done();
}
