#include "modes.h"

#include <stddef.h>
#include <string.h>

static const struct mode modes[] = {
	{.name = "nat44",
		.directives = {"forwards ipv4 ipv6", "mtu 1 1490", "service tcp 192.0.2.10 80",
			"server nat 10.0.0.101 8080", "service udp 192.0.2.10 80",
			"server nat 10.0.0.101 8080"},
		.asking = OUTSIDE,
		.target = "192.0.2.10",
		.answerer = "10.0.0.101"},
	{.name = "nat66",
		.directives = {"forwards ipv4 ipv6", "mtu 1 1490",
			"service tcp 2001:db8:0:1::10 80", "server nat 2001:db8:0:2::101 8080",
			"service udp 2001:db8:0:1::10 80", "server nat 2001:db8:0:2::101 8080"},
		.asking = OUTSIDE,
		.is_v6 = true,
		.target = "2001:db8:0:1::10",
		.answerer = "2001:db8:0:2::101"},
	{.name = "fnat44",
		.directives = {"forwards ipv4 ipv6", "mtu 1 1490", "service tcp 192.0.2.10 80",
			"server fnat 10.0.0.101 8080", "service udp 192.0.2.10 80",
			"server fnat 10.0.0.101 8080"},
		.asking = OUTSIDE,
		.target = "192.0.2.10",
		.answerer = "10.0.0.101",
		.translated = "10.0.0.5"},
	{.name = "fnat66",
		.directives = {"forwards ipv4 ipv6", "mtu 1 1490",
			"service tcp 2001:db8:0:1::10 80", "server fnat 2001:db8:0:2::101 8080",
			"service udp 2001:db8:0:1::10 80", "server fnat 2001:db8:0:2::101 8080"},
		.asking = OUTSIDE,
		.is_v6 = true,
		.target = "2001:db8:0:1::10",
		.answerer = "2001:db8:0:2::101",
		.translated = "2001:db8:0:2::5"},
	{.name = "snat44",
		.directives = {"forwards ipv4 ipv6", "mtu 1 1490", "address 192.0.2.20 0 source",
			"match tcp ipv4 source 10.0.0.0 10.0.0.255", "server snat 192.0.2.20 0",
			"match udp ipv4 source 10.0.0.0 10.0.0.255", "server snat 192.0.2.20 0",
			"match icmp ipv4 source 10.0.0.0 10.0.0.255", "server snat 192.0.2.20 0"},
		.asking = INSIDE,
		.translated = "192.0.2.20"},
	{.name = "snat66",
		.directives = {"forwards ipv4 ipv6", "mtu 1 1490",
			"address 2001:db8:0:1::20 0 source",
			"match tcp ipv6 source 2001:db8:0:2:: 2001:db8:0:2::ffff",
			"server snat 2001:db8:0:1::20 0",
			"match udp ipv6 source 2001:db8:0:2:: 2001:db8:0:2::ffff",
			"server snat 2001:db8:0:1::20 0",
			"match icmpv6 ipv6 source 2001:db8:0:2:: 2001:db8:0:2::ffff",
			"server snat 2001:db8:0:1::20 0"},
		.asking = INSIDE,
		.is_v6 = true,
		.translated = "2001:db8:0:1::20"},
};

const struct mode *
mode_find(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(modes[i].name, name) == 0)
			return &modes[i];
	}
	return NULL;
}
