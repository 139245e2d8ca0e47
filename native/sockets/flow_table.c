#include "flow_table.h"

#include "flow_icmp.h"
#include "knock_settings.h"
#include "monotonic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define INDEX_BITS 20
#define FLOWS_MAX (1u << INDEX_BITS)
#define GENERATION_MAX 2047u
#define FLOWS_AT_FIRST 64u
#define NOBODY UINT32_MAX
/* No flow has it: the timer of lingering connections. */
#define TIMER_NUMBER 0
/*
 * Nearly every server has answered our FIN by then. Connections are looked after in such steps: to
 * be woken by the end of each would cost as much as the rest of a check.
 */
#define STEP_MS 50

enum flow_state {
	FLOW_FREE,
	FLOW_CONNECTING,
	FLOW_OPEN,
	FLOW_LINGERING,
};

/* Of lingering flows in the order in which they were closed. */
struct queue {
	uint32_t first;
	uint32_t last;
};

struct flow {
	struct ks_flow_socket socket;
	enum ks_flow_protocol protocol;
	enum flow_state state;
	int32_t number;
	/* News comes of it; a connection that nobody waits for makes none. */
	bool is_watched;
	int32_t knock; /* As of its settings. */
	/* Among the free ones, or in the queue. */
	uint32_t next;
	uint32_t previous;
	struct queue *queue;
	uint32_t drained_bytes;
	int64_t closed_ms;
};

struct ks_flow_table {
	int epoll;
	int timer;
	bool is_timer_set;
	struct flow *flows;
	uint32_t room;
	uint32_t count;
	uint32_t first_free;
	/* Closed less than a step ago; and those whose servers take longer. */
	struct queue fresh;
	struct queue late;
	uint16_t next_identifier;
	struct ks_knock_settings *knocks;
	/* Never read: what comes while lingering is not copied. */
	char discarded[16 * 1024];
};

static uint32_t
index_of(const struct ks_flow_table *table, const struct flow *flow)
{
	return (uint32_t)(flow - table->flows);
}

/* NULL when it is no number of an open flow. */
static struct flow *
find(struct ks_flow_table *table, int32_t number)
{
	uint32_t index = (uint32_t)number & (FLOWS_MAX - 1);
	struct flow *flow;

	if (number <= 0 || index >= table->room)
		return NULL;
	flow = &table->flows[index];
	if (flow->number != number || flow->state == FLOW_FREE)
		return NULL;
	return flow;
}

/* As `find`, but for those who closed it. */
static struct flow *
find_open(struct ks_flow_table *table, int32_t number)
{
	struct flow *flow = find(table, number);

	return flow == NULL || flow->state == FLOW_LINGERING ? NULL : flow;
}

static int
grow(struct ks_flow_table *table)
{
	uint32_t room = table->room == 0 ? FLOWS_AT_FIRST : table->room * 2;
	struct flow *flows;

	if (room > FLOWS_MAX)
		return -ENFILE;
	flows = realloc(table->flows, room * sizeof(*flows));
	if (flows == NULL)
		return -ENOMEM;
	table->flows = flows;
	for (uint32_t index = room; index-- > table->room;) {
		flows[index] = (struct flow){
			.number = (int32_t)index,
			.next = table->first_free,
		};
		table->first_free = index;
	}
	table->room = room;
	return 0;
}

static struct flow *
take_free(struct ks_flow_table *table)
{
	struct flow *flow = &table->flows[table->first_free];
	uint32_t index = table->first_free;
	uint32_t generation = (uint32_t)flow->number >> INDEX_BITS;
	uint32_t next = generation == GENERATION_MAX ? 1 : generation + 1;

	table->first_free = flow->next;
	table->count++;
	*flow = (struct flow){.number = (int32_t)(next << INDEX_BITS | index), .next = NOBODY};
	return flow;
}

/* Its descriptor is closed, or gone. */
static void
give_back(struct ks_flow_table *table, struct flow *flow)
{
	flow->state = FLOW_FREE;
	flow->next = table->first_free;
	table->first_free = index_of(table, flow);
	table->count--;
}

static void
end(struct ks_flow_table *table, struct flow *flow)
{
	if (flow->state == FLOW_LINGERING && flow->knock != 0)
		ks_knock_settings_heard(table->knocks, flow->knock - 1, flow->drained_bytes > 0);
	close(flow->socket.descriptor);
	give_back(table, flow);
}

static void
join(struct ks_flow_table *table, struct queue *queue, struct flow *flow)
{
	uint32_t index = index_of(table, flow);

	flow->queue = queue;
	flow->next = NOBODY;
	flow->previous = queue->last;
	if (queue->last == NOBODY)
		queue->first = index;
	else
		table->flows[queue->last].next = index;
	queue->last = index;
}

static void
leave(struct ks_flow_table *table, struct flow *flow)
{
	struct queue *queue = flow->queue;

	if (flow->previous == NOBODY)
		queue->first = flow->next;
	else
		table->flows[flow->previous].next = flow->next;
	if (flow->next == NOBODY)
		queue->last = flow->previous;
	else
		table->flows[flow->next].previous = flow->previous;
}

