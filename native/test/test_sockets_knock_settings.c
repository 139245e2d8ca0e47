/*
 * Settings of knocks by number under ASan and UBSan: a number is used again once it is forgotten,
 * and what has none is not found.
 */
#include "../sockets/knock_settings.h"
#include "tap.h"

#define MANY 1000

static struct ks_knock_settings list;

static uint32_t
mark_of(int32_t number)
{
	const struct ks_flow_settings *settings = ks_knock_settings_find(&list, number);

	return settings == NULL ? 0 : settings->mark;
}

int
main(void)
{
	struct ks_flow_settings settings = {0};
	unsigned int found = 0;

	tap_ok(mark_of(0) == 0 && mark_of(-1) == 0 && mark_of(INT32_MAX) == 0, "empty");
	for (uint32_t i = 0; i < MANY; i++) {
		settings.mark = i + 1;
		tap_equal((uint64_t)ks_knock_settings_keep(&list, &settings), i, "in order");
	}
	for (int32_t i = 0; i < MANY; i++)
		found += mark_of(i) == (uint32_t)i + 1;
	tap_equal(found, MANY, "each is as it was kept");
	tap_ok(mark_of(MANY) == 0 && mark_of(-5) == 0, "no others");
	ks_knock_settings_forget(&list, 7);
	ks_knock_settings_forget(&list, 7);
	ks_knock_settings_forget(&list, 3);
	ks_knock_settings_forget(&list, MANY);
	ks_knock_settings_forget(&list, -1);
	tap_ok(mark_of(7) == 0 && mark_of(3) == 0 && mark_of(6) == 7, "two are forgotten");
	settings.mark = 5555;
	tap_ok(ks_knock_settings_keep(&list, &settings) == 3 &&
			ks_knock_settings_keep(&list, &settings) == 7 &&
			ks_knock_settings_keep(&list, &settings) == MANY,
		"their numbers are used again, each once");
	tap_ok(mark_of(3) == 5555 && mark_of(7) == 5555, "for others");
	ks_knock_settings_clear(&list);
	tap_ok(mark_of(3) == 0 && ks_knock_settings_keep(&list, &settings) == 0, "cleared");
	ks_knock_settings_clear(&list);
	return tap_done();
}
