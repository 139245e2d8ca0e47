/* From changes to what workers read: addresses, leases, services, ids, retirement. */
#include <netinet/in.h>

#include "../control/lease.h"
#include "../control/servers.h"
#include "control_fixture.h"
#include "route.h"
#include "tap.h"

static struct ks_service_key
http(void)
{
	return (struct ks_service_key){
		.address = ip_of("10.0.0.10"), .port_be = RTE_BE16(80), .protocol = IPPROTO_TCP};
}

static struct ks_change
server_change(enum ks_verb verb, const char *address, uint16_t weight)
{
	return (struct ks_change){.verb = verb,
		.service = http(),
		.address = ip_of(address),
		.port_be = RTE_BE16(8080),
		.server_options = {.weight = weight}};
}

static struct ks_change
service_change(enum ks_verb verb)
{
	return (struct ks_change){.verb = verb, .service = http()};
}

static const struct ks_virtual_server *
find_http(const struct ks_tables *tables)
{
	const struct ks_service_key key = http();

	return ks_virtual_server_find(tables, key.address, key.port_be, key.protocol);
}

static void
test_empty(void)
{
	control_begin();
	const struct ks_tables *tables = control_publish();

	tap_ok(ks_address_find(tables, ip_of("10.0.0.1")) == NULL, "no address");
	tap_ok(ks_address_find(tables, ip_of("::1")) == NULL, "of either family");
	tap_ok(ks_route_find(tables, ip_of("10.0.0.1")) == NULL, "no route");
	tap_ok(ks_route_find(tables, ip_of("2001:db8::1")) == NULL, "of either family");
	tap_ok(find_http(tables) == NULL, "no service");
	tap_ok(!ks_nat_server_is_known(tables, ip_of("10.0.0.1"), 0, IPPROTO_TCP), "no NAT");
	tap_ok(control_publish() == tables, "nothing changed: nothing is published");
	control_end();
}

static void
test_addresses(const char *prefix, const char *same, const char *shorter)
{
	struct ks_prefix wanted = prefix_of(prefix);

	control_begin();
	control_apply(address_change(KS_ADD_ADDRESS, prefix));
	const struct ks_tables *tables = control_publish();
	const struct ks_local_address *address = ks_address_find(tables, wanted.address);
	uint32_t id = address != NULL ? address->id : 0;

	tap_ok(address != NULL && address->prefix_bits == wanted.bits && !address->is_source,
		"%s: an address", prefix);
	tap_ok(ks_address_is_held(tables, id, UINT64_MAX - 1), "held for ever");
	tap_ok(control_apply(address_change(KS_ADD_ADDRESS, prefix)) < 0 &&
			strstr(control.reason.text, same) != NULL,
		"once only: %s", control.reason.text);
	tap_ok(control_apply(address_change(KS_REMOVE_ADDRESS, shorter)) < 0,
		"%s is not removed in its place", shorter);
	control_apply(address_change(KS_REMOVE_ADDRESS, prefix));
	tap_ok(!ks_address_is_held(tables, id, 0), "removed: not held, also in the old tables");
	tap_ok(ks_address_find(control_publish(), wanted.address) == NULL,
		"and not found in the new");
	control_end();
}

static int
lease(const char *holder, const char *text, uint64_t now_tsc, uint64_t until_tsc)
{
	const struct ks_prefix prefix = prefix_of(text);
	const struct ks_lease_request request = {.holder = holder,
		.prefixes = &prefix,
		.count = 1,
		.now_tsc = now_tsc,
		.until_tsc = until_tsc};

	return ks_lease_take(&control.addresses, &request, &control.reason);
}

static bool
speaks_as(uint16_t port, enum ks_family family, const char *address)
{
	struct ks_ip own = control_publish()->port_addresses[port][family];

	return address == NULL ? ks_ip_is_none(own) : ks_ip_equal(own, ip_of(address));
}

