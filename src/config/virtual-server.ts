// virtual_server, virtual_server_group and real_server.
import type { Position, Statement, Word } from '../../grammar/syntax-tree.js';
import type { Endpoint } from '../net/address.js';
import {
  type CheckDefaults,
  checkDefaults,
  checkDefaultsFrom,
  checkTable,
  type TcpCheck,
  tcpCheckFrom,
  tcpCheckTable,
} from './checker.js';
import type { Report } from './diagnostic.js';
import {
  block,
  blockOf,
  caselessChoice,
  checkIpv4,
  choice,
  type Decoded,
  decodeTable,
  describe,
  type Found,
  flag,
  integer,
  integerIn,
  last,
  parseAddress,
  type Table,
  word,
} from './keywords.js';

export type Scheduler = 'rr' | 'wrr';
export type ForwardingMethod = 'FNAT';
export type TransportProtocol = 'TCP' | 'UDP';

export type RealServer = {
  readonly endpoint: Endpoint;
  /** 0..65535; 0 takes no new connections. */
  readonly weight: number;
  /** true: a failed server stays with weight 0 instead of being removed. */
  readonly inhibitsOnFailure: boolean;
  readonly checkers: readonly TcpCheck[];
};

export type VirtualServerGroup = { readonly name: string; readonly endpoints: readonly Endpoint[] };

export type VirtualServer = {
  /** What the file calls it: "192.0.2.100 80" or "group web". */
  readonly name: string;
  /** One, or all of its virtual_server_group. */
  readonly endpoints: readonly Endpoint[];
  readonly protocol: TransportProtocol;
  readonly scheduler: Scheduler;
  readonly method: ForwardingMethod;
  /** Default interval of the checkers. */
  readonly delayLoopMs: number;
  /** Name of the local_address_group; decode guarantees that it exists. */
  readonly localAddressGroup: string;
  readonly realServers: readonly RealServer[];
};

const schedulerKeyword = choice('How servers are chosen: in turn, or by weight.', 'rr', 'wrr');
const methodKeyword = caselessChoice('How packets reach the servers.', 'FNAT');

type WrittenServer = {
  readonly endpoint: Endpoint;
  readonly found: Decoded<typeof realServerTable>;
};

const realServerTable = {
  ...checkTable,
  weight: integer('Share of new connections; 0 takes none.', 0, 65535),
  inhibit_on_failure: flag('A failed server gets weight 0 instead of being removed.'),
  TCP_CHECK: block('The server is up while it accepts TCP connections.', tcpCheckTable),
} satisfies Table;

export const virtualServerTable = {
  ...checkTable,
  lb_algo: schedulerKeyword,
  lvs_sched: { ...schedulerKeyword, sameAs: 'lb_algo' },
  lb_kind: methodKeyword,
  lvs_method: { ...methodKeyword, sameAs: 'lb_kind' },
  protocol: caselessChoice('Transport protocol.', 'TCP', 'UDP'),
  laddr_group_name: word('local_address_group of the source addresses (FNAT).', 'GROUP'),
  inhibit_on_failure: flag('Failed servers get weight 0 instead of being removed.'),
  weight: integer('Default weight of the real servers.', 0, 65535),
  real_server: describe('A server: real_server ADDRESS PORT { … }.', '{ … }', readRealServer),
} satisfies Table;

/** A virtual server with the places that cross checks speak of. */
export type WrittenVirtualServer = {
  readonly position: Position;
  readonly name: string;
  /** null: the endpoints are those of `group`. */
  readonly endpoint: Endpoint | null;
  readonly group: string | null;
  readonly found: Decoded<typeof virtualServerTable>;
};

