// What of dpvs.conf can change while the data plane runs: timeouts, forwarding, UOA.
import { type DataplaneSettings, settingsDefaults } from '../../net/settings.js';
import { tcpTimeoutTable, timeoutsOf, type WrittenTimeouts } from '../dataplane-settings.js';
import type { Table } from '../keywords.js';
import type { Settings } from '../settings.js';
import type { DpvsRoot } from './table.js';

export function dpvsSettings(root: DpvsRoot): DataplaneSettings {
  const ipvs = root.all('ipvs_defs').map(({ value }) => value);
  const connections = ipvs.flatMap((one) => one.all('conn')).map(({ value }) => value);
  const udp = ipvs.flatMap((one) => one.all('udp')).map(({ value }) => value);
  const tcp = ipvs.flatMap((one) => one.all('tcp')).map(({ value }) => value);
  const ipv4 = root.all('ipv4_defs').map(({ value }) => value);
  const ipv6 = root.all('ipv6_defs').map(({ value }) => value);
  const names = Object.keys(tcpTimeoutTable) as (keyof typeof tcpTimeoutTable)[];
  const tcpTimeouts = tcp.flatMap((one) => one.all('timeout')).map(({ value }) => value);
  const udpTimeouts = udp.flatMap((one) => one.all('timeout')).map(({ value }) => value);
  const written: WrittenTimeouts = {
    ...Object.fromEntries(names.map((name) => [name, lastOf(tcpTimeouts, name)])),
    udp: lastOf(udpTimeouts, 'normal'),
  };
  const defaults = settingsDefaults;
  return {
    timeouts: timeoutsOf(written),
    timeoutsOwner: 'config',
    forwardsIpv4: lastOf(ipv4, 'forwarding') ?? defaults.forwardsIpv4,
    forwardsIpv6: lastOf(ipv6, 'forwarding') ?? defaults.forwardsIpv6,
    uoaMode: lastOf(udp, 'uoa_mode') ?? defaults.uoaMode,
    uoaPackets: lastOf(udp, 'uoa_max_trail') ?? defaults.uoaPackets,
    expiresQuiescentTemplates:
      lastOf(connections, 'expire_quiescent_template') ?? defaults.expiresQuiescentTemplates,
    dropsUnservedUdp: lastOf(udp, 'defence_udp_drop') ?? defaults.dropsUnservedUdp,
    dropsStrayTcp: lastOf(tcp, 'defence_tcp_drop') ?? defaults.dropsStrayTcp,
  };
}

/** A section may be written in several pieces; undefined: no piece has it. */
function lastOf<T extends Table, K extends keyof T & string>(
  pieces: readonly Settings<T>[],
  name: K,
) {
  return pieces.flatMap((piece) => piece.all(name)).at(-1)?.value;
}