static void
test_port_addresses(void)
{
	control_begin();
	tap_ok(speaks_as(0, KS_IPV4, NULL) && speaks_as(0, KS_IPV6, NULL),
		"a port without an address has none to speak with");
	control_apply(address_change(KS_ADD_ADDRESS, "fe80::1/64"));
	tap_ok(speaks_as(0, KS_IPV6, "fe80::1"), "a link-local one");
	lease("VI_1", "2001:db8::100", 0, 1000);
	tap_ok(speaks_as(0, KS_IPV6, "2001:db8::100"), "gives way to one that is known afar");
	control_apply(address_change(KS_ADD_ADDRESS, "2001:db8::1/64"));
	tap_ok(speaks_as(0, KS_IPV6, "2001:db8::1"), "and what is leased to what stays");
	tap_ok(speaks_as(0, KS_IPV4, NULL) && speaks_as(1, KS_IPV6, NULL),
		"each family and port for itself");
	control_apply(address_change(KS_REMOVE_ADDRESS, "2001:db8::1/64"));
	tap_ok(speaks_as(0, KS_IPV6, "2001:db8::100"), "removed: another one");
	control_end();
}

static void
test_impossible_addresses(void)
{
	static const char *const texts[] = {
		"0.0.0.0", "127.0.0.1", "224.0.0.18", "255.255.255.255", "::", "::1", "ff02::1"};

	control_begin();
	for (uint32_t i = 0; i < RTE_DIM(texts); i++) {
		const struct ks_prefix prefix = {ip_of(texts[i]), KS_IP_BITS};
		const struct ks_lease_request request = {
			.holder = "VI_1", .prefixes = &prefix, .count = 1, .until_tsc = 1};
		struct ks_change service = {.verb = KS_ADD_SERVICE,
			.service = {.address = prefix.address, .protocol = IPPROTO_TCP}};

		tap_ok(control_apply(address_change(KS_ADD_ADDRESS, texts[i])) < 0 &&
				strstr(control.reason.text, texts[i]) != NULL,
			"no address: %s", control.reason.text);
		tap_ok(ks_lease_take(&control.addresses, &request, &control.reason) < 0,
			"no lease");
		tap_ok(control_apply(service) < 0, "no service");
	}
	tap_equal(control.addresses.count, 0, "and none of them takes room");
	control_end();
}

static int
release(const char *holder, const char *text)
{
	const struct ks_prefix prefix = prefix_of(text);

	return ks_lease_release(&control.addresses, holder, &prefix, 1, &control.reason);
}

static void
test_leases(const char *text)
{
	struct ks_ip vip = ip_of(text);

	control_begin();
	tap_equal((uint64_t)lease("VI_1", text, 0, 1000), 0, text);
	const struct ks_tables *tables = control_publish();
	const struct ks_local_address *address = ks_address_find(tables, vip);

	tap_ok(ks_address_is_held(tables, address->id, 999), "held before its end");
	tap_ok(!ks_address_is_held(tables, address->id, 1000), "not held at its end");
	lease("VI_1", text, 900, 2000);
	tap_ok(control_publish() == tables, "a renewal publishes nothing");
	tap_ok(ks_address_is_held(tables, address->id, 1999), "and workers see it at once");
	tap_ok(lease("VI_2", text, 900, 3000) < 0, "one holder at a time");
	tap_ok(strstr(control.reason.text, "VI_1") != NULL, "who is named");
	tap_ok(control_apply(address_change(KS_ADD_ADDRESS, text)) < 0,
		"a leased address cannot be added");
	ks_lease_expire(&control.addresses, 1999);
	tap_ok(control_publish() == tables, "nothing expires early");
	ks_lease_expire(&control.addresses, 2000);
	tap_ok(ks_address_find(control_publish(), vip) == NULL, "an expired lease is gone");
	tap_equal((uint64_t)lease("VI_2", text, 2000, UINT64_MAX), 0, "free for another holder");
	tap_ok(release("VI_1", text) < 0, "only the holder releases");
	tap_equal((uint64_t)release("VI_2", text), 0, "the holder does");
	tap_ok(!ks_address_is_held(tables, address->id, 0), "released: not held");
	control_apply(address_change(KS_ADD_ADDRESS, text));
	tap_ok(lease("VI_1", text, 0, 1000) < 0, "an added address cannot be leased");
	control_end();
}

