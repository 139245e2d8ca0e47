#include "answer.h"

#include "command_process.h"
#include "monotonic.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SPARE_BYTES 4096

/* Whether there is something to read, or the end, before `deadline_ms`. */
static bool
wait_for(int descriptor, int64_t deadline_ms)
{
	struct pollfd watched = {.fd = descriptor, .events = POLLIN};
	int count;

	do {
		int64_t left_ms = deadline_ms - ks_monotonic_ms();

		count = poll(&watched, 1, left_ms > 0 ? (int)left_ms : 0);
	} while (count < 0 && errno == EINTR);
	return count > 0;
}

/* Until it has closed its output: so many octets, or -ETIMEDOUT. */
static int
read_all(int descriptor, int64_t deadline_ms, char *answer, size_t room)
{
	size_t used = 0;

	while (wait_for(descriptor, deadline_ms)) {
		char spare[SPARE_BYTES];
		bool is_full = used == room;
		ssize_t length = read(descriptor, is_full ? spare : answer + used,
			is_full ? sizeof(spare) : room - used);

		if (length == 0)
			return (int)used;
		if (length < 0 && errno != EINTR)
			return -errno;
		if (length > 0 && !is_full)
			used += (size_t)length;
	}
	return -ETIMEDOUT;
}

/* It may have closed its output and go on. */
static bool
ends_before(pid_t child, int64_t deadline_ms)
{
	int process = (int)syscall(SYS_pidfd_open, child, 0);
	bool has_ended = process >= 0 && wait_for(process, deadline_ms);

	if (process >= 0)
		close(process);
	return has_ended;
}

int
ks_answer(const char *program, char **words, char **environment, int timeout_ms, char *answer,
	size_t room)
{
	int64_t deadline_ms = ks_monotonic_ms() + timeout_ms;
	int ends[2], length, status = 0;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	child = ks_command_process_start(program, words, environment, ends[1]);
	close(ends[1]);
	length = child < 0 ? (int)child : read_all(ends[0], deadline_ms, answer, room);
	close(ends[0]);
	if (child < 0)
		return length;
	if (length >= 0 && !ends_before(child, deadline_ms))
		length = -ETIMEDOUT;
	if (length < 0)
		kill(-child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (length >= 0 && status != 0)
		return -ENODATA;
	return length;
}
