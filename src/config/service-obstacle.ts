// What a virtual_server asks for that the data plane cannot do yet, and that would make another
// service of it if it were left out. Such a service is kept, and not forwarded.
import type { Endpoint } from '../net/address.js';
import { familyOf } from '../net/address.js';
import { scheduled } from './scheduler-table.js';
import type { Settings } from './settings.js';
import type { virtualServerTable } from './virtual-server-table.js';

type Service = Settings<typeof virtualServerTable>;

/** Keywords that stand for an obstacle as soon as they are there. */
const unanswered = [
  'ops',
  'persistence_timeout',
  'persistence_granularity',
  'daddr_group_name',
  'waddr_group_name',
  'src-range',
  'dst-range',
  'iif',
  'oif',
] as const;

/** null: nothing of that kind is asked for. */
export function obstacleOf(service: Service, endpoints: readonly Endpoint[]): string | null {
  const { kind } = service.value('lb_kind');
  const scheduler = service.value('lb_algo');
  const protocol = service.value('protocol');
  const proxyProtocol = service.value('proxy_protocol');
  if (kind !== 'FNAT') return `lb_kind ${kind}`;
  if (!scheduled.some((name) => name === scheduler)) return `lb_algo ${scheduler}`;
  if (protocol !== 'TCP' && protocol !== 'UDP') return `protocol ${protocol}`;
  if (proxyProtocol !== 'disable') return `proxy_protocol ${proxyProtocol}`;
  const keyword = unanswered.find((name) => service.has(name));
  return keyword ?? obstacleInServers(service) ?? obstacleInEndpoints(service, endpoints);
}

function obstacleInServers(service: Service): string | null {
  for (const { value } of service.all('real_server')) {
    const kind = value.settings.value('lvs_method')?.kind ?? 'FNAT';
    if (kind !== 'FNAT') return `lvs_method ${kind}`;
  }
  return null;
}

function obstacleInEndpoints(service: Service, endpoints: readonly Endpoint[]): string | null {
  const all = [...endpoints, ...service.all('real_server').map(({ value }) => value.head)];
  if (all.some(({ address }) => familyOf(address) === 'ipv6')) return 'IPv6 addresses';
  return all.some(({ port }) => port === 0) ? 'port 0' : null;
}
