/*
 * What a program says, for a caller who stands still until it has.
 *
 * Owner: the caller.
 * Threads: any.
 * Lifetime: a call.
 */
#ifndef KS_ANSWER_H
#define KS_ANSWER_H

#include <stddef.h>

/*
 * What `program` writes to its standard output, without a 0 behind it: how many octets, at most
 * `room`; what is more is read and dropped. -ENODATA: it ended with another code than 0;
 * -ETIMEDOUT: it did not end within `timeout_ms`, and is ended; else -errno.
 */
int ks_answer(const char *program, char **words, char **environment, int timeout_ms, char *answer,
	size_t room);

#endif
