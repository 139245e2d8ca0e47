#include "process_calls.h"

#include "values.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NOTICE_BYTES_MAX 4096
#define STANDARD_DESCRIPTORS 3

napi_value
ks_enter_network_namespace(napi_env env, napi_callback_info call)
{
	char path[PATH_MAX];
	napi_value argument;
	int descriptor, error = 0;

	if (!ks_arguments(env, call, 1, &argument) ||
		!ks_read_text(env, argument, path, sizeof(path)))
		return NULL;
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return ks_number(env, -errno);
	if (setns(descriptor, CLONE_NEWNET) != 0)
		error = -errno;
	close(descriptor);
	return ks_number(env, error);
}

napi_value
ks_mount_privately(napi_env env, napi_callback_info call)
{
	char source[PATH_MAX], target[PATH_MAX];
	napi_value arguments[2];

	if (!ks_arguments(env, call, 2, arguments) ||
		!ks_read_text(env, arguments[0], source, sizeof(source)) ||
		!ks_read_text(env, arguments[1], target, sizeof(target)))
		return NULL;
	/* What others mount still reaches us, what we mount reaches nobody. */
	if (unshare(CLONE_NEWNS) != 0 || mount("", "/", NULL, MS_REC | MS_SLAVE, NULL) != 0 ||
		mount(source, target, NULL, MS_BIND, NULL) != 0)
		return ks_number(env, -errno);
	return ks_number(env, 0);
}

/* Node has marked even these as closing with the program. */
static void
keep_standard_descriptors(void)
{
	for (int descriptor = 0; descriptor < STANDARD_DESCRIPTORS; descriptor++) {
		int flags = fcntl(descriptor, F_GETFD);

		if (flags >= 0)
			fcntl(descriptor, F_SETFD, flags & ~FD_CLOEXEC);
	}
}

napi_value
ks_replace_process(napi_env env, napi_callback_info call)
{
	char program[PATH_MAX];
	napi_value arguments[3];
	char **words, **environment;
	int error = -EINVAL;

	if (!ks_arguments(env, call, 3, arguments) ||
		!ks_read_text(env, arguments[0], program, sizeof(program)))
		return NULL;
	words = ks_words_read(env, arguments[1]);
	environment = ks_words_read(env, arguments[2]);
	if (words != NULL && environment != NULL) {
		keep_standard_descriptors();
		execve(program, words, environment);
		error = -errno;
	}
	ks_words_free(words);
	ks_words_free(environment);
	return ks_number(env, error);
}

/* 0 or -errno. */
static int
send_to(const char *path, const char *text)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(path);
	int descriptor, error = 0;

	if (length == 0 || length >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, length);
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (descriptor < 0)
		return -errno;
	if (sendto(descriptor, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
		error = -errno;
	close(descriptor);
	return error;
}

napi_value
ks_send_notice(napi_env env, napi_callback_info call)
{
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1], text[NOTICE_BYTES_MAX];
	napi_value arguments[2];

	if (!ks_arguments(env, call, 2, arguments) ||
		!ks_read_text(env, arguments[0], path, sizeof(path)) ||
		!ks_read_text(env, arguments[1], text, sizeof(text)))
		return NULL;
	return ks_number(env, send_to(path, text));
}
