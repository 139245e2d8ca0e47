/*
 * Owner: nobody, pure functions. Threads: any. Lifetime: the program.
 *
 * Version 1 of the PROXY protocol: a line of text.
 */
#ifndef KS_DATAPATH_PROXY_HEADER_TEXT_H
#define KS_DATAPATH_PROXY_HEADER_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy_header.h"

/* Writes the line with its CRLF; answers its length. */
uint32_t ks_proxy_text_write(
	uint8_t octets[KS_PROXY_HEADER_BYTES_MAX], const struct ks_proxy_addresses *addresses);

/*
 * Reads a line of that length, CRLF included, that begins with "PROXY ". False when it is not of
 * the protocol.
 */
bool ks_proxy_text_read(
	const uint8_t *line, uint32_t line_bytes, struct ks_proxy_addresses *addresses);

#endif
