#include "command.h"

#include "answer.h"
#include "command_process.h"
#include "polled.h"
#include "values.h"
#include "words.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_BYTES_MAX 4096
#define TIMEOUT_MS_MAX 60000

static const napi_type_tag command_tag = {0x6b73636f6d6d616eULL, 0x9d3e1c5a70b2f846ULL};

struct command {
	struct ks_polled polled;
};

static bool
make_end(napi_env env, const void *news, napi_value *arguments)
{
	const siginfo_t *end = news;
	int code = end->si_code == CLD_EXITED ? end->si_status : 0;
	int number = end->si_code == CLD_EXITED ? 0 : end->si_status;

	arguments[0] = ks_number(env, code);
	arguments[1] = ks_number(env, number);
	return arguments[0] != NULL && arguments[1] != NULL;
}

static bool
receive_end(struct ks_polled *polled)
{
	siginfo_t end = {.si_pid = 0};
	struct ks_polled_call call = {.count = 2, .make = make_end, .news = &end};

	if (waitid(P_PIDFD, (id_t)polled->descriptor, &end, WEXITED | WNOHANG) != 0 ||
		end.si_pid == 0)
		return false;
	ks_polled_stop(polled);
	ks_polled_deliver(polled, &call);
	ks_polled_close(polled);
	return false;
}

static napi_value
watch(napi_env env, pid_t child, napi_value started, napi_value ended)
{
	struct command *command = calloc(1, sizeof(*command));
	napi_value wrapper, global, number = ks_number(env, child);
	napi_valuetype type;
	int descriptor = (int)syscall(SYS_pidfd_open, child, 0);

	if (command == NULL || descriptor < 0) {
		free(command);
		if (descriptor >= 0)
			close(descriptor);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		return ks_number(env, -ENOMEM);
	}
	command->polled.descriptor = descriptor;
	command->polled.burst_max = 1;
	command->polled.receive = receive_end;
	wrapper = ks_polled_open(env, &command->polled, &command_tag, "keelson.command", ended);
	if (wrapper == NULL || napi_typeof(env, wrapper, &type) != napi_ok || type != napi_object)
		return wrapper;
	/* Whoever waits for it is not done. */
	uv_ref((uv_handle_t *)&command->polled.poll);
	if (napi_get_global(env, &global) == napi_ok)
		napi_call_function(env, global, started, 1, &number, NULL);
	return wrapper;
}

napi_value
ks_command_start(napi_env env, napi_callback_info call)
{
	char program[PATH_MAX];
	char **words, **environment;
	napi_value arguments[5], result;
	pid_t child = -EINVAL;

	if (!ks_arguments(env, call, 5, arguments) ||
		!ks_read_text(env, arguments[0], program, sizeof(program)) ||
		!ks_is_function(env, arguments[3]) || !ks_is_function(env, arguments[4]))
		return NULL;
	words = ks_words_read(env, arguments[1]);
	environment = ks_words_read(env, arguments[2]);
	if (words != NULL && environment != NULL)
		child = ks_command_process_start(program, words, environment, -1);
	ks_words_free(words);
	ks_words_free(environment);
	if (child < 0)
		return ks_number(env, child);
	result = watch(env, child, arguments[3], arguments[4]);
	return result;
}

napi_value
ks_program_answer(napi_env env, napi_callback_info call)
{
	char program[PATH_MAX], answer[ANSWER_BYTES_MAX + 1];
	char **words, **environment;
	napi_value arguments[4];
	uint32_t timeout_ms;
	int length = -EINVAL;

	if (!ks_arguments(env, call, 4, arguments) ||
		!ks_read_text(env, arguments[0], program, sizeof(program)) ||
		!ks_read_uint32(env, arguments[3], &timeout_ms))
		return NULL;
	if (timeout_ms > TIMEOUT_MS_MAX)
		timeout_ms = TIMEOUT_MS_MAX;
	words = ks_words_read(env, arguments[1]);
	environment = ks_words_read(env, arguments[2]);
	if (words != NULL && environment != NULL)
		length = ks_answer(
			program, words, environment, (int)timeout_ms, answer, ANSWER_BYTES_MAX);
	ks_words_free(words);
	ks_words_free(environment);
	if (length < 0)
		return ks_number(env, length);
	answer[length] = '\0';
	return ks_text(env, answer);
}
