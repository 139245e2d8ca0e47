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

static void
expect_habits(void)
{
	struct ks_flow_settings settings = {0};
	int32_t number = ks_knock_settings_keep(&list, &settings);
	unsigned int hurried = 0;

	tap_ok(ks_knock_settings_find(&list, number)->knock == number + 1, "they say their number");
	for (unsigned int i = 0; i < KS_KNOCK_SILENCES; i++) {
		tap_ok(!ks_knock_settings_may_leave(&list, number), "nobody knows it yet");
		ks_knock_settings_heard(&list, number, false);
	}
	while (ks_knock_settings_may_leave(&list, number))
		hurried++;
	tap_equal(hurried, KS_KNOCK_HURRIED_MAX, "it says nothing; now and then it is tried again");
	tap_ok(ks_knock_settings_may_leave(&list, number), "once");
	ks_knock_settings_heard(&list, number, true);
	tap_ok(!ks_knock_settings_may_leave(&list, number), "it greets now");
	ks_knock_settings_forget(&list, number);
	ks_knock_settings_heard(&list, number, false);
	tap_ok(!ks_knock_settings_may_leave(&list, number), "one that is forgotten");
	tap_ok(ks_knock_settings_keep(&list, &settings) == number &&
			!ks_knock_settings_may_leave(&list, number),
		"another one of that number is not known");
	ks_knock_settings_clear(&list);
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
	expect_habits();
	return tap_done();
}
