/*
 * Owner: nobody, functions over a worker. Threads: the worker alone. Lifetime: the program.
 *
 * What a packet is: of a connection, for a service, for us, for another worker, or for nobody here.
 */
#ifndef KS_DATAPATH_CLASSIFY_H
#define KS_DATAPATH_CLASSIFY_H

#include "burst.h"

/* The verdict of a packet that was parsed; UNDECIDED: it begins a connection (burst->news). */
uint8_t ks_classify(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet);

/* Ends what ks_classify began, in the order of the packets, and lets go of them. */
void ks_classify_connect(struct ks_worker *worker, struct ks_burst *burst);

/* Sets digest and hash of a packet's key, whose ports, protocol and family are there. */
void ks_classify_hash(const struct ks_hash_secret *secret, struct ks_packet *packet);

#endif
