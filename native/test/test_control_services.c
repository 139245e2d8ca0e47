/*
 * Services of every kind as workers see them: options, servers by NAT, services by match and their
 * addresses for SNAT, families that do not fit.
 */
#include <netinet/in.h>

#include "../control/servers.h"
#include "control_fixture.h"
#include "tap.h"
#include "tcp_state.h"

static struct ks_service_key
key_of(const char *address, uint16_t port, uint8_t protocol)
{
	return (struct ks_service_key){
		.address = ip_of(address), .port_be = rte_cpu_to_be_16(port), .protocol = protocol};
}

/* The match of a network 2001:db8:<last>::/48. */
static struct ks_change
match_change(enum ks_verb verb, uint8_t last)
{
	struct ks_change change = {.verb = verb,
		.service = {.protocol = IPPROTO_TCP,
			.is_match = true,
			.match = {.source_first = ip_of("2001:db8::"),
				.source_last = ip_of("2001:db8::ffff:ffff:ffff:ffff"),
				.is_ipv6 = true}}};

	((uint8_t *)change.service.match.source_first.words)[5] = last;
	((uint8_t *)change.service.match.source_last.words)[5] = last;
	return change;
}

static struct ks_change
add_server(struct ks_service_key key, const char *address, uint16_t port, uint8_t forwarding)
{
	return (struct ks_change){.verb = KS_ADD_SERVER,
		.service = key,
		.address = ip_of(address),
		.port_be = rte_cpu_to_be_16(port),
		.server_options = {.weight = 1, .forwarding = forwarding}};
}

static bool
is_refused(struct ks_change change, const char *word)
{
	return control_apply(change) < 0 && strstr(control.reason.text, word) != NULL;
}

static void
test_options(void)
{
	const struct ks_service_key key = key_of("2001:db8::80", 443, IPPROTO_SCTP);
	struct ks_change change = {.verb = KS_ADD_SERVICE,
		.service = key,
		.service_options = {.scheduler = KS_SCHEDULER_MAGLEV,
			.scheduler_flags = KS_HASH_PORT,
			.flags = KS_SERVICE_QUIC,
			.persistence_bits = 64,
			.persistence_seconds = 300,
			.maglev_slots = 251}};
	struct ks_change server = add_server(key, "2001:db8::1", 8443, KS_FORWARD_TUNNEL);
	const struct ks_virtual_server *service;

	control_begin();
	server.server_options = (struct ks_server_options){.weight = 3,
		.forwarding = KS_FORWARD_TUNNEL,
		.tunnel = KS_TUNNEL_GUE,
		.tunnel_port_be = RTE_BE16(6080),
		.upper_threshold = 100};
	control_apply(change);
	control_apply(server);
	service = ks_virtual_server_find(control_publish(), key.address, key.port_be, IPPROTO_SCTP);
	tap_ok(memcmp(&service->options, &change.service_options, sizeof(change.service_options)) ==
			0,
		"a service's options arrive whole");
	tap_ok(memcmp(&service->servers[0].options, &server.server_options,
		       sizeof(server.server_options)) == 0,
		"a server's, too");
	change.verb = KS_ALTER_SERVICE;
	change.service_options = (struct ks_service_options){.scheduler = KS_SCHEDULER_OVERFLOW};
	server.verb = KS_ALTER_SERVER;
	server.server_options = (struct ks_server_options){.weight = 5};
	control_apply(change);
	control_apply(server);
	service = ks_virtual_server_find(control_publish(), key.address, key.port_be, IPPROTO_SCTP);
	tap_ok(memcmp(&service->options, &change.service_options, sizeof(change.service_options)) ==
				0 &&
			memcmp(&service->servers[0].options, &server.server_options,
				sizeof(server.server_options)) == 0,
		"and are replaced whole");
	tap_ok(is_refused((struct ks_change){.verb = KS_ADD_SERVICE, .service = key},
		       "SCTP [2001:db8::80]:443"),
		"%s", control.reason.text);
	control_end();
}

