/*
 * Owner: one test program. Threads: its only one. Lifetime: control_begin .. control_end.
 *
 * What control keeps and publishes, without DPDK's EAL: two ports that are only names, "dpdk0" and
 * "dpdk1", and one reader that has passed nothing yet.
 */
#ifndef KS_TEST_CONTROL_FIXTURE_H
#define KS_TEST_CONTROL_FIXTURE_H

#include "../control/change.h"
#include "../control/tables.h"

#define CONTROL_READER 0u

struct control {
	struct ks_ports ports;
	struct ks_addresses addresses;
	struct ks_routes routes;
	struct ks_services services;
	struct ks_kept_settings settings;
	struct ks_publisher publisher;
	struct ks_state state;
	struct ks_traffic counted; /* what workers count for every server */
	struct ks_reason reason;   /* of the last refusal */
};

extern struct control control;

void control_begin(void);
void control_end(void);

/* On dpdk0 when the change names no device. */
int control_apply(struct ks_change change);
const struct ks_tables *control_publish(void);

/* "192.0.2.1", "2001:db8::1"; ends the program when it is no address. */
struct ks_ip ip_of(const char *text);
/* "192.0.2.0/24", "2001:db8::/32"; without a length the address alone. */
struct ks_prefix prefix_of(const char *text);

/* Changes in a few words. */
struct ks_change address_change(enum ks_verb verb, const char *prefix);
struct ks_change route_change(enum ks_verb verb, const char *destination, const char *gateway);

#endif
