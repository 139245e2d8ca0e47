// `ipvsadm -Ln`, byte for byte as the original prints it (trailing spaces included): scripts parse
// it.
import type { Statistics, Traffic } from '../../dataplane/dataplane.js';
import { serviceIdentity } from '../../dataplane/difference.js';
import { serverIdentity } from '../../dataplane/plan.js';
import { serviceName } from '../../dataplane/service-name.js';
import type { DesiredState, Server, Service, ServiceKey } from '../../dataplane/state.js';
import { countColumn, countersByServer, countersByService } from '../../dataplane/statistics.js';
import { addressBytes, type Endpoint, formatEndpoint } from '../../net/address.js';
import { version } from '../version.js';

export type ListingFormat = { readonly isTraffic: boolean; readonly isExact: boolean };

const idle = {
  connections: 0,
  active: 0,
  inactive: 0,
  inPackets: 0,
  outPackets: 0,
  inBytes: 0,
  outBytes: 0,
};

/** Services by family, protocol, address and port; each one's servers by address and port. */
export function formatListing(
  state: Pick<DesiredState, 'services' | 'servers'>,
  statistics: Statistics,
  format: ListingFormat,
): string {
  const traffic = countersByService(statistics);
  const counters = countersByServer(statistics);
  const servers = serversByService(state.servers);
  const lines = [`IP Virtual Server version ${version} (size=0)`, ...titles(format)];
  for (const service of sorted(state.services, ({ key }) => serviceOrder(key))) {
    const identity = serviceIdentity(service.key);
    lines.push(serviceLine(service, traffic.get(identity) ?? idle, format));
    const own = servers.get(identity) ?? [];
    for (const server of sorted(own, ({ endpoint }) => endpointOrder(endpoint))) {
      const counted = counters.get(serverIdentity(server)) ?? idle;
      lines.push(
        format.isTraffic
          ? `${remote(server)}${trafficColumns(counted, format)}`
          : `${remote(server)} ${weightColumns(server, counted)}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function titles({ isTraffic }: ListingFormat): readonly string[] {
  if (!isTraffic) {
    return [
      'Prot LocalAddress:Port Scheduler Flags',
      '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
    ];
  }
  const columns = ['Conns', 'InPkts', 'OutPkts', 'InBytes', 'OutBytes'];
  const heads = columns.map((column) => ` ${column.padStart(8)}`).join('');
  return [`${'Prot LocalAddress:Port'.padEnd(33)}${heads}`, '  -> RemoteAddress:Port'];
}

function serviceLine({ key, scheduler }: Service, traffic: Traffic, format: ListingFormat): string {
  const name = `${serviceName(key).replace(/^(...) /, '$1  ')}`;
  if (!format.isTraffic) return `${name} ${scheduler}`;
  return `${name.padEnd(33)}${trafficColumns(traffic, format)}`;
}

function remote({ endpoint }: Server): string {
  return `  -> ${formatEndpoint(endpoint).padEnd(28)}`;
}

function weightColumns(server: Server, counted: typeof idle): string {
  const weight = `${server.weight}`.padEnd(6);
  const active = `${counted.active}`.padEnd(10);
  return `FullNat ${weight} ${active} ${`${counted.inactive}`.padEnd(10)}`;
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

function sorted<T>(list: readonly T[], order: (element: T) => string): T[] {
  const keyed = list.map((element) => ({ element, key: order(element) }));
  keyed.sort((left, right) => (left.key < right.key ? -1 : Number(left.key > right.key)));
  return keyed.map(({ element }) => element);
}

function serviceOrder(key: ServiceKey): string {
  if ('match' in key) return `M${serviceName(key)}`;
  const family = addressBytes(key.address).length === 4 ? '4' : '6';
  return `${family}${key.protocol}${endpointOrder(key)}`;
}

/** Text that sorts as the numbers do. */
function endpointOrder({ address, port }: Endpoint): string {
  const bytes = addressBytes(address);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.padStart(32, '0')}${port.toString(16).padStart(4, '0')}`;
}
