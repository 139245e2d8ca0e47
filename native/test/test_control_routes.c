/* Routes of both families: longest match of any length, gateways, connected routes, refusals. */
#include <stdlib.h>

#include "control_fixture.h"
#include "route.h"
#include "tap.h"

static const struct ks_route *
find(const char *address)
{
	return ks_route_find(control_publish(), ip_of(address));
}

static bool
leads_to(const char *address, uint16_t port, const char *gateway)
{
	const struct ks_route *route = find(address);

	if (route == NULL || route->port != port)
		return false;
	return gateway == NULL ? ks_ip_is_none(route->gateway)
			       : ks_ip_equal(route->gateway, ip_of(gateway));
}

static void
test_ipv4(void)
{
	struct ks_change longer = route_change(KS_ADD_ROUTE, "10.0.0.77/25", NULL);

	control_begin();
	snprintf(longer.device, sizeof(longer.device), "dpdk1");
	control_apply(address_change(KS_ADD_ADDRESS, "10.0.0.1/24"));
	control_apply(route_change(KS_ADD_ROUTE, "0.0.0.0/0", "10.0.0.254"));
	control_apply(longer);
	tap_ok(leads_to("10.0.0.200", 0, NULL), "a connected route");
	tap_ok(leads_to("10.0.0.100", 1, NULL), "a longer prefix wins, host bits cleared");
	tap_ok(leads_to("8.8.8.8", 0, "10.0.0.254"), "the default route");
	tap_ok(find("2001:db8::1") == NULL, "is not for IPv6");
	control_apply(route_change(KS_ADD_ROUTE, "10.0.0.0/24", "10.0.0.3"));
	tap_ok(leads_to("10.0.0.200", 0, "10.0.0.3"), "an added route before a connected one");
	tap_ok(control_apply(route_change(KS_ADD_ROUTE, "10.0.0.9/24", "10.0.0.4")) < 0 &&
			strstr(control.reason.text, "10.0.0.0/24") != NULL,
		"one route per destination: %s", control.reason.text);
	tap_ok(control_apply(route_change(KS_REMOVE_ROUTE, "10.0.0.0/24", "10.0.0.4")) < 0,
		"another gateway is another route");
	control_apply(route_change(KS_REMOVE_ROUTE, "10.0.0.0/24", "10.0.0.3"));
	control_apply(address_change(KS_REMOVE_ADDRESS, "10.0.0.1/24"));
	tap_ok(leads_to("10.0.0.200", 0, "10.0.0.254"), "its connected route goes with an address");
	control_end();
}

static void
test_ipv6(void)
{
	control_begin();
	control_apply(address_change(KS_ADD_ADDRESS, "2001:db8:1::1/64"));
	control_apply(address_change(KS_ADD_ADDRESS, "2001:db8:2::1/128"));
	control_apply(route_change(KS_ADD_ROUTE, "::/0", "fe80::1"));
	control_apply(route_change(KS_ADD_ROUTE, "2001:db8:1::7:0/112", "2001:db8:1::2"));
	tap_ok(leads_to("2001:db8:1::99", 0, NULL), "a connected route");
	tap_ok(leads_to("2001:db8:1::7:5", 0, "2001:db8:1::2"), "a longer prefix wins");
	tap_ok(leads_to("2001:db8:2::2", 0, "fe80::1"), "a whole address connects nothing");
	tap_ok(leads_to("2a00::1", 0, "fe80::1"), "the default route, by a link-local gateway");
	tap_ok(find("10.0.0.1") == NULL, "is not for IPv4");
	control_apply(route_change(KS_ADD_ROUTE, "0.0.0.0/0", "10.9.9.9"));
	tap_ok(leads_to("10.0.0.1", 0, "10.9.9.9"), "which has its own");
	control_apply(route_change(KS_REMOVE_ROUTE, "::/0", "fe80::1"));
	tap_ok(find("2a00::1") == NULL && leads_to("10.0.0.1", 0, "10.9.9.9"),
		"and they come and go each by itself");
	control_end();
}

static void
test_refusals(void)
{
	control_begin();
	tap_ok(control_apply(route_change(KS_ADD_ROUTE, "2001:db8::/32", "10.0.0.1")) < 0 &&
			strstr(control.reason.text, "2001:db8::/32 is IPv6") != NULL &&
			strstr(control.reason.text, "10.0.0.1 is IPv4") != NULL,
		"no gateway of another family: %s", control.reason.text);
	tap_ok(control_apply(route_change(KS_ADD_ROUTE, "0.0.0.0/0", "fe80::1")) < 0 &&
			strstr(control.reason.text, "0.0.0.0/0 is IPv4") != NULL,
		"nor the other way: %s", control.reason.text);
	tap_ok(control_apply(route_change(KS_ADD_ROUTE, "::/0", "ff02::1")) < 0,
		"no multicast gateway: %s", control.reason.text);
	tap_equal(control.routes.count, 0, "nothing was kept");
	tap_ok(control_apply(route_change(KS_REMOVE_ROUTE, "2001:db8::/32", NULL)) < 0 &&
			strstr(control.reason.text, "2001:db8::/32") != NULL,
		"what is not there is not removed: %s", control.reason.text);
	control_end();
}

