// The keywords of vrrp_instance: which router it is, which addresses it has, when it changes its
// state.

import { vrrpAddressEntry } from './address-entry.js';
import { announceKeyword } from './announce-table.js';
import { block, flag, flagPair, headed, keptTable, lines, obsolete, setting } from './keywords.js';
import { notifyChoiceTable, notifyTable } from './notify-table.js';
import {
  argument,
  choice,
  integer,
  interfaceName,
  onOff,
  optional,
  type Phrase,
  seconds,
  word,
} from './phrases.js';
import { routeEntry } from './route-entry.js';
import { ruleEntry } from './rule-entry.js';
import { trackingTable } from './track-table.js';
import { vrrpGarpTable } from './vrrp-garp-table.js';
import { vrrpLinkTable, vrrpNetworkTable, vrrpPrimaryTable } from './vrrp-network-table.js';
import { needed } from './word-count.js';

export const authenticationTable = {
  auth_type: setting(
    'PASS: a password in clear text in every advert; AH: RFC 2402 (both VRRPv2 only).',
    choice('PASS', 'AH'),
  ),
  auth_pass: setting('The password, 8 characters at most.', word('STRING')),
};

/** A key by its number: text, `hex:…` or `file:PATH`. */
export type HmacKey = { readonly id: number; readonly value: string };

const keyNumber = integer(1, 255);
const keyValue = argument('STRING|hex:DIGITS|file:PATH', 'text, hex:DIGITS or file:PATH', (text) =>
  isKey(text) ? text : undefined,
);
const hmacKey: Phrase<HmacKey> = {
  shape: `${keyNumber.shape} ${keyValue.shape}`,
  read: (words) => {
    const id = keyNumber.read(words);
    const value = id === undefined ? undefined : keyValue.read(words);
    return id === undefined || value === undefined ? undefined : { id, value };
  },
  write: ({ id, value }) => [String(id), ...keyValue.write(value)],
};

const keyOctets = { min: 32, max: 64 } as const;

/** 32 to 64 octets, unless they are in a file. */
function isKey(text: string): boolean {
  if (text.startsWith('file:')) return text.length > 'file:'.length;
  return hmacKeyOctets(text) !== null;
}

function digitsOf(text: string): string {
  // Half a pair of UTF-16 has no octets.
  const whole = text.replace(/\p{Surrogate}/gu, '\ufffd');
  const units = encodeURIComponent(whole).match(/%[0-9A-F]{2}|./g) ?? [];
  return units
    .map((unit) => (unit.length === 3 ? unit.slice(1) : unit.charCodeAt(0).toString(16)))
    .join('')
    .toLowerCase();
}

/** Of text or `hex:…`, in hexadecimal digits; null: it is no key. */
export function hmacKeyOctets(text: string): string | null {
  const hex = /^hex:((?:[0-9a-f]{2})+)$/i.exec(text)?.[1];
  if (text.startsWith('hex:') && hex === undefined) return null;
  const digits = hex?.toLowerCase() ?? digitsOf(text);
  const octets = digits.length / 2;
  return octets >= keyOctets.min && octets <= keyOctets.max ? digits : null;
}

export const hmacTable = {
  key: setting('A key that adverts may be signed with.', hmacKey, { repeats: 'all' }),
  active_key: setting('The key that our adverts are signed with.', keyNumber),
  time_window: setting('How old a signature may be.', seconds(1, 300), {
    defaultText: 'three advert intervals, at least 5',
  }),
  anti_replay: setting('What tells an old advert from a new one.', choice('time', 'monotonic'), {
    fallback: 'time',
  }),
  mode: setting(
    'enforce refuses adverts without a signature, permissive logs them, receive-only sends none.',
    choice('enforce', 'permissive', 'receive-only'),
    { fallback: 'enforce' },
  ),
};

const asGlobal = { defaultText: 'as in global_defs' };

