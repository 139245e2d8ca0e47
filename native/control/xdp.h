/*
 * Owner: the interface. Threads: control. Lifetime: the kernel detaches the program when the file
 * descriptor closes, also when the process dies.
 */
#ifndef KS_CONTROL_XDP_H
#define KS_CONTROL_XDP_H

/*
 * Attaches a program that lets every packet pass. A veth with any XDP program makes its peer
 * segment before it sends, so the peer never hands over more than an MTU. Returns a file
 * descriptor to keep, or -1 when the kernel does not want it (it is only a convenience).
 */
int ks_xdp_attach_pass(unsigned int interface_index);

/*
 * Detaches the AF_XDP program that a killed process left. A program with live sockets, or one that
 * is not AF_XDP's, stays. Only for who has claimed the interface.
 */
void ks_xdp_detach_stale(unsigned int interface_index);

#endif