static void
test_any_port(void)
{
	const struct ks_service_key any = key_of("2001:db8::80", 0, IPPROTO_TCP);
	const struct ks_service_key web = key_of("2001:db8::80", 80, IPPROTO_TCP);
	const struct ks_tables *tables;

	control_begin();
	control_apply((struct ks_change){.verb = KS_ADD_SERVICE, .service = web});
	tap_ok(!control_publish()->has_any_port, "no service of any port");
	control_apply((struct ks_change){.verb = KS_ADD_SERVICE, .service = any});
	tables = control_publish();
	tap_ok(tables->has_any_port, "one");
	tap_ok(ks_virtual_server_find(tables, web.address, RTE_BE16(80), IPPROTO_TCP)->port_be ==
			web.port_be,
		"its own port before any");
	tap_ok(ks_virtual_server_find(tables, web.address, RTE_BE16(81), IPPROTO_TCP)->port_be == 0,
		"any port for the rest");
	control_apply((struct ks_change){.verb = KS_REMOVE_SERVICE, .service = any});
	tap_ok(!control_publish()->has_any_port, "and none again");
	control_end();
}

static bool
is_nat(const char *address, uint16_t port, uint8_t protocol)
{
	return ks_nat_server_is_known(
		control_publish(), ip_of(address), rte_cpu_to_be_16(port), protocol);
}

static void
test_nat_servers(void)
{
	const struct ks_service_key web = key_of("192.0.2.80", 80, IPPROTO_TCP);
	const struct ks_service_key any = key_of("2001:db8::80", 0, IPPROTO_UDP);
	struct ks_change weight = add_server(web, "10.0.0.1", 8080, KS_FORWARD_NAT);

	control_begin();
	control_apply((struct ks_change){.verb = KS_ADD_SERVICE, .service = web});
	control_apply((struct ks_change){.verb = KS_ADD_SERVICE, .service = any});
	control_apply(add_server(web, "10.0.0.3", 8080, KS_FORWARD_FULLNAT));
	tap_ok(control_publish()->nat_servers == NULL, "no server by NAT");
	control_apply(weight);
	control_apply(add_server(web, "10.0.0.2", 0, KS_FORWARD_NAT));
	control_apply(add_server(any, "2001:db8::2", 0, KS_FORWARD_NAT));
	tap_ok(is_nat("10.0.0.1", 8080, IPPROTO_TCP), "a server by NAT is known");
	tap_ok(!is_nat("10.0.0.1", 8081, IPPROTO_TCP), "with its port");
	tap_ok(!is_nat("10.0.0.1", 8080, IPPROTO_UDP), "and protocol");
	tap_ok(is_nat("10.0.0.2", 80, IPPROTO_TCP), "without a port of its own, by the service's");
	tap_ok(is_nat("2001:db8::2", 12345, IPPROTO_UDP), "by every port where neither has one");
	tap_ok(!is_nat("10.0.0.3", 8080, IPPROTO_TCP), "a server by FNAT is none");
	tap_ok(ks_virtual_server_find(control_publish(), web.address, web.port_be, IPPROTO_TCP)
			->has_nat,
		"its service says so, too");

	const struct ks_nat_server *before = control_publish()->nat_servers;

	weight.verb = KS_ALTER_SERVER;
	weight.server_options.weight = 7;
	control_apply(weight);
	tap_ok(control_publish()->nat_servers == before, "a change of weight builds nothing anew");
	weight.server_options.forwarding = KS_FORWARD_DIRECT;
	control_apply(weight);
	tap_ok(!is_nat("10.0.0.1", 8080, IPPROTO_TCP) && is_nat("10.0.0.2", 80, IPPROTO_TCP),
		"another method: not by NAT any more");
	control_apply((struct ks_change){.verb = KS_REMOVE_SERVICE, .service = web});
	tap_ok(!is_nat("10.0.0.2", 80, IPPROTO_TCP) && is_nat("2001:db8::2", 1, IPPROTO_UDP),
		"gone with its service");
	control_apply((struct ks_change){.verb = KS_REMOVE_SERVICE, .service = any});
	tap_ok(control_publish()->nat_servers == NULL, "and none is left");
	control_end();
}

