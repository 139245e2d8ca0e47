// dataplane: the DPDK ports, workers, addresses and routes of the packet path (Keelson's own
// block).
import type { Position } from '../../grammar/syntax-tree.js';
import { familyOf, type IpAddress, ipAddress } from '../net/address.js';
import { formatPrefix, networkOf, type Prefix } from '../net/prefix.js';
import type { DataplaneSettings } from '../net/settings.js';
import {
  dataplaneSettings,
  dataplaneSettingsTable,
  type WrittenTimeouts,
} from './dataplane-settings.js';
import type { Report } from './diagnostic.js';
import { block, headed, lines, setting, type ValueOf } from './keywords.js';
import { option, options } from './options.js';
import {
  address,
  choice,
  integer,
  interfaceName,
  many,
  type Phrase,
  prefix,
  sequence,
  word,
} from './phrases.js';
import type { Settings } from './settings.js';

export type PollMode = 'busy' | 'adaptive';

export type DataplanePort = {
  /** Name in the file, in ipvsadm and in dpip: "dpdk0". */
  readonly name: string;
  /** DPDK device arguments: a PCI address "0000:01:00.0" or a vdev "net_af_packet0,iface=eth0". */
  readonly device: string;
  /** The companion interface that the kernel shows: "dpdk0.kni". */
  readonly kniName: string;
  /** 68..9000. */
  readonly mtuBytes: number;
};

export type DataplaneAddress = { readonly prefix: Prefix; readonly device: string };

export type DataplaneRoute = {
  readonly destination: Prefix;
  /** null: directly connected. */
  readonly gateway: IpAddress | null;
  readonly device: string;
};

export type DataplaneConfig = {
  /** 1..64 */
  readonly workers: number;
  /** CPU of each worker, in order; empty: chosen at start. */
  readonly workerCpus: readonly number[];
  readonly poll: PollMode;
  /** Connections per worker, 1024..16777216. */
  readonly connectionsMax: number;
  /** Packet buffers in all, 1024..4194304. */
  readonly packetBuffers: number;
  /** auto: use them when enough are free, else ordinary memory. */
  readonly hugepages: 'auto' | 'on' | 'off';
  readonly ports: readonly DataplanePort[];
  readonly addresses: readonly DataplaneAddress[];
  readonly routes: readonly DataplaneRoute[];
  /** What can change while it runs. */
  readonly settings: DataplaneSettings;
};

const portTable = {
  device: setting(
    'DPDK device: a PCI address, or a vdev as net_af_packet,iface=eth0.',
    word('DEVICE'),
  ),
  kni_name: setting('Companion interface that the kernel shows.', interfaceName, {
    defaultText: 'NAME.kni',
  }),
  mtu: setting('Largest IP packet in bytes.', integer(68, 9000), { fallback: 1500 }),
};

/** null: of everything, in the family of the gateway. */
const destination: Phrase<Prefix | null> = {
  shape: 'default|PREFIX',
  read: (words) => (words.takeIf('default') === undefined ? prefix.read(words) : null),
  write: (value) => (value === null ? ['default'] : prefix.write(value)),
};
const dev = option('Port of the data plane.', word('PORT'));
const onPort = options('an address', { dev });
const routeOptions = { via: option('Gateway; directly connected without.', address), dev };

export const dataplaneTable = {
  workers: setting('Polling threads, one CPU each.', integer(1, 64), { fallback: 1 }),
  worker_cpus: setting('CPU of each worker, in order.', many(integer(0, 1023), 0), {
    defaultText: 'chosen at start',
  }),
  poll: setting('adaptive sleeps while idle, busy never does.', choice('adaptive', 'busy'), {
    fallback: 'adaptive',
  }),
  connections: setting('Connections that each worker can hold.', integer(1024, 16_777_216), {
    fallback: 262_144,
  }),
  packet_buffers: setting('Packet buffers in all.', integer(1024, 4_194_304), { fallback: 32_768 }),
  hugepages: setting('auto uses them when enough are free.', choice('auto', 'on', 'off'), {
    fallback: 'auto',
  }),
  port: headed('An Ethernet port.', word('NAME'), portTable),
  addresses: lines('Addresses of the data plane.', sequence({ prefix, options: onPort })),
  routes: lines(
    'Routes of the data plane.',
    sequence({ destination, options: options('a route', routeOptions) }),
  ),
  ...dataplaneSettingsTable,
};