static struct ks_change
local_change(enum ks_verb verb, const char *address, bool is_leased)
{
	return (struct ks_change){
		.verb = verb, .service = http(), .address = ip_of(address), .is_leased = is_leased};
}

static bool
is_held(const char *address)
{
	const struct ks_tables *tables = control_publish();
	const struct ks_local_address *found = ks_address_find(tables, ip_of(address));

	return found != NULL && found->is_source && ks_address_is_held(tables, found->id, 0);
}

/* Local addresses that follow an instance: sources all along, there while it leases them. */
static void
test_followers(const char *text)
{
	control_begin();
	control_apply(service_change(KS_ADD_SERVICE));
	tap_equal((uint64_t)control_apply(local_change(KS_ADD_LOCAL_ADDRESS, text, true)), 0, text);
	tap_ok(!is_held(text), "nobody leases it: a source that is not held");
	tap_ok(speaks_as(0, ks_ip_family(ip_of(text)), NULL), "nor does its port speak with it");
	tap_equal((uint64_t)lease("VI_1", text, 0, 1000), 0, "it can be leased");
	tap_ok(is_held(text), "and is held then");
	release("VI_1", text);
	tap_ok(!is_held(text), "released: no longer");

	/* A reload that makes it fixed may come between two renewals. */
	lease("VI_1", text, 0, 1000);
	control_apply(local_change(KS_REMOVE_LOCAL_ADDRESS, text, false));
	tap_equal((uint64_t)control_apply(local_change(KS_ADD_LOCAL_ADDRESS, text, false)), 0,
		"made a fixed one while it is leased");
	tap_equal((uint64_t)lease("VI_1", text, 0, 2000), 0, "the lease goes on meanwhile");
	release("VI_1", text);
	tap_ok(is_held(text), "and ends without it");
	tap_ok(lease("VI_1", text, 0, 3000) < 0, "a fixed one is not leased anew: %s",
		control.reason.text);
	control_apply(local_change(KS_REMOVE_LOCAL_ADDRESS, text, false));

	lease("VI_1", text, 0, 1000);
	tap_ok(control_apply(local_change(KS_ADD_LOCAL_ADDRESS, text, false)) < 0,
		"a virtual address is no fixed local address: %s", control.reason.text);
	control_end();
}

static void
test_services(void)
{
	const struct ks_virtual_server *first, *second;

	control_begin();
	tap_ok(control_apply(server_change(KS_ADD_SERVER, "10.0.1.1", 4)) < 0,
		"no server without its service");
	control_apply(service_change(KS_ADD_SERVICE));
	control_apply(server_change(KS_ADD_SERVER, "10.0.1.1", 4));
	control_apply(server_change(KS_ADD_SERVER, "10.0.1.2", 6));
	control_apply(server_change(KS_ADD_SERVER, "2001:db8:1::3", 0));
	control_apply((struct ks_change){.verb = KS_ADD_LOCAL_ADDRESS,
		.service = http(),
		.address = ip_of("10.0.1.200"),
		.device = "dpdk1"});
	first = find_http(control_publish());
	tap_ok(first != NULL && first->servers_count == 3 && first->sources_count[KS_IPV4] == 1 &&
			first->sources_count[KS_IPV6] == 0,
		"a service with its servers and its source address");
	tap_ok(first->weight_max == 6 && first->weight_gcd == 2, "and what wrr needs");
	tap_ok(ks_ip_equal(first->servers[2].address, ip_of("2001:db8:1::3")),
		"one of another family");
	const struct ks_local_address *source =
		ks_address_find(control_publish(), ip_of("10.0.1.200"));
	tap_ok(source != NULL && source->is_source && source->port == 1 &&
			source->id == first->sources[KS_IPV4][0].id,
		"a local address is an address, too");

	uint32_t id = first->servers[1].id;

	control_apply(server_change(KS_ALTER_SERVER, "10.0.1.2", 8));
	second = find_http(control_publish());
	tap_ok(second != first && second->servers[1].options.weight == 8 &&
			first->servers[1].options.weight == 6,
		"a change makes a new copy");
	tap_equal(second->servers[1].id, id, "of the same server");
	control_apply(service_change(KS_REMOVE_SERVICE));
	tap_ok(find_http(control_publish()) == NULL, "removed with all it had");
	tap_ok(ks_address_find(control_publish(), ip_of("10.0.1.200")) == NULL, "the source, too");
	control_end();
}