static bool
has_matches(const char *lasts)
{
	const struct ks_tables *tables = control_publish();
	bool is_right = tables->matches_count == strlen(lasts);

	for (uint32_t i = 0; is_right && i < tables->matches_count; i++) {
		const struct ks_match *match = tables->matches[i]->match;

		is_right = match != NULL && ((const uint8_t *)match->source_first.words)[5] ==
						    (uint8_t)(lasts[i] - '0');
	}
	return is_right;
}

static void
test_matches(void)
{
	struct ks_change on_port = match_change(KS_ADD_SERVICE, 1);

	control_begin();
	tap_ok(has_matches(""), "no service by match");
	for (uint8_t last = 1; last <= 4; last++)
		control_apply(match_change(KS_ADD_SERVICE, last));
	tap_ok(has_matches("1234"), "in the order of their creation");
	tap_ok(control_publish()->matches[0]->match->in_port == KS_MATCH_ANY_PORT, "from any port");
	tap_ok(is_refused(match_change(KS_ADD_SERVICE, 2), "TCP match 2001:db8:2::-"),
		"the same twice: %s", control.reason.text);
	control_apply(match_change(KS_REMOVE_SERVICE, 2));
	tap_ok(has_matches("134"), "one is removed");
	control_publish();
	ks_services_reap(&control.services);
	control_apply(match_change(KS_ADD_SERVICE, 5));
	tap_ok(has_matches("1345"), "a new one is the last, whatever its id");
	control_apply(match_change(KS_ADD_SERVICE, 2));
	tap_ok(has_matches("13452"), "also when it was there before");

	snprintf(on_port.in_device, sizeof(on_port.in_device), "dpdk1");
	control_apply(on_port);
	tap_equal(control_publish()->matches[5]->match->in_port, 1, "by the name of a port");
	snprintf(on_port.out_device, sizeof(on_port.out_device), "dpdk7");
	tap_ok(is_refused(on_port, "dpdk7"), "%s", control.reason.text);
	tap_ok(ks_virtual_server_find(control_publish(), (struct ks_ip){0}, 0, IPPROTO_TCP) == NULL,
		"and no address leads to them");

	struct ks_change backwards = match_change(KS_ADD_SERVICE, 6);

	backwards.service.match.source_last = ip_of("2001:db8::");
	tap_ok(is_refused(backwards, "ends before it begins"), "%s", control.reason.text);
	backwards.service.match.source_first = ip_of("10.0.0.1");
	tap_ok(is_refused(backwards, "another family"), "%s", control.reason.text);
	control_end();
}

