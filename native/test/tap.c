/* The counts of tap.h, shared by the files of one test program. */
#include "tap.h"

unsigned int tap_count;
unsigned int tap_failures;