export const dataplaneRootTable = {
  dataplane: block("The packet path's ports, workers, addresses and routes.", dataplaneTable, {
    repeats: 'all',
  }),
};

export type WrittenPort = ValueOf<typeof dataplaneTable.port>;

export function dataplaneConfig(
  settings: Settings<typeof dataplaneTable>,
  lvs: WrittenTimeouts,
  report: Report,
): DataplaneConfig {
  return {
    workers: settings.value('workers'),
    workerCpus: cpusOf(settings, report),
    poll: settings.value('poll'),
    connectionsMax: settings.value('connections'),
    packetBuffers: settings.value('packet_buffers'),
    hugepages: settings.value('hugepages'),
    ports: settings.all('port').flatMap(({ value }, index) => portFrom(value, index, report) ?? []),
    addresses: linesOf(settings, 'addresses').flatMap((line) => addressOf(line, report) ?? []),
    routes: linesOf(settings, 'routes').flatMap((line) => routeOf(line, report) ?? []),
    settings: dataplaneSettings(settings, lvs),
  };
}

/** The lines of all blocks of one name. */
function linesOf<K extends 'addresses' | 'routes'>(
  settings: Settings<typeof dataplaneTable>,
  name: K,
): readonly Line<K>[] {
  return settings.all(name).flatMap(({ value }) => value as readonly Line<K>[]);
}

type Line<K extends 'addresses' | 'routes'> = ValueOf<(typeof dataplaneTable)[K]>[number];

function cpusOf(settings: Settings<typeof dataplaneTable>, report: Report): readonly number[] {
  const found = settings.found('worker_cpus');
  if (found === undefined) return [];
  const twice = found.value.find((cpu, index) => found.value.indexOf(cpu) < index);
  if (twice === undefined) return found.value;
  const message = `worker_cpus names CPU ${twice} twice; every worker needs its own`;
  report.error('config.bad_argument', found.position, message);
  return [];
}

function portFrom(
  { head: name, subject, settings }: WrittenPort,
  index: number,
  report: Report,
): DataplanePort | undefined {
  const device = settings.value('device');
  if (device === undefined) {
    if (settings.has('device')) return undefined;
    const message = `port ${name} has no device: device net_af_packet,iface=eth0`;
    report.error('config.missing_keyword', subject.position, message);
    return undefined;
  }
  const kniName = settings.value('kni_name') ?? `${name}.kni`;
  if (interfaceName.parse(kniName) === undefined && !settings.has('kni_name')) {
    const message = `"${kniName}" is no interface name (15 characters at most); set kni_name`;
    report.error('config.bad_argument', subject.position, message);
  }
  return { name, device: numbered(device, index), kniName, mtuBytes: settings.value('mtu') };
}

/** DPDK wants vdev names to be unique: one without a number gets the port's. */
function numbered(device: string, index: number): string {
  return device.replace(/^(net_[a-z_]*[a-z])(?=,|$)/, `$1${index}`);
}

function addressOf(
  { value, position }: Line<'addresses'>,
  report: Report,
): DataplaneAddress | undefined {
  const { dev: device } = value.options;
  if (device === undefined) return needsPort(value.prefix.address, position, report);
  return { prefix: value.prefix, device };
}

function routeOf({ value, position }: Line<'routes'>, report: Report): DataplaneRoute | undefined {
  const { dev: device, via: gateway = null } = value.options;
  if (device === undefined) return needsPort('the route', position, report);
  const family = familyOf(gateway ?? ipAddress('0.0.0.0'));
  const to = value.destination ?? everything[family];
  if (gateway !== null && familyOf(to.address) !== family) {
    const message = `no route to ${formatPrefix(to)} via ${gateway}: one is IPv4, one IPv6`;
    report.error('config.family_mix', position, message);
    return undefined;
  }
  return { destination: networkOf(to), gateway, device };
}

const everything = {
  ipv4: { address: ipAddress('0.0.0.0'), length: 0 },
  ipv6: { address: ipAddress('::'), length: 0 },
};

function needsPort(what: string, position: Position, report: Report): undefined {
  report.error('config.missing_argument', position, `${what} needs a port: dev PORT`);
}
