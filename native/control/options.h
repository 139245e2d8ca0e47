/*
 * Owner: nobody, a function. Threads: control. Lifetime: the program.
 */
#ifndef KS_CONTROL_OPTIONS_H
#define KS_CONTROL_OPTIONS_H

#include <stdbool.h>

#include "../api.h"

/* Whether the options are the same; else what differs, a line each. */
bool ks_options_equal(const struct ks_open_options *running, const struct ks_open_options *wanted,
	struct ks_reason *differences);

#endif
