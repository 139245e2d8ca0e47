/* From changes to what workers read: addresses, leases, routes, services, ids, retirement. */
#include <stdlib.h>

#include <netinet/in.h>

#include "../control/change.h"
#include "../control/lease.h"
#include "../control/reason.h"
#include "../control/servers.h"
#include "../control/tables.h"
#include "packet_builder.h"
#include "route.h"
#include "tap.h"

#define READER 0u
#define ADDRESS(a, b, c, d) rte_cpu_to_be_32(IPV4(a, b, c, d))

static struct {
	struct ks_ports ports;
	struct ks_addresses addresses;
	struct ks_routes routes;
	struct ks_services services;
	struct ks_publisher publisher;
	struct ks_state state;
	struct ks_traffic counted; /* what workers count for every server */
	struct ks_reason reason;
} control;

static const struct ks_service_key http = {
	.address_be = RTE_BE32(0x0a00000a), .port_be = RTE_BE16(80), .protocol = IPPROTO_TCP};

static void
read_counted(void *context, uint32_t server_id, struct ks_traffic *traffic)
{
	(void)context;
	(void)server_id;
	*traffic = control.counted;
}

static void
begin(void)
{
	size_t bytes = rte_rcu_qsbr_get_memsize(1);
	struct rte_rcu_qsbr *qsbr = aligned_alloc(64, RTE_ALIGN(bytes, 64));

	memset(&control, 0, sizeof(control));
	rte_rcu_qsbr_init(qsbr, 1);
	rte_rcu_qsbr_thread_register(qsbr, READER);
	rte_rcu_qsbr_thread_online(qsbr, READER);
	for (uint32_t i = 0; i < 2; i++)
		snprintf(control.ports.ports[control.ports.count++].name, KS_NAME_BYTES, "dpdk%u",
			i);
	ks_addresses_init(&control.addresses);
	ks_services_init(&control.services, &control.addresses, read_counted, NULL);
	ks_publisher_init(
		&control.publisher, qsbr, &control.addresses, &control.routes, &control.services);
	control.state = (struct ks_state){
		&control.ports, &control.addresses, &control.routes, &control.services};
}

static void
end(void)
{
	free(control.publisher.qsbr);
	ks_publisher_free(&control.publisher);
	ks_services_free(&control.services);
	ks_routes_free(&control.routes);
	ks_addresses_free(&control.addresses);
}

static int
apply(struct ks_change change)
{
	if (change.device[0] == '\0')
		snprintf(change.device, sizeof(change.device), "dpdk0");
	return ks_change_apply(&control.state, &change, &control.reason);
}

static const struct ks_tables *
publish(void)
{
	ks_publisher_publish(&control.publisher);
	return atomic_load(&control.publisher.published);
}

static struct ks_change
server_change(enum ks_verb verb, uint32_t last_octet, uint16_t weight)
{
	return (struct ks_change){.verb = verb,
		.service = http,
		.address_be = ADDRESS(10, 0, 1, last_octet),
		.port_be = RTE_BE16(8080),
		.weight = weight};
}

static const struct ks_virtual_server *
find_http(const struct ks_tables *tables)
{
	return ks_virtual_server_find(tables, http.address_be, http.port_be, http.protocol);
}

static void
test_empty(void)
{
	begin();
	const struct ks_tables *tables = publish();

	tap_ok(ks_address_find(tables, ADDRESS(10, 0, 0, 1)) == NULL, "no address");
	tap_ok(ks_route_find(tables, ADDRESS(10, 0, 0, 1)) == NULL, "no route");
	tap_ok(find_http(tables) == NULL, "no service");
	tap_ok(publish() == tables, "nothing changed: nothing is published");
	end();
}

