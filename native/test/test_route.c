/* route.h against a linear search over random prefixes. */
#include <stdlib.h>

#include "packet_builder.h"
#include "route.h"
#include "tap.h"

#define ROUTES_MAX 8192u

static struct ks_route routes[ROUTES_MAX];
static struct ks_tables tables = {.routes = routes};
static uint32_t random_state = 3;

static uint32_t
next_random(void)
{
	random_state = random_state * 1664525u + 1013904223u;
	return random_state ^ random_state >> 15;
}

/* Few distinct addresses, so that prefixes of either family nest. */
static struct ks_ip
address_of(uint32_t number, bool is_v4)
{
	uint64_t word = (uint64_t)number << 60 | (uint64_t)number << 44 | (uint64_t)number << 20;

	if (is_v4)
		return ks_ip_from_v4(rte_cpu_to_be_32(number << 28 | number << 20 | number << 4));
	return (struct ks_ip){{rte_cpu_to_be_64(UINT64_C(0x2000000000000000) | word >> 4),
		rte_cpu_to_be_64(word)}};
}

static struct ks_ip
flipped(struct ks_ip address, uint32_t bit)
{
	uint8_t octets[16];

	memcpy(octets, address.words, sizeof(octets));
	octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
	return ks_ip_from_octets(octets);
}

static bool
bit_of(struct ks_ip address, uint32_t bit)
{
	return (((const uint8_t *)address.words)[bit / 8] << bit % 8 & 0x80) != 0;
}

/* In the order that the tables have; longer prefixes first, networks sorted. */
static int
compare_routes(const void *left, const void *right)
{
	return ks_ip_compare(((const struct ks_route *)left)->network,
		((const struct ks_route *)right)->network);
}

static void
fill(void)
{
	uint32_t count = 0;

	for (uint32_t length = KS_IP_BITS + 1; length-- > 0;) {
		struct ks_route *first = &routes[count];

		tables.route_first[length] = count;
		for (uint32_t number = 0; number < 32; number++) {
			bool is_v4 = number >= 16;
			struct ks_route route = {
				.network = ks_ip_masked(address_of(number % 16, is_v4), length),
				.port = (uint16_t)length};
			bool is_known = is_v4 && length < KS_IP_V4_BITS;

			for (const struct ks_route *other = first; other < &routes[count]; other++)
				is_known |= ks_ip_equal(other->network, route.network);
			if (!is_known)
				routes[count++] = route;
		}
		tables.route_count[length] = (uint32_t)(&routes[count] - first);
		tables.route_lengths[length / 64] |= UINT64_C(1) << length % 64;
		qsort(first, tables.route_count[length], sizeof(*first), compare_routes);
	}
}

/* The first that fits: routes fall in length. Of IPv6, none fits an IPv4 address. */
static const struct ks_route *
find_slowly(struct ks_ip address)
{
	for (uint32_t length = KS_IP_BITS + 1; length-- > 0;) {
		if (ks_ip_is_v4(address) && length < KS_IP_V4_BITS)
			return NULL;
		for (uint32_t i = 0; i < tables.route_count[length]; i++) {
			const struct ks_route *route = &routes[tables.route_first[length] + i];
			uint32_t same = 0;

			while (same < length &&
				bit_of(address, same) == bit_of(route->network, same))
				same++;
			if (same == length)
				return route;
		}
	}
	return NULL;
}

static void
test_longest(void)
{
	uint32_t wrong = 0, found_count = 0;

	for (uint32_t i = 0; i < 20000; i++) {
		bool is_v4 = i % 2 != 0;
		uint32_t bit = is_v4 ? 96 + next_random() % 32 : next_random() % 128;
		struct ks_ip address = flipped(address_of(next_random() % 16, is_v4), bit);
		const struct ks_route *found;

		if (!is_v4 && ks_ip_is_v4(address))
			continue;
		found = ks_route_find(&tables, address);
		found_count += found != NULL;
		wrong += found != find_slowly(address);
	}
	tap_equal(wrong, 0, "the longest prefix of 0 to 128, as a linear search finds it");
	tap_ok(found_count > 19000, "nearly all have one");
}

static void
test_host_and_default(void)
{
	const struct ks_ip host = ks_ip_from_v4(RTE_BE32(IPV4(192, 0, 2, 1)));
	uint32_t unrouted = 0;

	memset(&tables, 0, sizeof(tables));
	tables.routes = routes;
	routes[0] = (struct ks_route){.network = host, .port = 3};
	tables.route_count[KS_IP_BITS] = 1;
	tables.route_lengths[2] = 1;
	for (uint32_t i = 0; i < 256; i++)
		unrouted += ks_route_find(&tables,
				    ks_ip_from_v4(rte_cpu_to_be_32(IPV4(192, 0, 2, i)))) == NULL;
	tap_equal(unrouted, 255, "a host route is for one address");
	routes[1] = (struct ks_route){.port = 1};
	tables.route_first[0] = 1;
	tables.route_count[0] = 1;
	tables.route_lengths[0] = 1;
	tap_ok(ks_route_find(&tables, address_of(3, false)) == &routes[1], "IPv6 by default");
	tap_ok(ks_route_find(&tables, address_of(3, true)) == NULL,
		"the default route of IPv6 is none for IPv4");
	routes[2] = (struct ks_route){.network = ks_ip_masked(host, KS_IP_V4_BITS), .port = 2};
	tables.route_first[KS_IP_V4_BITS] = 2;
	tables.route_count[KS_IP_V4_BITS] = 1;
	tables.route_lengths[1] = UINT64_C(1) << 32;
	tap_ok(ks_route_find(&tables, address_of(3, true)) == &routes[2], "IPv4 by default");
}

int
main(void)
{
	tap_ok(ks_route_find(&tables, address_of(1, true)) == NULL, "no routes, no route");
	fill();
	test_longest();
	test_host_and_default();
	return tap_done();
}
