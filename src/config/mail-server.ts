// Where mail alerts are handed in: a host name or an address, and a port.
import {
  argument,
  integer,
  optional,
  type PhraseValue,
  parseAddress,
  sequence,
} from './phrases.js';

const smtpPort = 25;

/** Dots and digits alone are an IPv4 address or nothing; no host is called so. */
const host = argument('HOST', 'a host name or an IP address', (text) => {
  if (/^[0-9.]+$/.test(text) || text.includes(':')) return parseAddress(text);
  return /^[A-Za-z0-9._-]+$/.test(text) ? text : undefined;
});

export const mailServer = sequence({ host, port: optional(integer(1, 65_535), smtpPort) });

export type MailServer = PhraseValue<typeof mailServer>;