static void
end_lingering(struct ks_flow_table *table, struct flow *flow)
{
	leave(table, flow);
	end(table, flow);
}

/* Steps go on while something lingers. */
static void
set_timer(struct ks_flow_table *table, bool is_on)
{
	struct itimerspec setting = {0};

	if (table->is_timer_set == is_on)
		return;
	if (is_on) {
		setting.it_value.tv_nsec = STEP_MS * 1000000L;
		setting.it_interval = setting.it_value;
	}
	if (timerfd_settime(table->timer, 0, &setting, NULL) == 0)
		table->is_timer_set = is_on;
}

/* False when the connection has ended, or has sent too much. */
static bool
drain(struct ks_flow_table *table, struct flow *flow)
{
	while (flow->drained_bytes < KS_FLOW_LINGER_BYTES_MAX) {
		/* TCP's MSG_TRUNC throws away instead of copying. */
		ssize_t length = recv(flow->socket.descriptor, table->discarded,
			sizeof(table->discarded), MSG_DONTWAIT | MSG_TRUNC);

		if (length <= 0)
			return length < 0 && errno == EAGAIN;
		flow->drained_bytes += (uint32_t)length;
	}
	return false;
}

/* The first of the queue when it was closed so long ago, else NULL. */
static struct flow *
due(struct ks_flow_table *table, const struct queue *queue, int64_t since_ms)
{
	struct flow *flow;

	if (queue->first == NOBODY)
		return NULL;
	flow = &table->flows[queue->first];
	return flow->closed_ms <= since_ms ? flow : NULL;
}

static void
look_after_lingering(struct ks_flow_table *table)
{
	int64_t now = ks_monotonic_ms();
	struct flow *flow;
	uint64_t steps;

	if (read(table->timer, &steps, sizeof(steps)) < 0)
		return;
	while ((flow = due(table, &table->fresh, now - STEP_MS)) != NULL) {
		leave(table, flow);
		if (drain(table, flow))
			join(table, &table->late, flow);
		else
			end(table, flow);
	}
	while ((flow = due(table, &table->late, now - KS_FLOW_LINGER_MS)) != NULL) {
		drain(table, flow);
		end_lingering(table, flow);
	}
	set_timer(table, table->fresh.first != NOBODY || table->late.first != NOBODY);
}

static int
watch(struct ks_flow_table *table, int operation, int descriptor, uint32_t events, int32_t number)
{
	struct epoll_event event = {.events = events, .data.u64 = (uint64_t)number};

	return epoll_ctl(table->epoll, operation, descriptor, &event) == 0 ? 0 : -errno;
}

/* `result`, when from now on news comes of it; what there is already is news, too. */
static ssize_t
watched(struct ks_flow_table *table, struct flow *flow, ssize_t result)
{
	const uint32_t events = EPOLLIN | EPOLLOUT | EPOLLET;
	int error = 0;

	if (!flow->is_watched)
		error = watch(table, EPOLL_CTL_MOD, flow->socket.descriptor, events, flow->number);
	flow->is_watched = error == 0;
	return error == 0 ? result : error;
}

struct ks_flow_table *
ks_flow_table_create(struct ks_knock_settings *knocks)
{
	struct ks_flow_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->knocks = knocks;
	table->first_free = NOBODY;
	table->fresh = table->late = (struct queue){NOBODY, NOBODY};
	table->epoll = epoll_create1(EPOLL_CLOEXEC);
	table->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (table->epoll >= 0 && table->timer >= 0 &&
		getrandom(&table->next_identifier, sizeof(table->next_identifier), GRND_NONBLOCK) >=
			0 &&
		watch(table, EPOLL_CTL_ADD, table->timer, EPOLLIN, TIMER_NUMBER) == 0)
		return table;
	ks_flow_table_destroy(table);
	return NULL;
}

void
ks_flow_table_destroy(struct ks_flow_table *table)
{
	int error = errno;

	for (uint32_t index = 0; index < table->room; index++)
		if (table->flows[index].state != FLOW_FREE)
			close(table->flows[index].socket.descriptor);
	if (table->timer >= 0)
		close(table->timer);
	if (table->epoll >= 0)
		close(table->epoll);
	free(table->flows);
	free(table);
	errno = error;
}

int
ks_flow_table_descriptor(const struct ks_flow_table *table)
{
	return table->epoll;
}

unsigned int
ks_flow_table_count(const struct ks_flow_table *table)
{
	return table->count;
}

/* Where descriptors are short, those that only wait for a FIN go first. */
static int
open_socket(struct ks_flow_table *table, const struct ks_flow_settings *settings,
	struct ks_flow_socket *opened)
{
	uint16_t identifier = table->next_identifier++;
	int error = ks_flow_socket_open(settings, identifier, opened);
	uint32_t oldest = table->late.first != NOBODY ? table->late.first : table->fresh.first;