static void
test_snat(void)
{
	const struct ks_service_key match = match_change(KS_ADD_SERVICE, 1).service;
	const struct ks_service_key web = key_of("2001:db8::80", 80, IPPROTO_TCP);
	struct ks_change server = add_server(match, "2001:db8:9::9", 0, KS_FORWARD_SNAT);
	const struct ks_local_address *address;

	control_begin();
	control_apply(match_change(KS_ADD_SERVICE, 1));
	control_apply((struct ks_change){.verb = KS_ADD_SERVICE, .service = web});
	tap_ok(is_refused(add_server(web, "2001:db8::1", 0, KS_FORWARD_SNAT), "by match"), "%s",
		control.reason.text);
	tap_ok(is_refused(add_server(match, "2001:db8::1", 80, KS_FORWARD_SNAT), "has a port"),
		"%s", control.reason.text);
	tap_ok(is_refused(add_server(match, "10.0.0.1", 0, KS_FORWARD_SNAT), "10.0.0.1:0 is IPv4"),
		"%s", control.reason.text);
	tap_ok(is_refused(server, "on no network"), "%s", control.reason.text);
	tap_equal(control.services.servers_count, 0, "and no id is lost on it");

	struct ks_change network = address_change(KS_ADD_ADDRESS, "2001:db8:9::1/64");

	snprintf(network.device, sizeof(network.device), "dpdk1");
	control_apply(network);
	tap_equal((uint64_t)control_apply(server), 0, "an address of a network of ours");
	address = ks_address_find(control_publish(), server.address);
	tap_ok(address != NULL && address->port == 1 && address->is_source &&
			ks_address_is_held(control_publish(), address->id, UINT64_MAX - 1),
		"becomes an address of ours, on that network's port");
	server.verb = KS_ALTER_SERVER;
	server.server_options.weight = 9;
	control_apply(server);
	tap_ok(ks_address_find(control_publish(), server.address) != NULL, "altered: still is");
	server.verb = KS_REMOVE_SERVER;
	control_apply(server);
	tap_ok(ks_address_find(control_publish(), server.address) == NULL, "removed: is not");
	server.verb = KS_ADD_SERVER;
	control_apply(server);
	control_apply(match_change(KS_REMOVE_SERVICE, 1));
	tap_ok(ks_address_find(control_publish(), server.address) == NULL,
		"nor when its service goes");
	control_end();
}

static void
test_families(void)
{
	const struct ks_service_key web = key_of("192.0.2.80", 80, IPPROTO_TCP);
	const uint8_t crossing[] = {KS_FORWARD_FULLNAT, KS_FORWARD_TUNNEL};
	const uint8_t staying[] = {KS_FORWARD_NAT, KS_FORWARD_DIRECT};

	control_begin();
	control_apply((struct ks_change){.verb = KS_ADD_SERVICE, .service = web});
	for (uint16_t i = 0; i < 2; i++) {
		tap_equal(
			(uint64_t)control_apply(add_server(web, "2001:db8::1", i + 1, crossing[i])),
			0, "to another family");
		tap_ok(is_refused(
			       add_server(web, "2001:db8::1", i + 8, staying[i]), "[2001:db8::1]:"),
			"%s", control.reason.text);
	}
	tap_ok(is_refused(add_server(web, "ff02::1", 80, KS_FORWARD_FULLNAT), "unicast"), "%s",
		control.reason.text);
	control_end();
}

static void
test_settings(void)
{
	struct ks_change change = {.verb = KS_SET_SETTINGS, .settings = KS_SETTINGS_DEFAULT};

	control_begin();
	tap_ok(!control_publish()->forwards_ipv4 && !control_publish()->forwards_ipv6,
		"nothing is sent on by itself");
	tap_equal(control_publish()->timeout_ticks[KS_STATE_UDP], 300 * KS_TICKS_PER_SECOND,
		"timeouts are as they always were");

	uint32_t icmp_ticks = control_publish()->timeout_ticks[KS_STATE_ICMP];

	change.settings.forwards_ipv6 = true;
	change.settings.timeout_seconds[KS_TIMEOUT_FIN_WAIT] = 31535999;
	control_apply(change);
	tap_equal(control_publish()->timeout_ticks[KS_STATE_FIN_WAIT],
		UINT64_C(31535999) * KS_TICKS_PER_SECOND, "or as they are set, up to a year");
	tap_equal(control_publish()->timeout_ticks[KS_STATE_ICMP], icmp_ticks,
		"what no setting speaks of stays");
	tap_ok(!control_publish()->forwards_ipv4 && control_publish()->forwards_ipv6,
		"until the settings say so");
	control_end();
}

int
main(void)
{
	test_options();
	test_any_port();
	test_nat_servers();
	test_matches();
	test_snat();
	test_families();
	test_settings();
	return tap_done();
}
