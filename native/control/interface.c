#include "interface.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "reason.h"
#include "xdp.h"

unsigned int if_nametoindex(const char *name);

/* Whatever makes one large packet out of several received ones. */
static const char *const merging_features[] = {
	"rx-gro", "rx-gro-hw", "rx-gro-list", "rx-lro", "rx-udp-gro-forwarding"};

/*
 * A name that only one socket of this network namespace can have, gone with the process. Returns
 * the socket, -1 and the reason when another data plane has the interface.
 */
static int
claim(const char *port, const char *name, struct ks_reason *reason)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int length = snprintf(
		address.sun_path + 1, sizeof(address.sun_path) - 1, "keelson/interface/%s", name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) == 0)
		return fd;
	ks_refuse(reason, errno,
		"port %s: interface %s is in use by another data plane (%s); stop it or choose "
		"another interface",
		port, name, strerror(errno));
	close(fd);
	return -1;
}

int
ks_interface_check(const char *port, const char *name, struct ks_reason *reason)
{
	int fd;

	if (if_nametoindex(name) == 0)
		return ks_refuse(reason, ENODEV,
			"port %s: interface %s does not exist; correct iface= or create the "
			"interface first",
			port, name);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ks_refuse(reason, errno,
			"port %s: no permission to use interface %s (%s); run as root or with "
			"CAP_NET_RAW and CAP_NET_ADMIN",
			port, name, strerror(errno));
	close(fd);
	fd = claim(port, name, reason);
	if (fd < 0)
		return -EADDRINUSE;
	close(fd);
	return 0;
}

static int
ethtool(int fd, const char *name, void *command)
{
	struct ifreq request = {.ifr_data = command};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(fd, SIOCETHTOOL, &request) == 0 ? 0 : -errno;
}

/* The names of the features, `count` of ETH_GSTRING_LEN bytes each; NULL: not to be had. */
static struct ethtool_gstrings *
read_feature_names(int fd, const char *name)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t count;
	} sets = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};

	if (ethtool(fd, name, &sets) != 0 || sets.info.sset_mask == 0)
		return NULL;

	struct ethtool_gstrings *names =
		ks_allocate(1, sizeof(*names) + (size_t)sets.count * ETH_GSTRING_LEN);

	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = sets.count;
	if (ethtool(fd, name, names) == 0)
		return names;
	free(names);
	return NULL;
}

static bool
is_merging(const char *feature)
{
	for (size_t i = 0; i < sizeof(merging_features) / sizeof(merging_features[0]); i++) {
		if (strncmp(feature, merging_features[i], ETH_GSTRING_LEN) == 0)
			return true;
	}
	return false;
}

/* Best effort: a driver may not let itself be told; what is too large is counted as a drop then. */
static void
stop_merging(int fd, const char *name)
{
	struct ethtool_gstrings *names = read_feature_names(fd, name);

	if (names == NULL)
		return;

	uint32_t blocks = (names->len + 31) / 32;
	struct ethtool_sfeatures *features =
		ks_allocate(1, sizeof(*features) + blocks * sizeof(features->features[0]));

	features->cmd = ETHTOOL_SFEATURES;
	features->size = blocks;
	for (uint32_t i = 0; i < names->len; i++) {
		const char *feature = (const char *)names->data + (size_t)i * ETH_GSTRING_LEN;

		if (is_merging(feature))
			features->features[i / 32].valid |= 1u << (i % 32);
	}
	ethtool(fd, name, features);
	free(features);
	free(names);
}

/* MTU and up. */
static int
configure(int fd, const char *port, const char *name, uint16_t mtu_bytes, struct ks_reason *reason)
{
	struct ifreq request = {.ifr_mtu = mtu_bytes};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCSIFMTU, &request) != 0)
		return ks_refuse(reason, errno, "port %s: interface %s takes no MTU of %u: %s%s",
			port, name, mtu_bytes, strerror(errno),
			errno == EPERM ? "; run as root or with CAP_NET_ADMIN" : "");
	if (ioctl(fd, SIOCGIFFLAGS, &request) != 0)
		return ks_refuse(
			reason, errno, "port %s: interface %s: %s", port, name, strerror(errno));
	request.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) != 0)
		return ks_refuse(reason, errno, "port %s: interface %s cannot be brought up: %s",
			port, name, strerror(errno));
	return 0;
}

static bool
is_veth(int fd, const char *name)
{
	struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};

	return ethtool(fd, name, &driver) == 0 && strcmp(driver.driver, "veth") == 0;
}

/* All multicast for as long as the socket is open: VRRP and OSPF on the companion need it. */
static int
join_all_multicast(unsigned int interface_index)
{
	struct packet_mreq membership = {
		.mr_ifindex = (int)interface_index, .mr_type = PACKET_MR_ALLMULTI};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof(membership));
	return fd;
}

int
ks_interface_prepare(struct ks_interface *interface, const char *port, uint16_t mtu_bytes,
	bool may_attach_xdp, struct ks_reason *reason)
{
	unsigned int index = if_nametoindex(interface->name);
	int error, fd;

	interface->membership_fd = -1;
	interface->xdp_fd = -1;
	interface->claim_fd = claim(port, interface->name, reason);
	if (interface->claim_fd < 0)
		return -EADDRINUSE;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	error = configure(fd, port, interface->name, mtu_bytes, reason);
	if (error == 0) {
		interface->membership_fd = join_all_multicast(index);
		ks_xdp_detach_stale(index);
		if (may_attach_xdp && is_veth(fd, interface->name))
			interface->xdp_fd = ks_xdp_attach_pass(index);
		/* Afterwards: the first XDP program of a veth turns merging on. */
		stop_merging(fd, interface->name);
	}
	close(fd);
	return error;
}

void
ks_interface_release(struct ks_interface *interface)
{
	if (interface->name[0] == '\0')
		return;
	if (interface->xdp_fd >= 0)
		close(interface->xdp_fd);
	if (interface->membership_fd >= 0)
		close(interface->membership_fd);
	if (interface->claim_fd >= 0)
		close(interface->claim_fd);
	interface->name[0] = '\0';
}
