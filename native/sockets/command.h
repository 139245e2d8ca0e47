/*
 * A program that is started without a copy of ourselves: Node's own way forks, which costs by the
 * size of the process and stops all of its threads meanwhile.
 *
 * Owner: the JavaScript object that wraps it, as of every ks_polled.
 * Threads: the one that started it; when that ends, the kernel asks the program to end (SIGTERM).
 * Lifetime: until the program has ended.
 */
#ifndef KS_COMMAND_H
#define KS_COMMAND_H

#include <node_api.h>

/*
 * startCommand(program, arguments, environment, started, ended): leads a session of its own, with
 * /dev/null for input and output. The wrapping object, or -errno; started(pid) is called before it
 * returns, ended(exit code, signal) once, later, one of both 0.
 */
napi_value ks_command_start(napi_env env, napi_callback_info call);

/*
 * programAnswer(program, arguments, environment, timeoutMs): the calling thread stands still until
 * the program has ended, at most a minute. Its output, up to 4 KiB of it, or -errno: see ks_answer.
 */
napi_value ks_program_answer(napi_env env, napi_callback_info call);

#endif
