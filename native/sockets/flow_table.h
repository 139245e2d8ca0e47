/*
 * The flows of one thread: connections and datagram sockets by number, watched by one epoll
 * descriptor that becomes readable when there is news. News of what can be read or sent comes only
 * to who has tried before and got EAGAIN, or sent a part. Knows nothing of JavaScript.
 *
 * Owner: who created it.
 * Threads: only the one that created it.
 * Lifetime: until destroyed, with every flow in it.
 */
#ifndef KS_FLOW_TABLE_H
#define KS_FLOW_TABLE_H

#include "flow_socket.h"

#include <sys/types.h>

/* News that one call takes at most: timers and others of the thread come in between. */
#define KS_FLOW_NEWS_MAX 256
/* How long a server may take to answer our FIN before the connection is given up. */
#define KS_FLOW_LINGER_MS 1000
/* What a server may still send meanwhile; one that goes on after that gets a reset. */
#define KS_FLOW_LINGER_BYTES_MAX (256 * 1024)

enum ks_flow_news_bit {
	KS_FLOW_OPENED = 1,
	KS_FLOW_FAILED = 2,
	KS_FLOW_READABLE = 4,
	KS_FLOW_WRITABLE = 8,
};

struct ks_flow_news {
	int32_t number;
	int32_t bits;
	int32_t error; /* errno, of KS_FLOW_FAILED */
};

struct ks_flow_table;
struct ks_knock_settings;

/* NULL with errno set. `knocks` outlives it. */
struct ks_flow_table *ks_flow_table_create(struct ks_knock_settings *knocks);
void ks_flow_table_destroy(struct ks_flow_table *table);

int ks_flow_table_descriptor(const struct ks_flow_table *table);

/*
 * The flow's number, > 0, or -errno. News says KS_FLOW_OPENED or KS_FLOW_FAILED of a TCP
 * connection; the others are open at once. Either is the last of a knock, whose number means
 * nothing from then on: it is closed as below, or at once where its server never greets
 * (knock_settings.h).
 */
int32_t ks_flow_table_open(struct ks_flow_table *table, const struct ks_flow_settings *settings);

/* The octets taken, or -errno. TCP may take a part. */
ssize_t ks_flow_table_send(
	struct ks_flow_table *table, int32_t number, const void *bytes, size_t length);

/* The octets received, cut at `room`, or -errno; 0 from TCP is the end. */
ssize_t ks_flow_table_receive(
	struct ks_flow_table *table, int32_t number, void *bytes, size_t room);

/*
 * The number means nothing any more. An established connection ends with FIN, and is kept out of
 * sight until the server has answered it or KS_FLOW_LINGER_MS have passed: a server that greets us
 * sees no reset.
 */
void ks_flow_table_close(struct ks_flow_table *table, int32_t number);

/* How many there are; `news` has room for KS_FLOW_NEWS_MAX. */
unsigned int ks_flow_table_take(struct ks_flow_table *table, struct ks_flow_news *news);

/* Descriptors that are held, lingering ones too: for tests. */
unsigned int ks_flow_table_count(const struct ks_flow_table *table);

#endif
