#include "knock_settings.h"

#include <errno.h>
#include <stdlib.h>

#define ROOM_AT_FIRST 64u
/* More than anybody checks; each takes some 100 octets. */
#define ROOM_MAX (1u << 20)

static bool
grow(struct ks_knock_settings *list)
{
	uint32_t room = list->room == 0 ? ROOM_AT_FIRST : list->room * 2;
	struct ks_knock_slot *slots;

	if (room > ROOM_MAX)
		return false;
	slots = realloc(list->slots, room * sizeof(*slots));
	if (slots == NULL)
		return false;
	list->slots = slots;
	list->room = room;
	return true;
}

static struct ks_knock_slot *
slot_of(const struct ks_knock_settings *list, int32_t number)
{
	if (number < 0 || (uint32_t)number >= list->used || !list->slots[number].is_used)
		return NULL;
	return &list->slots[number];
}

int32_t
ks_knock_settings_keep(struct ks_knock_settings *list, const struct ks_flow_settings *settings)
{
	uint32_t number = list->used;

	if (list->free != 0) {
		number = list->free - 1;
		list->free = list->slots[number].next_free;
	} else {
		if (list->used == list->room && !grow(list))
			return -ENOMEM;
		list->used++;
	}
	list->slots[number] = (struct ks_knock_slot){.settings = *settings, .is_used = true};
	list->slots[number].settings.knock = (int32_t)number + 1;
	return (int32_t)number;
}

const struct ks_flow_settings *
ks_knock_settings_find(const struct ks_knock_settings *list, int32_t number)
{
	const struct ks_knock_slot *slot = slot_of(list, number);

	return slot == NULL ? NULL : &slot->settings;
}

bool
ks_knock_settings_may_leave(struct ks_knock_settings *list, int32_t number)
{
	struct ks_knock_slot *slot = slot_of(list, number);

	if (slot == NULL || slot->silences < KS_KNOCK_SILENCES)
		return false;
	if (slot->hurried == KS_KNOCK_HURRIED_MAX) {
		slot->hurried = 0;
		return false;
	}
	slot->hurried++;
	return true;
}

void
ks_knock_settings_heard(struct ks_knock_settings *list, int32_t number, bool is_greeted)
{
	struct ks_knock_slot *slot = slot_of(list, number);

	if (slot == NULL)
		return;
	if (is_greeted)
		slot->silences = 0;
	else if (slot->silences < KS_KNOCK_SILENCES)
		slot->silences++;
}

void
ks_knock_settings_forget(struct ks_knock_settings *list, int32_t number)
{
	struct ks_knock_slot *slot = slot_of(list, number);

	if (slot == NULL)
		return;
	slot->is_used = false;
	slot->next_free = list->free;
	list->free = (uint32_t)number + 1;
}

void
ks_knock_settings_clear(struct ks_knock_settings *list)
{
	free(list->slots);
	*list = (struct ks_knock_settings){0};
}
