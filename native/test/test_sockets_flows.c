/*
 * The table of flows under ASan and UBSan, against sockets of this process on loopback: numbers
 * that are old, ends with FIN, servers that go on sending, as many flows as there are descriptors.
 */
#include "../sockets/flow_table.h"
#include "../sockets/knock_settings.h"
#include "tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define WAIT_MS 5000

static struct ks_flow_table *table;
static struct ks_flow_news news[KS_FLOW_NEWS_MAX];

struct server {
	int listener;
	struct ks_flow_settings settings;
};

static struct server
listening(const char *address)
{
	struct server server = {.listener = -1};
	struct ks_flow_address *target = &server.settings.target;

	tap_ok(ks_flow_address_read(target, address, 0), "%s is an address", address);
	server.listener = socket(target->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	tap_ok(bind(server.listener, &target->any, target->length) == 0 &&
			listen(server.listener, 512) == 0 &&
			getsockname(server.listener, &target->any, &target->length) == 0,
		"a server on it");
	return server;
}

/* The bits of what is told of the flow next; 0 when nothing is. */
static int
bits_of(int32_t number)
{
	struct pollfd readable = {.fd = ks_flow_table_descriptor(table), .events = POLLIN};

	while (poll(&readable, 1, WAIT_MS) == 1) {
		unsigned int count = ks_flow_table_take(table, news);

		for (unsigned int i = 0; i < count; i++)
			if (news[i].number == number)
				return news[i].bits;
	}
	return 0;
}

static bool
count_becomes(unsigned int wanted)
{
	struct pollfd readable = {.fd = ks_flow_table_descriptor(table), .events = POLLIN};

	while (ks_flow_table_count(table) != wanted && poll(&readable, 1, WAIT_MS) == 1)
		ks_flow_table_take(table, news);
	return ks_flow_table_count(table) == wanted;
}

static void
exchange(const char *address)
{
	struct server server = listening(address);
	int32_t flow = ks_flow_table_open(table, &server.settings);
	char room[16];
	int accepted;

	tap_ok(flow > 0 && bits_of(flow) == KS_FLOW_OPENED, "it opens");
	accepted = accept(server.listener, NULL, NULL);
	tap_ok(ks_flow_table_receive(table, flow, room, sizeof(room)) == -EAGAIN, "nothing yet");
	tap_ok(ks_flow_table_send(table, flow, "question", 8) == 8, "it sends");
	tap_ok(read(accepted, room, sizeof(room)) == 8, "the server receives");
	tap_ok(write(accepted, "answer", 6) == 6, "and answers");
	tap_ok((bits_of(flow) & KS_FLOW_READABLE) != 0, "which is told");
	tap_ok(ks_flow_table_receive(table, flow, room, 3) == 3 && memcmp(room, "ans", 3) == 0,
		"and received in part");
	ks_flow_table_close(table, flow);
	tap_ok(ks_flow_table_count(table) == 1, "closed, it lingers");
	tap_ok(ks_flow_table_receive(table, flow, room, 3) == -EBADF &&
			ks_flow_table_send(table, flow, "x", 1) == -EBADF,
		"and is nobody's");
	ks_flow_table_close(table, flow);
	tap_ok(read(accepted, room, sizeof(room)) == 0, "the server sees its end");
	tap_ok(write(accepted, "more", 4) == 4, "and may say more");
	close(accepted);
	tap_ok(count_becomes(0), "after the server's end it is gone");
	close(server.listener);
}

static struct ks_knock_settings knocks_list;

/* Whether the server may greet, and sees the end all the same: 0, or -errno of its next words. */
static int
knock_once(const struct server *server, int32_t number, bool is_greeted)
{
	struct ks_flow_settings settings = *ks_knock_settings_find(&knocks_list, number);
	int32_t flow = ks_flow_table_open(table, &settings);
	char octet;
	int accepted, error = 0;

	tap_ok(flow > 0 && bits_of(flow) == KS_FLOW_OPENED, "a knock is answered");
	tap_ok(ks_flow_table_send(table, flow, "x", 1) == -EBADF, "and is nobody's from then on");
	accepted = accept(server->listener, NULL, NULL);
	if (is_greeted)
		tap_ok(write(accepted, "220", 3) == 3, "the server greets");
	tap_ok(read(accepted, &octet, 1) == 0, "the server sees its end");
	if (is_greeted && send(accepted, "220", 3, MSG_NOSIGNAL) < 0)
		error = -errno;
	close(accepted);
	tap_ok(count_becomes(0), "and it is gone");
	return error;
}

static void
knocks(const char *address)
{
	struct server server = listening(address);
	int32_t number = ks_knock_settings_keep(&knocks_list, &server.settings);
	struct ks_flow_settings settings = *ks_knock_settings_find(&knocks_list, number);
	bool is_proper = true;
	int32_t flow;

	for (int i = 0; i < 2 * KS_KNOCK_SILENCES; i++)
		is_proper = knock_once(&server, number, true) == 0 && is_proper;
	tap_ok(is_proper, "a server that greets sees a proper end each time");
	for (int i = 0; i < 2 * KS_KNOCK_SILENCES; i++)
		is_proper = knock_once(&server, number, false) == 0 && is_proper;
	tap_ok(is_proper, "and so does one that says nothing");
	tap_ok(knock_once(&server, number, true) == -EPIPE, "it was left at once");
	for (int i = 0; i < KS_KNOCK_HURRIED_MAX; i++)
		knock_once(&server, number, true);
	tap_equal((uint64_t)knock_once(&server, number, true), 0, "until it was tried again");
	close(server.listener);
	flow = ks_flow_table_open(table, &settings);
	tap_ok(flow < 0 || bits_of(flow) == KS_FLOW_FAILED, "where nobody listens, it fails");
	tap_ok(count_becomes(0), "and is gone at once");
}

static void
late_servers(void)
{
	static char much[64 * 1024];
	struct server server = listening("127.0.0.1");
	int32_t silent = ks_flow_table_open(table, &server.settings), endless;
	int accepted[2], sent = 0;

	tap_ok(bits_of(silent) == KS_FLOW_OPENED, "one");
	endless = ks_flow_table_open(table, &server.settings);
	tap_ok(bits_of(endless) == KS_FLOW_OPENED, "another");
	accepted[0] = accept(server.listener, NULL, NULL);
	accepted[1] = accept(server.listener, NULL, NULL);
	tap_ok(ks_flow_table_receive(table, endless, much, 1) == -EAGAIN, "one is waited for");
	ks_flow_table_close(table, silent);
	ks_flow_table_close(table, endless);
	for (int i = 0; i < 1000 && ks_flow_table_count(table) == 2; i++) {
		sent += send(accepted[1], much, sizeof(much), MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
		ks_flow_table_take(table, news);
		usleep(1000);
	}
	tap_ok(sent > 0 && ks_flow_table_count(table) == 1, "who sends without end is left");
	tap_ok(count_becomes(0), "and who does not answer, in time");
	close(accepted[0]);
	close(accepted[1]);
	close(server.listener);
}

static void
failures(void)
{
	struct server server = listening("127.0.0.1");
	struct ks_flow_settings other = server.settings;
	int32_t flow;

	close(server.listener);
	flow = ks_flow_table_open(table, &server.settings);
	tap_ok(flow > 0 && bits_of(flow) == KS_FLOW_FAILED, "a closed port fails");
	tap_equal((uint64_t)news[0].error, ECONNREFUSED, "as refused");
	ks_flow_table_close(table, flow);
	tap_ok(ks_flow_table_count(table) == 0, "and leaves nothing");
	ks_flow_address_read(&other.source, "::1", 0);
	tap_ok(ks_flow_table_open(table, &other) == -EAFNOSUPPORT, "two families");
	other.source.length = 0;
	strcpy(other.interface, "absent0");
	tap_ok(ks_flow_table_open(table, &other) == -ENODEV, "no such interface");
	tap_ok(ks_flow_table_count(table) == 0, "nothing is left of these either");
	for (int32_t number = -3; number < 3; number++)
		ks_flow_table_close(table, number);
	ks_flow_table_close(table, INT32_MAX);
	tap_ok(ks_flow_table_receive(table, INT32_MAX, news, 1) == -EBADF, "no such flow");
}

static void
numbers_are_used_again(void)
{
	struct ks_flow_settings settings = {.protocol = KS_FLOW_UDP};
	int32_t first, flow = 0;
	char room[1];

	ks_flow_address_read(&settings.target, "127.0.0.1", 9);
	first = ks_flow_table_open(table, &settings);
	ks_flow_table_close(table, first);
	for (int i = 0; i < 2046; i++) {
		flow = ks_flow_table_open(table, &settings);
		if (flow <= 0 || flow == first)
			break;
		ks_flow_table_close(table, flow);
	}
	tap_ok(flow > 0 && flow != first, "an old number is long nobody's");
	tap_ok(ks_flow_table_receive(table, first, room, 1) == -EBADF, "first is old");
	flow = ks_flow_table_open(table, &settings);
	tap_ok(flow == first, "and comes round at last");
	ks_flow_table_close(table, flow);
}

/* Those that linger make room for those that are wanted. */
static void
few_descriptors(void)
{
	enum { FLOWS = 100 };
	struct server server = listening("127.0.0.1");
	struct rlimit limit, before;
	int opened = 0;

	getrlimit(RLIMIT_NOFILE, &before);
	limit = before;
	limit.rlim_cur = 50;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < FLOWS; i++) {
		int32_t flow = ks_flow_table_open(table, &server.settings);

		opened += flow > 0 && bits_of(flow) == KS_FLOW_OPENED;
		ks_flow_table_close(table, flow);
	}
	tap_equal((uint64_t)opened, FLOWS, "all are opened");
	tap_ok(ks_flow_table_count(table) < 50, "fewer linger");
	setrlimit(RLIMIT_NOFILE, &before);
	close(server.listener);
	tap_ok(count_becomes(0), "none at the end");
}

static void
icmp(const char *address, uint8_t request, uint8_t reply, bool is_raw)
{
	struct ks_flow_settings settings = {.protocol = KS_FLOW_ICMP};
	uint8_t message[64] = {request, 0, 0, 0, 0, 0, 0, 7, 'h', 'i'};
	int32_t flow;

	ks_flow_address_read(&settings.target, address, 0);
	flow = ks_flow_table_open(table, &settings);
	if (flow == -EPERM || flow == -EACCES) {
		tap_ok(true, "# SKIP no right to ICMP");
		return;
	}
	tap_ok(flow > 0, "%s%s", address, is_raw ? " by a raw socket" : "");
	tap_ok(ks_flow_table_send(table, flow, message, 10) == 10, "asked");
	tap_ok((bits_of(flow) & KS_FLOW_READABLE) != 0, "news");
	memset(message, 0, sizeof(message));
	tap_ok(ks_flow_table_receive(table, flow, message, sizeof(message)) == 10, "answered");
	tap_ok(message[0] == reply && message[7] == 7 && message[8] == 'h', "with the same");
	tap_ok(ks_flow_table_send(table, flow, message, is_raw ? 4 : 0) < 0, "no message");
	ks_flow_table_close(table, flow);
}

/* A new network namespace lets nobody open echo sockets. False without the right to make one. */
static bool
enter_namespace(void)
{
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int descriptor, error;

	if (unshare(CLONE_NEWNET) != 0)
		return false;
	descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	error = ioctl(descriptor, SIOCSIFFLAGS, &loopback);
	close(descriptor);
	return error == 0;
}

int
main(void)
{
	table = ks_flow_table_create(&knocks_list);
	if (!tap_ok(table != NULL, "a table"))
		return tap_done();
	exchange("127.0.0.1");
	knocks("127.0.0.1");
	knocks("::1");
	exchange("::1");
	late_servers();
	failures();
	numbers_are_used_again();
	few_descriptors();
	icmp("127.0.0.1", 8, 0, false);
	icmp("::1", 128, 129, false);
	if (enter_namespace()) {
		icmp("127.0.0.1", 8, 0, true);
		icmp("::1", 128, 129, true);
	}
	/* Open ones end with the table. */
	for (int i = 0; i < 100; i++) {
		struct ks_flow_settings settings = {.protocol = KS_FLOW_UDP};

		ks_flow_address_read(&settings.target, "127.0.0.1", 9);
		ks_flow_table_open(table, &settings);
	}
	ks_flow_table_destroy(table);
	return tap_done();
}