static void
test_addresses_and_routes(void)
{
	const struct ks_route *route;

	begin();
	apply((struct ks_change){
		.verb = KS_ADD_ADDRESS, .address_be = ADDRESS(10, 0, 0, 1), .prefix_length = 24});
	apply((struct ks_change){.verb = KS_ADD_ROUTE, .gateway_be = ADDRESS(10, 0, 0, 254)});
	apply((struct ks_change){.verb = KS_ADD_ROUTE,
		.address_be = ADDRESS(10, 0, 0, 77),
		.prefix_length = 25,
		.device = "dpdk1"});
	const struct ks_tables *tables = publish();
	const struct ks_local_address *address = ks_address_find(tables, ADDRESS(10, 0, 0, 1));

	tap_ok(address != NULL && address->prefix_length == 24 && !address->is_source,
		"an address");
	tap_ok(ks_address_is_held(tables, address->id, UINT64_MAX - 1), "held for ever");
	route = ks_route_find(tables, ADDRESS(10, 0, 0, 200));
	tap_ok(route != NULL && route->gateway_be == 0 && route->port == 0, "its connected route");
	route = ks_route_find(tables, ADDRESS(10, 0, 0, 100));
	tap_ok(route != NULL && route->port == 1, "a longer prefix wins, host bits cleared");
	route = ks_route_find(tables, ADDRESS(8, 8, 8, 8));
	tap_ok(route != NULL && route->gateway_be == ADDRESS(10, 0, 0, 254), "the default route");
	tap_ok(apply((struct ks_change){.verb = KS_ADD_ADDRESS,
		       .address_be = ADDRESS(10, 0, 0, 1),
		       .prefix_length = 24}) < 0,
		"an address exists once");
	tap_ok(apply((struct ks_change){
		       .verb = KS_REMOVE_ROUTE, .gateway_be = ADDRESS(10, 0, 0, 253)}) < 0,
		"a route through another gateway is another route");

	uint32_t id = address->id;

	apply((struct ks_change){.verb = KS_REMOVE_ADDRESS,
		.address_be = ADDRESS(10, 0, 0, 1),
		.prefix_length = 24});
	tap_ok(!ks_address_is_held(tables, id, 0), "removed: not held, also in the old tables");
	tables = publish();
	tap_ok(ks_address_find(tables, ADDRESS(10, 0, 0, 1)) == NULL, "and not found in the new");
	route = ks_route_find(tables, ADDRESS(10, 0, 0, 200));
	tap_ok(route != NULL && route->gateway_be != 0, "its connected route went with it");
	end();
}

static int
lease(const char *holder, uint32_t last_octet, uint64_t now_tsc, uint64_t until_tsc)
{
	const struct ks_prefix prefix = {ADDRESS(10, 0, 0, last_octet), 32};
	const struct ks_lease_request request = {.holder = holder,
		.prefixes = &prefix,
		.count = 1,
		.now_tsc = now_tsc,
		.until_tsc = until_tsc};

	return ks_lease_take(&control.addresses, &request, &control.reason);
}

static void
test_leases(void)
{
	const struct ks_prefix prefix = {ADDRESS(10, 0, 0, 100), 32};

	begin();
	tap_equal((uint64_t)lease("VI_1", 100, 0, 1000), 0, "a lease");
	const struct ks_tables *tables = publish();
	const struct ks_local_address *address = ks_address_find(tables, prefix.address_be);

	tap_ok(ks_address_is_held(tables, address->id, 999), "held before its end");
	tap_ok(!ks_address_is_held(tables, address->id, 1000), "not held at its end");
	lease("VI_1", 100, 900, 2000);
	tap_ok(publish() == tables, "a renewal publishes nothing");
	tap_ok(ks_address_is_held(tables, address->id, 1999), "and workers see it at once");
	tap_ok(lease("VI_2", 100, 900, 3000) < 0, "one holder at a time");
	tap_ok(strstr(control.reason.text, "VI_1") != NULL, "who is named");
	tap_ok(apply((struct ks_change){.verb = KS_ADD_ADDRESS,
		       .address_be = prefix.address_be,
		       .prefix_length = 32}) < 0,
		"a leased address cannot be added");
	ks_lease_expire(&control.addresses, 1999);
	tap_ok(publish() == tables, "nothing expires early");
	ks_lease_expire(&control.addresses, 2000);
	tap_ok(ks_address_find(publish(), prefix.address_be) == NULL, "an expired lease is gone");
	tap_equal((uint64_t)lease("VI_2", 100, 2000, UINT64_MAX), 0, "free for another holder");
	tap_ok(ks_lease_release(&control.addresses, "VI_1", &prefix, 1, &control.reason) < 0,
		"only the holder releases");
	tap_equal(
		(uint64_t)ks_lease_release(&control.addresses, "VI_2", &prefix, 1, &control.reason),
		0, "the holder does");
	tap_ok(!ks_address_is_held(tables, address->id, 0), "released: not held");
	apply((struct ks_change){
		.verb = KS_ADD_ADDRESS, .address_be = prefix.address_be, .prefix_length = 32});
	tap_ok(lease("VI_1", 100, 0, 1000) < 0, "an added address cannot be leased");
	end();
}

