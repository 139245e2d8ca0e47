// `ipvsadm -Ln`, byte for byte as the original prints it (trailing spaces included): scripts parse
// it.
import type { ServerCounters, Statistics, Traffic } from '../../dataplane/dataplane.js';
import { serviceIdentity } from '../../dataplane/difference.js';
import { serverIdentity } from '../../dataplane/plan.js';
import { noRate } from '../../dataplane/rates.js';
import { matchText } from '../../dataplane/service-name.js';
import type { DesiredState, Server, Service, ServiceKey } from '../../dataplane/state.js';
import { countColumn, countersByServer, countersByService } from '../../dataplane/statistics.js';
import { addressBytes, type Endpoint, formatEndpoint } from '../../net/address.js';
import { version } from '../version.js';
import { methodNames, serviceWords } from './option-words.js';

export type ListingFormat = {
  readonly format: 'servers' | 'stats' | 'rate' | 'thresholds' | 'persistent-conn';
  /** Of counts and rates: whole numbers. */
  readonly isExact: boolean;
};

export type Listed = {
  readonly state: Pick<DesiredState, 'services' | 'servers'>;
  readonly statistics: Statistics;
  /** Clients that persistence holds to a server, by `serverIdentity`. */
  readonly persistent: ReadonlyMap<string, number>;
};

const idle: Pick<ServerCounters, 'active' | 'inactive' | 'rate'> & Traffic = {
  ...noRate,
  active: 0,
  inactive: 0,
  rate: noRate,
};

/** Services by family, protocol, address and port; each one's servers by address and port. */
export function formatListing(
  { state, statistics, persistent }: Listed,
  format: ListingFormat,
): string {
  const ofService = countersByService(statistics);
  const ofServer = countersByServer(statistics);
  const servers = serversByService(state.servers);
  const lines = [`IP Virtual Server version ${version} (size=0)`, ...titles(format)];
  for (const service of sorted(state.services, ({ key }) => serviceOrder(key))) {
    const identity = serviceIdentity(service.key);
    lines.push(serviceLine(service, ofService.get(identity) ?? idle, format));
    const own = servers.get(identity) ?? [];
    for (const server of sorted(own, ({ endpoint }) => endpointOrder(endpoint))) {
      const key = serverIdentity(server);
      const columns = serverColumns(server, ofServer.get(key) ?? idle, format, persistent.get(key));
      lines.push(`  -> ${formatEndpoint(server.endpoint).padEnd(28)}${columns}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const trafficTitles = {
  stats: ['Conns', 'InPkts', 'OutPkts', 'InBytes', 'OutBytes'],
  rate: ['CPS', 'InPPS', 'OutPPS', 'InBPS', 'OutBPS'],
} as const;

const widths = { thresholds: [10, 10, 10, 10], 'persistent-conn': [9, 11, 10, 10] } as const;
const narrowTitles = {
  thresholds: ['Uthreshold', 'Lthreshold', 'ActiveConn', 'InActConn'],
  'persistent-conn': ['Weight', 'PersistConn', 'ActiveConn', 'InActConn'],
} as const;

function titles({ format }: ListingFormat): readonly string[] {
  const service = 'Prot LocalAddress:Port';
  const server = '  -> RemoteAddress:Port';
  switch (format) {
    case 'servers':
      return [
        `${service} Scheduler Flags`,
        `${server}           Forward Weight ActiveConn InActConn`,
      ];
    case 'stats':
    case 'rate': {
      const heads = trafficTitles[format].map((title) => ` ${title.padStart(8)}`).join('');
      return [`${service.padEnd(33)}${heads}`, server];
    }
    case 'thresholds':
    case 'persistent-conn': {
      const heads = narrowTitles[format].map(
        (title, column) => ` ${title.padEnd(widths[format][column] ?? 0)}`,
      );
      return [`${service.padEnd(33)}${heads.join('')}`, server];
    }
  }
}

type Counted = Traffic & { readonly rate: Traffic };

function serviceLine(service: Service, counted: Counted, format: ListingFormat): string {
  const { key } = service;
  const name =
    'match' in key ? `MATCH ${matchText(key)}` : `${key.protocol.padEnd(4)} ${formatEndpoint(key)}`;
  const traffic = trafficOf(counted, format);
  if (traffic === null) return [name, ...serviceWords(service)].join(' ');
  return `${name.padEnd(33)}${trafficColumns(traffic, format)}`;
}

/** null: the listing has none. */
function trafficOf(counted: Counted, { format }: ListingFormat): Traffic | null {
  if (format === 'stats') return counted;
  return format === 'rate' ? counted.rate : null;
}

function serverColumns(
  server: Server,
  counted: typeof idle,
  format: ListingFormat,
  persistent = 0,
): string {
  const { active, inactive } = counted;
  switch (format.format) {
    case 'servers': {
      const weight = `${server.weight}`.padEnd(6);
      const connections = `${`${active}`.padEnd(10)} ${`${inactive}`.padEnd(10)}`;
      return ` ${methodNames[server.method].padEnd(7)} ${weight} ${connections}`;
    }
    case 'stats':
      return trafficColumns(counted, format);
    case 'rate':
      return trafficColumns(counted.rate, format);
    case 'thresholds': {
      const { upperThreshold, lowerThreshold } = server;
      return narrowColumns('thresholds', [upperThreshold, lowerThreshold, active, inactive]);
    }
    case 'persistent-conn':
      return narrowColumns('persistent-conn', [server.weight, persistent, active, inactive]);
  }
}

function narrowColumns(format: keyof typeof widths, numbers: readonly number[]): string {
  return numbers
    .map((number, column) => ` ${`${number}`.padEnd(widths[format][column] ?? 0)}`)
    .join('');
}

function trafficColumns(traffic: Traffic, { isExact }: ListingFormat): string {
  const { connections, inPackets, outPackets, inBytes, outBytes } = traffic;
  return [connections, inPackets, outPackets, inBytes, outBytes]
    .map((count) => countColumn(count, isExact))
    .join('');
}

function serversByService(servers: readonly Server[]): ReadonlyMap<string, readonly Server[]> {
  const groups = new Map<string, Server[]>();
  for (const server of servers) {
    const identity = serviceIdentity(server.service);
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, [server]);
    else group.push(server);
  }
  return groups;
}

export function sorted<T>(list: readonly T[], order: (element: T) => string): T[] {
  const keyed = list.map((element) => ({ element, key: order(element) }));
  keyed.sort((left, right) => (left.key < right.key ? -1 : Number(left.key > right.key)));
  return keyed.map(({ element }) => element);
}

/** Matches come last. */
export function serviceOrder(key: ServiceKey): string {
  if ('match' in key) return `m${matchText(key)}`;
  const family = addressBytes(key.address).length === 4 ? '4' : '6';
  return `${family}${key.protocol}${endpointOrder(key)}`;
}

/** Text that sorts as the numbers do. */
export function endpointOrder({ address, port }: Endpoint): string {
  const bytes = addressBytes(address);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.padStart(32, '0')}${port.toString(16).padStart(4, '0')}`;
}