	if ((error != -EMFILE && error != -ENFILE) || oldest == NOBODY)
		return error;
	/* It did not wait for a greeting: nothing is known. */
	table->flows[oldest].knock = 0;
	end_lingering(table, &table->flows[oldest]);
	return ks_flow_socket_open(settings, identifier, opened);
}

int32_t
ks_flow_table_open(struct ks_flow_table *table, const struct ks_flow_settings *settings)
{
	/* Until somebody receives, a connection tells only that it is established. */
	bool is_tcp = settings->protocol == KS_FLOW_TCP;
	uint32_t events = is_tcp ? EPOLLOUT | EPOLLONESHOT : EPOLLIN | EPOLLET;
	struct ks_flow_socket opened;
	struct flow *flow;
	int error = open_socket(table, settings, &opened);

	if (error != 0)
		return error;
	if (table->first_free == NOBODY && (error = grow(table)) != 0) {
		close(opened.descriptor);
		return error;
	}
	flow = take_free(table);
	flow->socket = opened;
	flow->protocol = settings->protocol;
	flow->state = opened.is_connecting ? FLOW_CONNECTING : FLOW_OPEN;
	flow->is_watched = !is_tcp;
	flow->knock = settings->knock;
	error = watch(table, EPOLL_CTL_ADD, opened.descriptor, events, flow->number);
	if (error != 0) {
		end(table, flow);
		return error;
	}
	return flow->number;
}

ssize_t
ks_flow_table_send(struct ks_flow_table *table, int32_t number, const void *bytes, size_t length)
{
	struct flow *flow = find_open(table, number);
	ssize_t sent;

	if (flow == NULL)
		return -EBADF;
	if (flow->socket.is_raw)
		return ks_flow_icmp_send(&flow->socket, bytes, length);
	sent = send(flow->socket.descriptor, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0)
		sent = -errno;
	if (sent == -EAGAIN || (sent >= 0 && (size_t)sent < length))
		return watched(table, flow, sent);
	return sent;
}

ssize_t
ks_flow_table_receive(struct ks_flow_table *table, int32_t number, void *bytes, size_t room)
{
	struct flow *flow = find_open(table, number);
	ssize_t received;

	if (flow == NULL)
		return -EBADF;
	if (flow->socket.is_raw)
		return ks_flow_icmp_receive(&flow->socket, bytes, room);
	received = recv(flow->socket.descriptor, bytes, room, MSG_DONTWAIT);
	if (received >= 0)
		return received;
	return errno == EAGAIN ? watched(table, flow, -EAGAIN) : -errno;
}

void
ks_flow_table_close(struct ks_flow_table *table, int32_t number)
{
	struct flow *flow = find_open(table, number);

	if (flow == NULL)
		return;
	if (flow->protocol != KS_FLOW_TCP || flow->state != FLOW_OPEN ||
		shutdown(flow->socket.descriptor, SHUT_WR) != 0) {
		end(table, flow);
		return;
	}
	flow->state = FLOW_LINGERING;
	flow->closed_ms = ks_monotonic_ms();
	join(table, &table->fresh, flow);
	set_timer(table, true);
}

static struct ks_flow_news
connected(struct flow *flow, uint32_t events)
{
	struct ks_flow_news news = {.number = flow->number, .bits = KS_FLOW_OPENED};
	int error = 0;
	socklen_t length = sizeof(error);

	if ((events & (EPOLLERR | EPOLLHUP)) != 0 &&
		getsockopt(flow->socket.descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
		error = errno;
	flow->state = FLOW_OPEN;
	if (error != 0) {
		news.bits = KS_FLOW_FAILED;
		news.error = error;
	}
	return news;
}

/* False when there is nothing to tell. */
static bool
look(struct ks_flow_table *table, const struct epoll_event *event, struct ks_flow_news *news)
{
	struct flow *flow;

	if (event->data.u64 == TIMER_NUMBER) {
		look_after_lingering(table);
		return false;
	}
	flow = find(table, (int32_t)event->data.u64);
	if (flow == NULL)
		return false;
	if (flow->state == FLOW_LINGERING) {
		if (!drain(table, flow))
			end_lingering(table, flow);
		return false;
	}
	if (flow->state == FLOW_CONNECTING) {
		*news = connected(flow, event->events);
		if (flow->knock != 0 && ks_knock_settings_may_leave(table->knocks, flow->knock - 1))
			end(table, flow);
		else if (flow->knock != 0)
			ks_flow_table_close(table, flow->number);
		return true;
	}
	*news = (struct ks_flow_news){.number = flow->number};
	if ((event->events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
		news->bits |= KS_FLOW_READABLE;
	if ((event->events & EPOLLOUT) != 0)
		news->bits |= KS_FLOW_WRITABLE;
	return true;
}

unsigned int
ks_flow_table_take(struct ks_flow_table *table, struct ks_flow_news *news)
{
	struct epoll_event events[KS_FLOW_NEWS_MAX];
	unsigned int taken = 0;
	int count = epoll_wait(table->epoll, events, KS_FLOW_NEWS_MAX, 0);

	for (int i = 0; i < count; i++)
		if (look(table, &events[i], &news[taken]))
			taken++;
	return taken;
}
