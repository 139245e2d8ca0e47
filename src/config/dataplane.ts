// dataplane: the DPDK ports, workers, addresses and routes of the packet path (Keelson's own
// block).
import type { Statement, Word } from '../../grammar/syntax-tree.js';
import { type IpAddress, ipAddress } from '../net/address.js';
import { networkOf, type Prefix } from '../net/prefix.js';
import type { Report } from './diagnostic.js';
import {
  blockOf,
  checkIpv4,
  choice,
  type Decoded,
  decodeTable,
  describe,
  entries,
  integer,
  integerIn,
  last,
  parseAddress,
  prefixAt,
  type Table,
  word,
} from './keywords.js';

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
};

type WrittenPort = { readonly name: Word; readonly found: Decoded<typeof portTable> };

const portTable = {
  device: word('DPDK device: a PCI address, or a vdev as net_af_packet,iface=eth0.', 'DEVICE'),
  kni_name: word('Companion interface that the kernel shows; NAME.kni by default.', 'INTERFACE'),
  mtu: integer('Largest IP packet in bytes.', 68, 9000),
} satisfies Table;

export const dataplaneTable = {
  workers: integer('Polling threads, one CPU each.', 1, 64),
  worker_cpus: describe('CPU of each worker, in order.', 'CPU…', readCpus),
  poll: choice('adaptive sleeps while idle, busy never does.', 'adaptive', 'busy'),
  connections: integer('Connections that each worker can hold.', 1024, 16_777_216),
  packet_buffers: integer('Packet buffers in all.', 1024, 4_194_304),
  hugepages: choice('auto uses them when enough are free.', 'auto', 'on', 'off'),
  port: describe('An Ethernet port: port NAME { … }.', 'NAME { … }', readPort),
  addresses: entries('Addresses of the data plane: ADDRESS/LENGTH dev PORT.', readAddress),
  routes: entries('Routes: default|PREFIX [via GATEWAY] dev PORT.', readRoute),
} satisfies Table;

export function dataplaneConfig(
  found: Decoded<typeof dataplaneTable>,
  report: Report,
): DataplaneConfig {
  return {
    workers: last(found.workers, 1),
    workerCpus: last(found.worker_cpus, []),
    poll: last(found.poll, 'adaptive'),
    connectionsMax: last(found.connections, 262_144),
    packetBuffers: last(found.packet_buffers, 32_768),
    hugepages: last(found.hugepages, 'auto'),
    ports: found.port.flatMap(({ value }, index) => portFrom(value, index, report) ?? []),
    addresses: found.addresses.flatMap(({ value }) => value.map((entry) => entry.value)),
    routes: found.routes.flatMap(({ value }) => value.map((entry) => entry.value)),
  };
}

function readCpus(statement: Statement, report: Report): readonly number[] | undefined {
  const convert = integerIn(0, 1023);
  const cpus: number[] = [];
  for (const { text, position } of statement.arguments) {
    const cpu = convert(text);
    if (cpu === undefined || cpus.includes(cpu)) {
      const message = `"${text}" is not another CPU number, 0-1023`;
      report.error('config.bad_argument', position, message);
      return undefined;
    }
    cpus.push(cpu);
  }
  return cpus;
}

function readPort(statement: Statement, report: Report): WrittenPort | undefined {
  const [name] = statement.arguments;
  if (name === undefined) {
    const message = 'port needs a name: port dpdk0 { … }';
    report.error('config.missing_argument', statement.keyword.position, message);
    return undefined;
  }
  const statements = blockOf(statement, report, 1);
  return statements && { name, found: decodeTable(portTable, statements, 'port', report) };
}

/** Linux allows 15 characters in the name of an interface (IFNAMSIZ - 1). */
const interfaceNameMax = 15;

function portFrom(
  { name, found }: WrittenPort,
  index: number,
  report: Report,
): DataplanePort | undefined {
  const device = last(found.device, undefined);
  if (device === undefined) {
    const message = `port ${name.text} has no device: device net_af_packet,iface=eth0`;
    report.error('config.missing_keyword', name.position, message);
    return undefined;
  }
  const kniName = last(found.kni_name, `${name.text}.kni`);
  if (kniName.length > interfaceNameMax || kniName.includes('/')) {
    const message = `"${kniName}" is no interface name (${interfaceNameMax} characters at most)`;
    report.error('config.bad_argument', found.kni_name.at(-1)?.position ?? name.position, message);
  }
  const mtuBytes = last(found.mtu, 1500);
  return { name: name.text, device: numbered(device, index), kniName, mtuBytes };
}

/** DPDK wants vdev names to be unique: one without a number gets the port's. */
function numbered(device: string, index: number): string {
  return device.replace(/^(net_[a-z_]*[a-z])(?=,|$)/, `$1${index}`);
}

function readAddress(
  words: readonly [Word, ...Word[]],
  report: Report,
): DataplaneAddress | undefined {
  const prefix = prefixAt(words[0], report);
  const device = optionsOf(words.slice(1), ['dev'], words[0], report)?.get('dev');
  if (prefix === undefined || device === undefined) return undefined;
  checkIpv4(prefix.address, words[0], report);
  return { prefix, device: device.text };
}

function readRoute(words: readonly [Word, ...Word[]], report: Report): DataplaneRoute | undefined {
  const isDefault = words[0].text === 'default';
  const everything = { address: ipAddress('0.0.0.0'), length: 0 };
  const destination = isDefault ? everything : prefixAt(words[0], report);
  const options = optionsOf(words.slice(1), ['dev', 'via'], words[0], report);
  const device = options?.get('dev');
  if (destination === undefined || options === undefined || device === undefined) return undefined;
  const via = options.get('via');
  const gateway = via === undefined ? null : parseAddress(via.text);
  if (gateway === undefined) {
    report.error('config.bad_argument', via?.position ?? words[0].position, 'via takes an address');
    return undefined;
  }
  checkIpv4(destination.address, words[0], report);
  if (gateway !== null) checkIpv4(gateway, via ?? words[0], report);
  return { destination: networkOf(destination), gateway, device: device.text };
}

/** The words behind "dev" and its like; undefined after an error. "dev" must be there. */
function optionsOf(
  words: readonly Word[],
  known: readonly string[],
  subject: Word,
  report: Report,
): ReadonlyMap<string, Word> | undefined {
  const options = new Map<string, Word>();
  for (let index = 0; index < words.length; index += 2) {
    const option = words[index] ?? subject;
    const value = words[index + 1];
    if (!known.includes(option.text) || value === undefined) {
      const message = `"${option.text}" is not understood here; known is: ${known.join(', ')} WORD`;
      report.error('config.unknown_option', option.position, message);
      return undefined;
    }
    options.set(option.text, value);
  }
  if (options.has('dev')) return options;
  const message = `${subject.text} needs a port: ${subject.text} dev PORT`;
  report.error('config.missing_argument', subject.position, message);
  return undefined;
}