static void
test_services(void)
{
	const struct ks_virtual_server *first, *second;

	begin();
	tap_ok(apply(server_change(KS_ADD_SERVER, 1, 4)) < 0, "no server without its service");
	apply((struct ks_change){.verb = KS_ADD_SERVICE, .service = http});
	apply(server_change(KS_ADD_SERVER, 1, 4));
	apply(server_change(KS_ADD_SERVER, 2, 6));
	apply(server_change(KS_ADD_SERVER, 3, 0));
	apply((struct ks_change){.verb = KS_ADD_LOCAL_ADDRESS,
		.service = http,
		.address_be = ADDRESS(10, 0, 1, 200),
		.device = "dpdk1"});
	first = find_http(publish());
	tap_ok(first != NULL && first->servers_count == 3 && first->sources_count == 1,
		"a service with its servers and its source address");
	tap_ok(first->weight_max == 6 && first->weight_gcd == 2, "and what wrr needs");
	const struct ks_local_address *source = ks_address_find(publish(), ADDRESS(10, 0, 1, 200));
	tap_ok(source != NULL && source->is_source && source->port == 1 &&
			source->id == first->sources[0].id,
		"a local address is an address, too");

	uint32_t id = first->servers[1].id;

	apply(server_change(KS_ALTER_SERVER, 2, 8));
	second = find_http(publish());
	tap_ok(second != first && second->servers[1].weight == 8 && first->servers[1].weight == 6,
		"a change makes a new copy");
	tap_equal(second->servers[1].id, id, "of the same server");
	apply((struct ks_change){.verb = KS_REMOVE_SERVICE, .service = http});
	tap_ok(find_http(publish()) == NULL, "removed with all it had");
	tap_ok(ks_address_find(publish(), ADDRESS(10, 0, 1, 200)) == NULL, "the source, too");
	end();
}

static void
test_server_ids(void)
{
	const struct ks_tables *tables;
	uint32_t id;

	begin();
	apply((struct ks_change){.verb = KS_ADD_SERVICE, .service = http});
	apply(server_change(KS_ADD_SERVER, 1, 1));
	tables = publish();
	id = find_http(tables)->servers[0].id;
	tap_ok(ks_server_is_available(tables, id), "available");

	control.counted = (struct ks_traffic){.connections = 10, .active = 1, .in_packets = 50};
	apply(server_change(KS_REMOVE_SERVER, 1, 1));
	tap_ok(!ks_server_is_available(tables, id), "removed: its connections end");
	tap_equal(ks_service_traffic(&control.services, control.services.entries[0]).in_packets, 50,
		"the service keeps what it counted");
	publish();
	ks_services_reap(&control.services);
	apply(server_change(KS_ADD_SERVER, 1, 1));
	tables = publish();
	tap_equal(find_http(tables)->servers[0].id, id, "added while used: the same id");
	tap_ok(ks_server_is_available(tables, id), "and its connections go on");
	control.counted.in_packets = 60;
	tap_equal(ks_service_traffic(&control.services, control.services.entries[0]).in_packets, 60,
		"nothing is counted twice");

	apply(server_change(KS_REMOVE_SERVER, 1, 1));
	apply(server_change(KS_ADD_SERVER, 2, 1));
	tap_ok(find_http(publish())->servers[0].id != id, "another server has another id");
	control.counted.active = 0;
	ks_services_reap(&control.services);
	apply(server_change(KS_ADD_SERVER, 3, 1));
	tap_equal(find_http(publish())->servers[1].id, id, "no connection left: the id is reused");
	tap_equal(ks_server_traffic(&control.services, &control.services.entries[0]->servers[1])
			  .in_packets,
		0, "and counts from zero");
	end();
}

static void
test_retirement(void)
{
	begin();
	rte_rcu_qsbr_quiescent(control.publisher.qsbr, READER);
	tap_ok(ks_publisher_reclaim(&control.publisher), "nothing to wait for");
	apply((struct ks_change){.verb = KS_ADD_SERVICE, .service = http});
	publish();
	tap_ok(!ks_publisher_reclaim(&control.publisher), "a worker may still read the old tables");
	tap_ok(control.publisher.retired_count != 0, "so they stay");
	rte_rcu_qsbr_quiescent(control.publisher.qsbr, READER);
	tap_ok(ks_publisher_reclaim(&control.publisher), "it has passed");
	tap_equal(control.publisher.retired_count, 0, "so they are freed");
	end();
}

int
main(void)
{
	test_empty();
	test_addresses_and_routes();
	test_leases();
	test_services();
	test_server_ids();
	test_retirement();
	return tap_done();
}
