/*
 * Owner: struct ks_dataplane. Threads: control; workers read the words of held_until_tsc. Lifetime:
 * the data plane's; an address keeps its id (its position here) for ever, so that a connection
 * which remembers the id never means another address.
 *
 * Every address of the data plane and why it is there: added, source address of a service (LIP),
 * or leased by a VRRP instance.
 */
#ifndef KS_CONTROL_ADDRESSES_H
#define KS_CONTROL_ADDRESSES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "../api.h"
#include "index.h"

struct ks_address_entry {
	struct ks_ip address;
	uint16_t port;
	uint8_t prefix_bits; /* of 128 */
	uint8_t owner;       /* enum ks_owner, when added */
	bool is_added;
	bool is_leased;
	bool is_leased_source; /* its lease is of a source address */
	uint32_t source_uses;  /* services that use it as a source address */
	uint32_t fixed_uses;   /* of these, those that do not wait for a lease */
	uint64_t lease_until_tsc;
	char holder[KS_NAME_BYTES]; /* of the lease */
};

struct ks_addresses {
	struct ks_address_entry *entries; /* by id */
	uint32_t count;
	uint32_t capacity;
	struct ks_index by_address;
	_Atomic uint64_t *held_until_tsc; /* by id, KS_ADDRESSES_MAX of them */
	bool is_changed;                  /* since the last publication */
	bool is_route_changed;            /* a connected route came or went */
};

void ks_addresses_init(struct ks_addresses *addresses);
void ks_addresses_free(struct ks_addresses *addresses);

/* The entry that is in use, or NULL. */
struct ks_address_entry *ks_addresses_find(
	const struct ks_addresses *addresses, struct ks_ip address);
/* Whether a host can have it at all: no multicast, loopback or unspecified address. */
int ks_address_check(struct ks_ip address, struct ks_reason *reason);
bool ks_address_is_used(const struct ks_address_entry *entry);

int ks_addresses_add(struct ks_addresses *addresses, struct ks_prefix prefix, uint16_t port,
	enum ks_owner owner, struct ks_reason *reason);
int ks_addresses_remove(
	struct ks_addresses *addresses, struct ks_prefix prefix, struct ks_reason *reason);

struct ks_source_use {
	struct ks_ip address;
	uint16_t port;
	bool is_leased; /* the address is there while somebody leases it; else by the use alone */
};

/* One service more (or less) that uses the address as a source. */
int ks_addresses_use(struct ks_addresses *addresses, const struct ks_source_use *use, uint32_t *id,
	struct ks_reason *reason);
void ks_addresses_unuse(struct ks_addresses *addresses, uint32_t id, bool is_leased);
/* Whether it may be served now: a use alone that waits for a lease does not count. */
bool ks_address_is_there(const struct ks_address_entry *entry);

/* For lease.c: the entry of the address, made when it was never seen; NULL when the table is full.
 */
struct ks_address_entry *ks_addresses_make(
	struct ks_addresses *addresses, struct ks_ip address, struct ks_reason *reason);
/* Recomputes until when workers serve it, after any change of an entry. */
void ks_addresses_refresh(struct ks_addresses *addresses, const struct ks_address_entry *entry);

#endif
