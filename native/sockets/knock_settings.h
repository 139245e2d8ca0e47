/*
 * The settings of knocks by number: read once for each target, used thousands of times.
 *
 * Owner: who holds the list; all zeroes is an empty one.
 * Threads: one.
 * Lifetime: until cleared.
 */
#ifndef KS_KNOCK_SETTINGS_H
#define KS_KNOCK_SETTINGS_H

#include "flow_socket.h"

#include <stdbool.h>
#include <stdint.h>

struct ks_knock_slot {
	struct ks_flow_settings settings;
	bool is_used;
	uint32_t next_free;
};

struct ks_knock_settings {
	struct ks_knock_slot *slots;
	uint32_t used; /* Slots that were ever used. */
	uint32_t room;
	uint32_t free; /* 1 + the first free one below `used`; 0: none. */
};

/* The number, or -errno. */
int32_t ks_knock_settings_keep(
	struct ks_knock_settings *list, const struct ks_flow_settings *settings);
/* NULL when nothing has that number. */
const struct ks_flow_settings *ks_knock_settings_find(
	const struct ks_knock_settings *list, int32_t number);
void ks_knock_settings_forget(struct ks_knock_settings *list, int32_t number);
void ks_knock_settings_clear(struct ks_knock_settings *list);

#endif
