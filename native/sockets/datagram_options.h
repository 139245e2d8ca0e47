/*
 * Owner: nobody, functions on a descriptor. Threads: any. Lifetime: the program.
 *
 * The options of a raw IP socket, and its groups. Each function: 0 or -errno.
 */
#ifndef KS_DATAGRAM_OPTIONS_H
#define KS_DATAGRAM_OPTIONS_H

#include <stdint.h>

/*
 * Bound to the interface of that index and name (0: to none), deaf to its own multicast and to
 * groups that others joined, told of hop limits, urgent. What arrived before is thrown away.
 */
int ks_datagram_options_set(int descriptor, int family, uint32_t index, const char *name);

/* The group, an address in text of the socket's family, on the interface. */
int ks_datagram_options_join(int descriptor, int family, const char *group, uint32_t index);

int ks_datagram_options_set_buffer(int descriptor, uint32_t bytes);

#endif