static void
test_server_ids(void)
{
	const struct ks_service_entry *service;
	const struct ks_tables *tables;
	uint32_t id;

	control_begin();
	control_apply(service_change(KS_ADD_SERVICE));
	control_apply(server_change(KS_ADD_SERVER, "10.0.1.1", 1));
	tables = control_publish();
	service = control.services.entries[0];
	id = find_http(tables)->servers[0].id;
	tap_ok(ks_server_is_available(tables, id), "available");

	control.counted = (struct ks_traffic){.connections = 10, .active = 1, .in_packets = 50};
	control_apply(server_change(KS_REMOVE_SERVER, "10.0.1.1", 1));
	tap_ok(!ks_server_is_available(tables, id), "removed: its connections end");
	tap_equal(ks_service_traffic(&control.services, service).in_packets, 50,
		"the service keeps what it counted");
	control_publish();
	ks_services_reap(&control.services);
	control_apply(server_change(KS_ADD_SERVER, "10.0.1.1", 1));
	tables = control_publish();
	tap_equal(find_http(tables)->servers[0].id, id, "added while used: the same id");
	tap_ok(ks_server_is_available(tables, id), "and its connections go on");
	control.counted.in_packets = 60;
	tap_equal(ks_service_traffic(&control.services, service).in_packets, 60,
		"nothing is counted twice");

	control_apply(server_change(KS_REMOVE_SERVER, "10.0.1.1", 1));
	control_apply(server_change(KS_ADD_SERVER, "10.0.1.2", 1));
	tap_ok(find_http(control_publish())->servers[0].id != id, "another server has another id");
	control.counted.active = 0;
	ks_services_reap(&control.services);
	control_apply(server_change(KS_ADD_SERVER, "10.0.1.3", 1));
	tap_equal(find_http(control_publish())->servers[1].id, id,
		"no connection left: the id is reused");
	tap_equal(ks_server_traffic(&control.services, &service->servers[1]).in_packets, 0,
		"and counts from zero");
	control_end();
}

static void
test_retirement(void)
{
	control_begin();
	rte_rcu_qsbr_quiescent(control.publisher.qsbr, CONTROL_READER);
	tap_ok(ks_publisher_reclaim(&control.publisher), "nothing to wait for");
	control_apply(service_change(KS_ADD_SERVICE));
	control_publish();
	tap_ok(!ks_publisher_reclaim(&control.publisher), "a worker may still read the old tables");
	tap_ok(control.publisher.retired_count != 0, "so they stay");
	rte_rcu_qsbr_quiescent(control.publisher.qsbr, CONTROL_READER);
	tap_ok(ks_publisher_reclaim(&control.publisher), "it has passed");
	tap_equal(control.publisher.retired_count, 0, "so they are freed");
	control_end();
}

int
main(void)
{
	test_empty();
	test_addresses("10.0.0.1/24", "10.0.0.1", "10.0.0.1/16");
	test_addresses("2001:db8::1/64", "2001:db8::1", "2001:db8::1/48");
	test_port_addresses();
	test_impossible_addresses();
	test_leases("10.0.0.100");
	test_leases("2001:db8::100");
	test_followers("10.0.2.1");
	test_followers("2001:db8:2::1");
	test_services();
	test_server_ids();
	test_retirement();
	return tap_done();
}