const timerExpired = setting(
  'A MASTER that stood still until a router of this priority must have taken over yields.',
  optional(integer(1, 254), null),
  { defaultText: 'off; 254 without a priority' },
);

const latenessTable = {
  timer_expired_backup: timerExpired,
  thread_timer_expired: obsolete(timerExpired, 'timer_expired_backup'),
};

const stateTable = {
  preempt_delay: setting('How long a lower MASTER is left alone.', seconds(0, 1000), {
    fallback: 0,
  }),
  down_timer_adverts: setting('Adverts that may be missed before a takeover.', integer(1, 100), {
    ...asGlobal,
  }),
  lower_prio_no_advert: setting('Do not answer an advert of lower priority.', onOff, asGlobal),
  higher_prio_send_advert: setting('One more advert before yielding.', onOff, asGlobal),
  owner_ignore_adverts: setting('An owner ignores adverts of others.', onOff, asGlobal),
  strict_mode: setting('Refuse what the VRRP RFCs do not allow.', onOff, asGlobal),
  skip_check_adv_addr: setting('Compare lists on a change of master only.', onOff, asGlobal),
};

export const vrrpTable = {
  state: setting('The state wanted at start.', choice('MASTER', 'BACKUP'), {
    defaultText: 'BACKUP; MASTER with priority 255',
  }),
  interface: setting('Kernel interface that adverts leave from.', interfaceName),
  dpdk_interface: setting('Data plane port that gets the virtual addresses.', word('PORT')),
  virtual_router_id: setting('Number of the virtual router on its segment.', integer(1, 255)),
  priority: setting('The highest priority is MASTER; 255 owns the addresses.', integer(1, 255), {
    defaultText: '100; 255 with state MASTER',
  }),
  version: setting('Version of VRRP.', choice('2', '3'), { defaultText: '2; 3 for IPv6' }),
  advert_int: setting('Time between adverts; whole seconds in VRRPv2.', seconds(0.01, 255), {
    fallback: 1000,
  }),
  native_ipv6: flag('The instance is IPv6 though it has no such address.'),
  authentication: block('Authentication of adverts (VRRPv2).', authenticationTable),
  auth_hmac: block('Signatures in adverts, in place of authentication.', hmacTable),
  virtual_ipaddress: lines('Addresses of the virtual router, in its adverts.', vrrpAddressEntry),
  virtual_ipaddress_excluded: lines('Its addresses that are not in adverts.', vrrpAddressEntry),
  virtual_routes: lines('Routes while MASTER.', routeEntry),
  virtual_rules: lines('Routing rules while MASTER.', ruleEntry),
  no_virtual_ipaddress: flag('It is meant to have no address.'),
  ...flagPair(
    ['accept', 'The addresses accept packets while MASTER (the default).'],
    ['no_accept', 'Packets to the addresses are dropped unless it owns them.'],
  ),
  ...flagPair(
    ['preempt', 'A higher priority takes over from a lower MASTER (the default).'],
    ['nopreempt', 'A MASTER stays, whatever the priority of a newcomer.'],
  ),
  ...stateTable,
  ...latenessTable,
  ...vrrpGarpTable,
  announce: announceKeyword,
  lease: setting('Addresses vanish by themselves when the daemon dies.', onOff, { fallback: true }),
  ...vrrpNetworkTable,
  ...vrrpLinkTable,
  ...vrrpPrimaryTable,
  ...trackingTable,
  ...notifyTable,
  ...notifyChoiceTable,
  ...keptTable({
    debug: setting('How much is logged.', integer(0, 4), { fallback: 0 }),
    lvs_sync_daemon_interface: {
      ...setting('Interface of the IPVS sync daemon.', interfaceName),
      obsolete: 'write "lvs_sync_daemon" in global_defs',
    },
  }),
};

export const vrrpRootTable = {
  vrrp_instance: headed('A virtual router (VRRP).', needed(word('NAME')), vrrpTable),
};
