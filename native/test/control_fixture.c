/* The state of control_fixture.h. */
#include "control_fixture.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct control control;

static void
read_counted(void *context, uint32_t server_id, struct ks_traffic *traffic)
{
	(void)context;
	(void)server_id;
	*traffic = control.counted;
}

void
control_begin(void)
{
	size_t bytes = rte_rcu_qsbr_get_memsize(1);
	struct rte_rcu_qsbr *qsbr = aligned_alloc(64, RTE_ALIGN(bytes, 64));

	memset(&control, 0, sizeof(control));
	rte_rcu_qsbr_init(qsbr, 1);
	rte_rcu_qsbr_thread_register(qsbr, CONTROL_READER);
	rte_rcu_qsbr_thread_online(qsbr, CONTROL_READER);
	for (uint32_t i = 0; i < 2; i++)
		snprintf(control.ports.ports[control.ports.count++].name, KS_NAME_BYTES, "dpdk%u",
			i);
	control.settings.settings = (struct ks_settings)KS_SETTINGS_DEFAULT;
	ks_addresses_init(&control.addresses);
	ks_services_init(
		&control.services, &control.addresses, &control.routes, read_counted, NULL);
	ks_publisher_init(&control.publisher, qsbr, &control.addresses, &control.routes,
		&control.services, &control.settings);
	control.state = (struct ks_state){&control.ports, &control.addresses, &control.routes,
		&control.services, &control.settings};
}

void
control_end(void)
{
	free(control.publisher.qsbr);
	ks_publisher_free(&control.publisher);
	ks_services_free(&control.services);
	ks_routes_free(&control.routes);
	ks_addresses_free(&control.addresses);
}

int
control_apply(struct ks_change change)
{
	if (change.device[0] == '\0')
		snprintf(change.device, sizeof(change.device), "dpdk0");
	return ks_change_apply(&control.state, &change, &control.reason);
}

const struct ks_tables *
control_publish(void)
{
	ks_publisher_publish(&control.publisher);
	return atomic_load(&control.publisher.published);
}

struct ks_ip
ip_of(const char *text)
{
	uint8_t octets[16];
	uint32_t address_be;

	if (inet_pton(AF_INET, text, &address_be) == 1)
		return ks_ip_from_v4(address_be);
	if (inet_pton(AF_INET6, text, octets) == 1)
		return ks_ip_from_octets(octets);
	printf("Bail out! %s is no address\n", text);
	exit(1);
}

struct ks_prefix
prefix_of(const char *text)
{
	struct ks_prefix prefix = {.bits = KS_IP_BITS};
	char address[64];
	const char *slash = strchr(text, '/');

	snprintf(address, sizeof(address), "%.*s",
		slash != NULL ? (int)(slash - text) : (int)sizeof(address) - 1, text);
	prefix.address = ip_of(address);
	if (slash != NULL)
		prefix.bits = (uint8_t)((uint32_t)atoi(slash + 1) +
					(ks_ip_is_v4(prefix.address) ? KS_IP_V4_BITS : 0));
	return prefix;
}

struct ks_change
address_change(enum ks_verb verb, const char *prefix)
{
	struct ks_prefix read = prefix_of(prefix);

	return (struct ks_change){.verb = verb, .address = read.address, .prefix_bits = read.bits};
}

struct ks_change
route_change(enum ks_verb verb, const char *destination, const char *gateway)
{
	struct ks_change change = address_change(verb, destination);

	if (gateway != NULL)
		change.gateway = ip_of(gateway);
	return change;
}
