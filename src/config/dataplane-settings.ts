// What of a data plane can change while it runs: timeouts, forwarding, UOA. Keywords of the
// dataplane block, and global_defs lvs_timeouts, which a timeout of the block outranks.

import { timeoutSecondsMax } from '../net/service.js';
import {
  type DataplaneSettings,
  settingsDefaults,
  type TimeoutName,
  type Timeouts,
  timeoutNames,
  uoaModes,
  uoaPacketsMax,
} from '../net/settings.js';
import { wholeSeconds } from './bounds.js';
import type { globalTable } from './global-table.js';
import { block, setting } from './keywords.js';
import { choice, integer, onOff } from './phrases.js';
import type { Sentence } from './sentence.js';
import type { Settings } from './settings.js';

const { timeouts: fallbacks } = settingsDefaults;

export function timeout(documentation: Sentence, seconds: number) {
  return setting(documentation, wholeSeconds(1, timeoutSecondsMax), { fallback: seconds * 1000 });
}

/** Of the states that our connections have, in keepalived.conf and dpvs.conf. */
export const tcpTimeoutTable = {
  none: timeout('Without a state.', fallbacks.none),
  established: timeout('Both sides may send.', fallbacks.established),
  syn_sent: timeout('A SYN was sent on.', fallbacks.syn_sent),
  syn_recv: timeout('The SYN was answered.', fallbacks.syn_recv),
  fin_wait: timeout('One side has closed.', fallbacks.fin_wait),
  time_wait: timeout('Both sides have closed.', fallbacks.time_wait),
  close: timeout('The connection was reset.', fallbacks.close),
  close_wait: timeout('The server still may send.', fallbacks.close_wait),
  last_ack: timeout('The last acknowledgement is missing.', fallbacks.last_ack),
};

const timeoutTable = {
  ...tcpTimeoutTable,
  udp: timeout('UDP, in either direction.', fallbacks.udp),
  sctp: timeout('SCTP, in whatever state.', fallbacks.sctp),
};

export const dropUdp = setting('Drop UDP packets that are for no service.', onOff, {
  fallback: settingsDefaults.dropsUnservedUdp,
});
export const dropTcp = setting(
  'Drop TCP packets that belong to no connection and open none.',
  onOff,
  { fallback: settingsDefaults.dropsStrayTcp },
);
export const uoaMode = setting(
  'How a server learns the client of UDP: a protocol of DPVS, or an IP option.',
  choice(...uoaModes),
  { fallback: settingsDefaults.uoaMode },
);
export const uoaPackets = setting(
  'Packets of a connection that tell the client.',
  integer(0, uoaPacketsMax),
  { fallback: settingsDefaults.uoaPackets },
);
export const expireTemplates = setting(
  'Clients are no longer held to a server whose weight is 0.',
  onOff,
  { fallback: settingsDefaults.expiresQuiescentTemplates },
);

export const dataplaneSettingsTable = {
  timeouts: block('How long connections without packets live, state by state.', timeoutTable),
  ipv4_forwarding: setting('IPv4 packets that are for nobody here go on by the routes.', onOff, {
    fallback: settingsDefaults.forwardsIpv4,
  }),
  ipv6_forwarding: setting('IPv6 packets that are for nobody here go on by the routes.', onOff, {
    fallback: settingsDefaults.forwardsIpv6,
  }),
  uoa_mode: uoaMode,
  uoa_max_trail: uoaPackets,
  expire_quiescent_template: expireTemplates,
  defence_udp_drop: dropUdp,
  defence_tcp_drop: dropTcp,
};

/** Timeouts in milliseconds that the file gives; undefined: it does not. */
export type WrittenTimeouts = { readonly [K in TimeoutName]?: number | undefined };

/** Of several that give one timeout the last counts. */
export function timeoutsOf(...written: readonly WrittenTimeouts[]): Timeouts {
  const seconds = timeoutNames.map((name) => {
    const ms = written.findLast((one) => one[name] !== undefined)?.[name];
    return [name, ms === undefined ? fallbacks[name] : ms / 1000];
  });
  return Object.fromEntries(seconds) as Timeouts;
}

/** global_defs lvs_timeouts: 0 leaves a time as it is. */
export function lvsTimeouts(globals: readonly Settings<typeof globalTable>[]): WrittenTimeouts {
  const lines = globals.flatMap((one) => one.all('lvs_timeouts')).map(({ value }) => value);
  const last = (name: 'tcp' | 'tcpfin' | 'udp'): number | undefined =>
    lines.findLast((line) => line[name] !== undefined && line[name] > 0)?.[name];
  return { established: last('tcp'), fin_wait: last('tcpfin'), udp: last('udp') };
}

export function dataplaneSettings(
  settings: Settings<typeof dataplaneSettingsTable>,
  lvs: WrittenTimeouts,
): DataplaneSettings {
  const own = settings.value('timeouts');
  const written = timeoutNames.map((name) => [name, own?.found(name)?.value] as const);
  return {
    timeouts: timeoutsOf(lvs, Object.fromEntries(written)),
    timeoutsOwner: 'config',
    forwardsIpv4: settings.value('ipv4_forwarding'),
    forwardsIpv6: settings.value('ipv6_forwarding'),
    uoaMode: settings.value('uoa_mode'),
    uoaPackets: settings.value('uoa_max_trail'),
    expiresQuiescentTemplates: settings.value('expire_quiescent_template'),
    dropsUnservedUdp: settings.value('defence_udp_drop'),
    dropsStrayTcp: settings.value('defence_tcp_drop'),
  };
}
