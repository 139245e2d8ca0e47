/*
 * Commands by vfork under ASan and UBSan: what a program gets from us, and what of ours it does
 * not; that it ends, that it is told when it cannot begin, and that no descriptor is left over.
 */
#include "../sockets/answer.h"
#include "../sockets/command_process.h"
#include "tap.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned int
descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned int count = 0;

	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count;
}

/* What waitpid says of a shell that runs the text; -errno when there is none. */
static int
status_of(const char *program, const char *text)
{
	char *words[] = {"sh", "-c", (char *)(uintptr_t)text, NULL};
	char *environment[] = {"WORD=value", NULL};
	int status = 0;
	pid_t child = ks_command_process_start(program, words, environment, -1);

	if (child < 0)
		return child;
	return waitpid(child, &status, 0) == child ? status : -errno;
}

static void
expect_success(const char *text, const char *name)
{
	tap_equal((uint64_t)(int64_t)status_of("/bin/sh", text), 0, name);
}

/* What a shell that runs the text says within so long. */
static int
answer_to(const char *text, int timeout_ms, char *answer, size_t room)
{
	char *words[] = {"sh", "-c", (char *)(uintptr_t)text, NULL};
	char *environment[] = {NULL};

	return ks_answer("/bin/sh", words, environment, timeout_ms, answer, room);
}

static void
expect_answers(void)
{
	char answer[8];

	tap_equal(
		(uint64_t)answer_to("printf word", 60000, answer, sizeof(answer)), 4, "its length");
	tap_ok(memcmp(answer, "word", 4) == 0, "what it says");
	tap_equal((uint64_t)answer_to("exit 0", 60000, answer, sizeof(answer)), 0, "nothing");
	tap_equal((uint64_t)answer_to("head -c 99999 /dev/zero", 60000, answer, sizeof(answer)),
		sizeof(answer), "no more than there is room for");
	tap_ok(answer_to("printf word; exit 2", 60000, answer, sizeof(answer)) == -ENODATA,
		"of one that fails nothing counts");
	tap_ok(answer_to("sleep 60; true", 50, answer, sizeof(answer)) == -ETIMEDOUT,
		"one that takes too long is ended, with what it started");
	tap_ok(answer_to("exec >&-; sleep 60; true", 50, answer, sizeof(answer)) == -ETIMEDOUT,
		"and one that says no more and goes on");
	tap_ok(ks_answer("/nowhere/at-all", (char *[]){"x", NULL}, (char *[]){NULL}, 60000, answer,
		       sizeof(answer)) == -ENOENT,
		"what is not there has no answer");
}

static volatile sig_atomic_t signals;

static void
signalled(int number)
{
	(void)number;
	signals++;
}

int
main(void)
{
	unsigned int before = descriptors();
	struct sigaction action = {.sa_handler = signalled};
	sigset_t blocked, after;
	int status;

	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_SETMASK, &blocked, NULL);

	expect_success("exit 0", "it runs");
	status = status_of("/bin/sh", "exit 7");
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 7, "its exit code");
	status = status_of("/bin/sh", "kill -KILL $$");
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the signal that ended it");
	expect_success(
		"test \"$WORD\" = value && test -z \"$HOME\"", "its environment is ours to say");
	expect_success("test \"$(readlink /proc/$$/fd/1)\" = /dev/null", "nobody reads its output");
	expect_success("set -- $(cat /proc/$$/stat); test $6 = $$", "it leads a session");
	expect_success(
		"exec grep -q '^SigBlk:[[:space:]]*0*$' /proc/self/status", "it blocks no signal");
	status = status_of("/bin/sh", "kill -USR1 $$");
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1 && signals == 0,
		"a handler of ours is not its own");
	sigprocmask(SIG_SETMASK, NULL, &after);
	tap_ok(sigismember(&after, SIGUSR2) == 1 && sigismember(&after, SIGUSR1) == 0,
		"our own mask is as it was");
	tap_ok(status_of("/nowhere/at-all", "exit 0") == -ENOENT, "what is not there");
	tap_ok(status_of("/dev/null", "exit 0") == -EACCES, "what is no program");
	expect_answers();
	for (int i = 0; i < 100; i++)
		status = status_of("/bin/sh", "exit 0");
	tap_ok(status == 0 && waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD,
		"none is left over");
	tap_equal(descriptors(), before, "nor a descriptor");
	return tap_done();
}
