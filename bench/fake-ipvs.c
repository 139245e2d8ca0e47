/*
 * Preloaded into Debian's keepalived where the kernel has no IPVS: its calls that configure IPVS
 * (include/uapi/linux/ip_vs.h of the kernel) succeed and do nothing, so that its checkers run.
 * For `npm run bench -- checks` alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* IP_VS_BASE_CTL and what belongs to it. */
#define IPVS_OPTION_FIRST (64 + 1024 + 64)
#define IPVS_OPTION_LAST (IPVS_OPTION_FIRST + 63)

static int
is_ipvs(int level, int name)
{
	return level == IPPROTO_IP && name >= IPVS_OPTION_FIRST && name <= IPVS_OPTION_LAST;
}

int
getsockopt(int descriptor, int level, int name, void *value, socklen_t *length)
{
	int (*next)(int, int, int, void *, socklen_t *) = dlsym(RTLD_NEXT, "getsockopt");

	if (!is_ipvs(level, name))
		return next(descriptor, level, name, value, length);
	memset(value, 0, *length);
	return 0;
}

int
setsockopt(int descriptor, int level, int name, const void *value, socklen_t length)
{
	int (*next)(int, int, int, const void *, socklen_t) = dlsym(RTLD_NEXT, "setsockopt");

	return is_ipvs(level, name) ? 0 : next(descriptor, level, name, value, length);
}
