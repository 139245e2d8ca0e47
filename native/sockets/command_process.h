/*
 * The process of a command, by vfork. Knows nothing of JavaScript.
 *
 * Owner: the caller, who waits for the process.
 * Threads: any; when the one that called ends, the kernel asks the program to end (SIGTERM).
 * Lifetime: a call.
 */
#ifndef KS_COMMAND_PROCESS_H
#define KS_COMMAND_PROCESS_H

#include <sys/types.h>

/*
 * Its number, or -errno, also where the program cannot begin. It leads a session of its own, with
 * /dev/null for input and output, and has no handler and no blocked signal of ours. Both arrays end
 * with NULL. `output`: the descriptor of its standard output, which stays the caller's; -1: none.
 */
pid_t ks_command_process_start(const char *program, char **words, char **environment, int output);

#endif
