// The keywords of checks that exchange a message or two: PING_CHECK, UDP_CHECK, DNS_CHECK and
// SMTP_CHECK.
import { connectionTable } from './checker-table.js';
import { block, keptTable, setting } from './keywords.js';
import { payload, replyPattern } from './payload.js';
import { argument, caselessChoice, integer, optional } from './phrases.js';
import { text } from './text.js';
import { needed } from './word-count.js';

const length = integer(0, 65_535);

export const pingCheckTable = connectionTable;

export const udpCheckTable = {
  ...connectionTable,
  payload: setting(
    'What is sent: hexadecimal, or text as soon as one letter is no hexadecimal digit.',
    needed(payload),
    { defaultText: 'a text of the daemon' },
  ),
  require_reply: setting(
    'There must be an answer, and it must begin so; told apart as payload, X is any digit.',
    optional(replyPattern, null),
    { defaultText: 'none is needed' },
  ),
  min_reply_length: setting('Octets that the answer must have.', length, { fallback: 0 }),
  max_reply_length: setting('Octets that the answer may have.', length, { fallback: 255 }),
};

const dnsName = argument('NAME', 'a domain name without an empty label', (written) =>
  written === '.' || !/^\.|\.\./.test(written) ? written : undefined,
);

const dnsTypes = ['A', 'NS', 'CNAME', 'SOA', 'MX', 'TXT', 'AAAA', 'RRSIG', 'DNSKEY'] as const;

export type DnsType = (typeof dnsTypes)[number];

export const dnsCheckTable = {
  ...connectionTable,
  type: setting('Type of the record that is asked for.', caselessChoice(...dnsTypes), {
    fallback: 'SOA',
  }),
  name: setting('Domain name that is asked for.', dnsName, { fallback: '.', repeats: 'first' }),
};

/** When and how often is a matter of the check around it. */
export const smtpHostTable = keptTable(
  connectionTable,
  'connect_ip',
  'connect_port',
  'bindto',
  'bind_port',
  'bind_if',
  'fwmark',
  'connect_timeout',
);

export const smtpCheckTable = {
  ...connectionTable,
  helo_name: setting('Name that the check calls itself by.', needed(text('NAME')), {
    fallback: 'smtpchecker.keepalived.org',
  }),
  host: block(
    'A mail server to check instead; all of several must answer. Better write more SMTP_CHECKs.',
    smtpHostTable,
    { repeats: 'all' },
  ),
};
