#include "interface_sender.h"

#include "values.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAC_BYTES 6

/* 0 or -errno. */
static int
read_address(const char *name, struct ifreq *request)
{
	int descriptor, status;

	memset(request, 0, sizeof(*request));
	memcpy(request->ifr_name, name, strlen(name) + 1);
	descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return -errno;
	status = ioctl(descriptor, SIOCGIFHWADDR, request) == 0 ? 0 : -errno;
	close(descriptor);
	return status;
}

/*
 * 1 or 0; 0 also where there is no IPv6. The file is the kernel's own memory: no disk is waited
 * for.
 */
static unsigned char
forwards_ipv6(const char *name)
{
	char path[64 + IF_NAMESIZE], value = '0';
	ssize_t length;
	int descriptor;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/forwarding", name);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return 0;
	length = read(descriptor, &value, sizeof(value));
	close(descriptor);
	return length == sizeof(value) && value != '0';
}

napi_value
ks_interface_sender(napi_env env, napi_callback_info call)
{
	unsigned char sender[MAC_BYTES + 1];
	char name[256];
	napi_value argument, none = NULL;
	struct ifreq request;
	int error;

	if (!ks_arguments(env, call, 1, &argument) ||
		!ks_read_text(env, argument, name, sizeof(name)))
		return NULL;
	if (strlen(name) >= IF_NAMESIZE)
		return ks_number(env, -ENODEV);
	error = read_address(name, &request);
	if (error < 0)
		return ks_number(env, error);
	if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER) {
		napi_get_null(env, &none);
		return none;
	}
	memcpy(sender, request.ifr_hwaddr.sa_data, MAC_BYTES);
	sender[MAC_BYTES] = forwards_ipv6(name);
	return ks_bytes(env, sender, sizeof(sender));
}