static struct ks_change
owned(struct ks_change change, enum ks_owner owner)
{
	change.owner = owner;
	return change;
}

static void
test_virtual_routes(void)
{
	const struct ks_change add = route_change(KS_ADD_ROUTE, "10.5.0.0/16", "10.0.0.2");
	const struct ks_change remove = route_change(KS_REMOVE_ROUTE, "10.5.0.0/16", "10.0.0.2");
	const struct ks_change other = route_change(KS_ADD_ROUTE, "10.5.0.0/16", "10.0.0.3");

	control_begin();
	tap_equal((uint64_t)control_apply(owned(add, KS_OWNER_VRRP)), 0, "a route of VRRP");
	tap_equal((uint64_t)control_apply(owned(add, KS_OWNER_VRRP)), 0, "is found again");
	tap_ok(control_apply(owned(other, KS_OWNER_VRRP)) < 0, "but by no other gateway");
	tap_ok(control_apply(owned(add, KS_OWNER_CONFIG)) < 0, "nor by others");
	tap_ok(control_apply(owned(remove, KS_OWNER_OPERATOR)) < 0, "who cannot remove it: %s",
		control.reason.text);
	tap_equal((uint64_t)control_apply(owned(remove, KS_OWNER_VRRP)), 0, "VRRP can");
	control_apply(owned(add, KS_OWNER_CONFIG));
	tap_ok(control_apply(owned(remove, KS_OWNER_VRRP)) < 0, "nor does VRRP theirs: %s",
		control.reason.text);
	tap_equal((uint64_t)control_apply(owned(remove, KS_OWNER_OPERATOR)), 0,
		"an operator may remove what the file has added");
	control_end();
}

#define RANDOM_ROUTES 400u

static struct ks_prefix prefixes[RANDOM_ROUTES];

/* The plainest way: every route, bit by bit. */
static uint32_t
longest_match(struct ks_ip address)
{
	const uint8_t *wanted = (const uint8_t *)address.words;
	uint32_t best = RANDOM_ROUTES;

	for (uint32_t i = 0; i < RANDOM_ROUTES; i++) {
		const uint8_t *octets = (const uint8_t *)prefixes[i].address.words;
		uint32_t bit = 0;

		while (bit < prefixes[i].bits &&
			((wanted[bit / 8] ^ octets[bit / 8]) & (0x80u >> (bit % 8))) == 0)
			bit++;
		if (bit == prefixes[i].bits &&
			(best == RANDOM_ROUTES || prefixes[i].bits > prefixes[best].bits))
			best = i;
	}
	return best;
}

/* Few different octets, so that prefixes lie in each other. */
static struct ks_ip
random_address(bool is_v4)
{
	uint8_t octets[16] = {[10] = 0xff, [11] = 0xff};

	for (uint32_t i = is_v4 ? 12 : 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(0x20 + rand() % 2 * 0x81);
	return ks_ip_from_octets(octets);
}

/* Every length of both families, added and removed at random; each route has a gateway of its own.
 */
static void
test_every_length(void)
{
	bool is_right = true;
	uint32_t found_count = 0;

	control_begin();
	srand(3);
	for (uint32_t i = 0; i < RANDOM_ROUTES; i++) {
		bool is_v4 = i % 4 == 3;
		uint32_t shortest = is_v4 ? KS_IP_V4_BITS : 0;
		struct ks_change change = {.verb = KS_ADD_ROUTE, .address = random_address(is_v4)};

		change.prefix_bits = (uint8_t)(shortest + i / 2 % (KS_IP_BITS + 1 - shortest));
		change.gateway = is_v4 ? ks_ip_from_v4(rte_cpu_to_be_32(0x0a000000 + i))
				       : ip_of("2001:db8:ffff::");
		if (!is_v4)
			change.gateway.words[1] = i + 1;
		if (control_apply(change) != 0)
			continue;
		prefixes[i] = (struct ks_prefix){
			ks_ip_masked(change.address, change.prefix_bits), change.prefix_bits};
		found_count++;
	}
	tap_ok(found_count > RANDOM_ROUTES * 3 / 4, "%u routes of every length", found_count);

	const struct ks_tables *tables = control_publish();

	found_count = 0;
	for (uint32_t i = 0; i < 20000; i++) {
		struct ks_ip address = random_address(i % 2 == 0);
		const struct ks_route *route = ks_route_find(tables, address);
		uint32_t best = longest_match(address);

		if (best == RANDOM_ROUTES ||
			(ks_ip_is_v4(address) && prefixes[best].bits < KS_IP_V4_BITS)) {
			is_right &= route == NULL;
			continue;
		}
		is_right &= route != NULL && ks_ip_equal(route->network, prefixes[best].address) &&
			    (ks_ip_is_v4(address) ? ks_ip_v4(route->gateway) ==
							    rte_cpu_to_be_32(0x0a000000 + best)
						  : route->gateway.words[1] == best + 1);
		found_count += route != NULL;
	}
	tap_ok(is_right, "the longest match, as one that looks at every bit finds it");
	tap_ok(found_count > 5000, "%u of 20000 addresses have one", found_count);
	control_end();
}

int
main(void)
{
	test_ipv4();
	test_ipv6();
	test_refusals();
	test_virtual_routes();
	test_every_length();
	return tap_done();
}
