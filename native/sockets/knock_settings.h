/*
 * The settings of knocks by number: read once for each target, used thousands of times; and what
 * their servers are like. One that greets is left as a client leaves, and sees no reset. Where none
 * of the last knocks was greeted, the next is over with one call; now and then it is tried again.
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

/* More than can be under way of a number that was another target's. */
#define KS_KNOCK_SILENCES 4
#define KS_KNOCK_HURRIED_MAX 64

struct ks_knock_slot {
	struct ks_flow_settings settings;
	bool is_used;
	/* In a row that were not greeted, up to KS_KNOCK_SILENCES; left at once since the last. */
	uint8_t silences;
	uint8_t hurried;
	uint32_t next_free;
};

struct ks_knock_settings {
	struct ks_knock_slot *slots;
	uint32_t used; /* Slots that were ever used. */
	uint32_t room;
	uint32_t free; /* 1 + the first free one below `used`; 0: none. */
};

/* The number, or -errno; the settings that are found say it. */
int32_t ks_knock_settings_keep(
	struct ks_knock_settings *list, const struct ks_flow_settings *settings);
/* NULL when nothing has that number. */
const struct ks_flow_settings *ks_knock_settings_find(
	const struct ks_knock_settings *list, int32_t number);
/* Whether a connection may be closed at once. */
bool ks_knock_settings_may_leave(struct ks_knock_settings *list, int32_t number);
/* The end of one that was not. */
void ks_knock_settings_heard(struct ks_knock_settings *list, int32_t number, bool is_greeted);
void ks_knock_settings_forget(struct ks_knock_settings *list, int32_t number);
void ks_knock_settings_clear(struct ks_knock_settings *list);

#endif
