#include "command_process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define STANDARD_DESCRIPTORS 3

struct plan {
	const char *program;
	char **words;
	char **environment;
	int null_descriptor;
	/* -1: as the others. */
	int output;
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
	if (plan->output >= 0)
		dup2(plan->output, STDOUT_FILENO);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigprocmask(SIG_SETMASK, &plan->mask, NULL);
	execve(plan->program, plan->words, plan->environment);
	plan->error = errno;
	_exit(127);
}

pid_t
ks_command_process_start(const char *program, char **words, char **environment, int output)
{
	struct plan plan = {
		.program = program, .words = words, .environment = environment, .output = output};
	sigset_t all, before;
	pid_t child;

	plan.null_descriptor = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (plan.null_descriptor < 0)
		return -errno;
	sigemptyset(&plan.mask);
	sigfillset(&all);
	/* A handler of ours must not run in the child. */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	child = vfork();
	if (child == 0)
		become(&plan);
	if (child < 0)
		child = -errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(plan.null_descriptor);
	if (child > 0 && plan.error != 0) {
		waitpid(child, NULL, 0);
		return -plan.error;
	}
	return child;
}
