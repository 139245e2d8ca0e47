#include "command.h"

#include "polled.h"
#include "values.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STANDARD_DESCRIPTORS 3

static const napi_type_tag command_tag = {0x6b73636f6d6d616eULL, 0x9d3e1c5a70b2f846ULL};

struct command {
	struct ks_polled polled;
};

struct plan {
	const char *program;
	char **words;
	char **environment;
	int null_descriptor;
	sigset_t mask;
	/* Set by the child, in the memory that it shares with us. */
	volatile int error;
};

/*
 * Runs in the child, on our memory, while our thread stands still: system calls only, and nothing
 * of what they change is ours.
 */
static _Noreturn void
become(struct plan *plan)
{
	for (int number = 1; number < NSIG; number++)
		if (number != SIGKILL && number != SIGSTOP)
			signal(number, SIG_DFL);
	setsid();
	for (int descriptor = 0; descriptor < STANDARD_DESCRIPTORS; descriptor++)
		dup2(plan->null_descriptor, descriptor);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigprocmask(SIG_SETMASK, &plan->mask, NULL);
	execve(plan->program, plan->words, plan->environment);
	plan->error = errno;
	_exit(127);
}

/* A process number, or -errno. */
static pid_t
start(struct plan *plan)
{
	sigset_t all, before;
	pid_t child;

	plan->null_descriptor = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (plan->null_descriptor < 0)
		return -errno;
	sigemptyset(&plan->mask);
	sigfillset(&all);
	/* A handler of ours must not run in the child. */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	child = vfork();
	if (child == 0)
		become(plan);
	if (child < 0)
		child = -errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(plan->null_descriptor);
	if (child > 0 && plan->error != 0) {
		waitpid(child, NULL, 0);
		return -plan->error;
	}
	return child;
}

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
	struct plan plan = {.program = program};
	napi_value arguments[5], result;
	pid_t child = -EINVAL;

	if (!ks_arguments(env, call, 5, arguments) ||
		!ks_read_text(env, arguments[0], program, sizeof(program)) ||
		!ks_is_function(env, arguments[3]) || !ks_is_function(env, arguments[4]))
		return NULL;
	plan.words = ks_words_read(env, arguments[1]);
	plan.environment = ks_words_read(env, arguments[2]);
	if (plan.words != NULL && plan.environment != NULL)
		child = start(&plan);
	ks_words_free(plan.words);
	ks_words_free(plan.environment);
	if (child < 0)
		return ks_number(env, child);
	result = watch(env, child, arguments[3], arguments[4]);
	return result;
}