export function readVirtualServer(
  statement: Statement,
  report: Report,
): WrittenVirtualServer | undefined {
  const { keyword, arguments: words } = statement;
  const statements = blockOf(statement, report, 2);
  const isGroup = words[0]?.text === 'group';
  const endpoint = isGroup ? null : endpointOf(words, keyword, report);
  if (statements === undefined || endpoint === undefined) return undefined;
  const group = isGroup ? (words[1]?.text ?? null) : null;
  if (isGroup && group === null) {
    const message = 'virtual_server group needs the name of a virtual_server_group';
    report.error('config.missing_argument', keyword.position, message);
    return undefined;
  }
  const name = endpoint === null ? `group ${group}` : `${endpoint.address} ${endpoint.port}`;
  const found = decodeTable(virtualServerTable, statements, 'virtual_server', report);
  return { position: keyword.position, name, endpoint, group, found };
}

function readRealServer(statement: Statement, report: Report): WrittenServer | undefined {
  const endpoint = endpointOf(statement.arguments, statement.keyword, report);
  const statements = blockOf(statement, report, 2);
  if (endpoint === undefined || statements === undefined) return undefined;
  return { endpoint, found: decodeTable(realServerTable, statements, 'real_server', report) };
}

/** ADDRESS PORT, or an error at the word that is wrong. */
export function endpointOf(
  words: readonly Word[],
  keyword: Word,
  report: Report,
): Endpoint | undefined {
  const [addressWord, portWord] = words;
  const address = parseAddress(addressWord?.text ?? '');
  const port = integerIn(1, 65535)(portWord?.text ?? '');
  if (address !== undefined && addressWord !== undefined && port !== undefined) {
    checkIpv4(address, addressWord, report);
    return { address, port };
  }
  const wrong = address === undefined ? addressWord : portWord;
  const message = `${keyword.text} needs an IP address and a port, 1-65535`;
  report.error('config.bad_argument', wrong?.position ?? keyword.position, message);
  return undefined;
}

/** Everything but the endpoints, which may be a group's. `report` gets what is missing. */
export function virtualServer(
  written: WrittenVirtualServer,
  endpoints: readonly Endpoint[],
  report: Report,
): VirtualServer | undefined {
  const { name, found, position } = written;
  const protocol = last(found.protocol, undefined);
  const localAddressGroup = last(found.laddr_group_name, undefined);
  const missing = (keyword: string, why: string): void => {
    if (found.tried.has(keyword)) return;
    const message = `virtual_server ${name} has no ${keyword}: ${why}`;
    report.error('config.missing_keyword', position, message);
  };
  if (protocol === undefined) missing('protocol', 'add "protocol TCP" or "protocol UDP"');
  if (localAddressGroup === undefined) {
    missing('laddr_group_name', 'FNAT needs source addresses, from a local_address_group');
  }
  const scheduler = last(found.lb_algo, undefined);
  if (scheduler === undefined && !found.tried.has('lvs_sched'))
    missing('lb_algo', 'add "lb_algo rr" or "lb_algo wrr"');
  if (!found.tried.has('lvs_method')) {
    missing('lb_kind', 'add "lb_kind FNAT", the only method so far');
  }
  if (found.real_server.length === 0) missing('real_server', 'add one');
  if (protocol === undefined || scheduler === undefined) return undefined;
  if (localAddressGroup === undefined) return undefined;
  const defaults = checkDefaultsFrom(found, checkDefaults);
  const inhibits = found.inhibit_on_failure.length > 0;
  const weight = last(found.weight, 1);
  return {
    name,
    endpoints,
    protocol,
    scheduler,
    method: 'FNAT',
    delayLoopMs: defaults.delayLoopMs,
    localAddressGroup,
    realServers: found.real_server.map(({ value }) =>
      realServer(value, { defaults, inhibits, weight }),
    ),
  };
}

type Inherited = {
  readonly defaults: CheckDefaults;
  readonly inhibits: boolean;
  readonly weight: number;
};

function realServer(
  { endpoint, found }: WrittenServer,
  { defaults, inhibits, weight }: Inherited,
): RealServer {
  const own = checkDefaultsFrom(found, defaults);
  return {
    endpoint,
    weight: last(found.weight, weight),
    inhibitsOnFailure: inhibits || found.inhibit_on_failure.length > 0,
    checkers: found.TCP_CHECK.map(({ value }: Found<Decoded<typeof tcpCheckTable>>) =>
      tcpCheckFrom(value, endpoint, own),
    ),
  };
}
