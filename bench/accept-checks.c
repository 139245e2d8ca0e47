/*
 * What `npm run bench -- checks` lets itself be checked by: accepts on every address of 127/8 and
 * closes at once, or, with "http", answers each request with one small page. From SIGUSR1 on it
 * counts, and notes how much later than an interval each address is connected to again; at SIGTERM
 * it prints that as JSON.
 *
 * It looks for connections every millisecond instead of waiting for them: to be woken by each would
 * be work of whoever connects, more of it the better they are spread over time.
 *
 * usage: accept-checks PORT INTERVAL_MS [http]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The last 20 bits of the addresses that are checked differ. */
#define ADDRESSES (1u << 20)
#define LATE_MS_MAX 10000

static volatile sig_atomic_t begins, ends;
/* In ms since the start; 0: not yet. */
static uint32_t last_ms[ADDRESSES];
static uint64_t late[LATE_MS_MAX + 1];

static void
signalled(int number)
{
	if (number == SIGUSR1)
		begins = 1;
	else
		ends = 1;
}

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int
listening(uint16_t port)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (descriptor < 0 ||
		setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		bind(descriptor, (struct sockaddr *)&any, sizeof(any)) != 0 ||
		listen(descriptor, 65535) != 0)
		return -1;
	return descriptor;
}

/* With TCP_DEFER_ACCEPT the request is there when the connection is. */
static void
answer(int descriptor)
{
	static const char page[] = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok";
	char request[4096];

	if (recv(descriptor, request, sizeof(request), MSG_DONTWAIT) > 0)
		send(descriptor, page, sizeof(page) - 1, MSG_NOSIGNAL);
}

static unsigned
quantile(uint64_t total, double part)
{
	uint64_t below = 0;

	for (unsigned ms = 0; ms < LATE_MS_MAX; ms++) {
		below += late[ms];
		if ((double)below > (double)total * part)
			return ms;
	}
	return LATE_MS_MAX;
}

static void
print(uint64_t accepted, uint64_t duration_ms)
{
	uint64_t total = 0;
	unsigned worst = 0;

	for (unsigned ms = 0; ms <= LATE_MS_MAX; ms++) {
		total += late[ms];
		if (late[ms] > 0)
			worst = ms;
	}
	printf("{\"accepted\":%llu,\"durationMs\":%llu,\"lateP99Ms\":%u,\"lateWorstMs\":%u}\n",
		(unsigned long long)accepted, (unsigned long long)duration_ms,
		quantile(total, 0.99), worst);
}

int
main(int count, char **words)
{
	struct sigaction action = {.sa_handler = signalled};
	const struct timespec nap = {.tv_nsec = 1000000};
	uint64_t start_ms = now_ms() - 1, from_ms = 0, accepted = 0;
	uint32_t interval_ms;
	bool answers = count == 4 && strcmp(words[3], "http") == 0;
	int listener, deferred_seconds = 1;

	if (count != 3 && !answers)
		return 2;
	interval_ms = (uint32_t)atoi(words[2]);
	listener = listening((uint16_t)atoi(words[1]));
	if (listener < 0) {
		perror("accept-checks");
		return 1;
	}
	if (answers)
		setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &deferred_seconds,
			sizeof(deferred_seconds));
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	while (!ends) {
		struct sockaddr_in local;
		socklen_t length = sizeof(local);
		int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		uint32_t address, at_ms;

		if (begins) {
			begins = 0;
			from_ms = now_ms();
			accepted = 0;
			memset(late, 0, sizeof(late));
		}
		if (descriptor < 0) {
			nanosleep(&nap, NULL);
			continue;
		}
		getsockname(descriptor, (struct sockaddr *)&local, &length);
		if (answers)
			answer(descriptor);
		close(descriptor);
		accepted++;
		address = ntohl(local.sin_addr.s_addr) % ADDRESSES;
		at_ms = (uint32_t)(now_ms() - start_ms);
		if (last_ms[address] != 0) {
			uint32_t between_ms = at_ms - last_ms[address];
			uint32_t late_ms = between_ms < interval_ms ? 0 : between_ms - interval_ms;

			late[late_ms < LATE_MS_MAX ? late_ms : LATE_MS_MAX]++;
		}
		last_ms[address] = at_ms;
	}
	print(accepted, now_ms() - from_ms);
	return 0;
}
