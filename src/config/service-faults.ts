// What a virtual_server says that cannot work on this data plane: each a sentence, and what it is
// said of is left out.
import type { Position } from '../../grammar/syntax-tree.js';
import { type AddressFamily, familyOf } from '../net/address.js';
import type { ForwardingMethod, Match } from '../net/service.js';
import type { Report } from './diagnostic.js';
import type { RealServer, WrittenVirtualServer } from './virtual-server.js';
import { nameOf } from './virtual-server-head.js';

const familyNames = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/** Of the service as a whole: whether it can be. */
export function isPossible(written: WrittenVirtualServer, report: Report): boolean {
  const { head, settings, subject } = written;
  const protocol = settings.value('protocol');
  const name = `virtual_server ${nameOf(head)}`;
  const proxy = settings.found('proxy_protocol');
  if (proxy?.value.startsWith('v1') && protocol !== 'TCP') {
    const message = `${name}: proxy_protocol ${proxy.value} is for TCP only; use v2 for UDP`;
    report.error('config.bad_argument', proxy.position, message);
    return false;
  }
  if (proxy !== undefined && proxy.value !== 'disable' && protocol === 'SCTP') {
    const message = `${name}: there is no proxy_protocol for SCTP`;
    report.error('config.bad_argument', proxy.position, message);
    return false;
  }
  const ops = settings.found('ops');
  const methods = settings
    .all('real_server')
    .map(({ value }) => (value.settings.value('lvs_method') ?? settings.value('lb_kind')).kind);
  const isUdp = protocol === 'UDP';
  if (
    isUdp &&
    ops?.value === true &&
    methods.some((method) => method !== 'DR' && method !== 'TUN')
  ) {
    const message = `${name}: ops is for DR and TUN; answers by FNAT or NAT need their connection`;
    report.error('config.bad_argument', ops.position, message);
    return false;
  }
  if (head.type !== 'match' && (protocol === 'ICMP' || protocol === 'ICMPV6')) return false;
  if (head.type !== 'match' || settings.has('real_server')) return true;
  const message = `${name} has no pool: each real_server is an address that packets leave with`;
  report.error('config.missing_keyword', subject.position, message);
  return false;
}

/** What a server is measured by. */
export type ServerSurroundings = {
  readonly name: string;
  readonly match: Match | null;
  /** Of the addresses of the service; of a match: its own. */
  readonly families: readonly AddressFamily[];
  /** Of its local addresses. */
  readonly localFamilies: ReadonlySet<AddressFamily>;
};

/** Whether the server can be reached so. */
export function isReachable(
  { endpoint, method }: Pick<RealServer, 'endpoint' | 'method'>,
  around: ServerSurroundings,
  position: Position,
  report: Report,
  keyword: 'real_server' | 'sorry_server' = 'real_server',
): boolean {
  const server = `${keyword} ${endpoint.address}`;
  const refuse = (reason: string): false => {
    report.error('config.bad_forwarding', position, `${server} is left out: ${reason}`);
    return false;
  };
  if ((around.match !== null) !== (method === 'SNAT')) {
    return refuse(
      around.match === null
        ? 'SNAT is for virtual_server match, whose packets have no address of ours'
        : `virtual_server match is for lb_kind SNAT, not ${method}`,
    );
  }
  const family = familyOf(endpoint.address);
  // That is said where families are compared.
  if (keepsFamily(method) && !around.families.includes(family)) return false;
  if (method !== 'FNAT' || around.localFamilies.has(family)) return true;
  const group = `laddr_group_name with ${familyNames[family]} addresses`;
  return refuse(`FNAT connects from local addresses, and ${around.name} has no ${group}`);
}

/** NAT and DR leave the packet in its family. */
export function keepsFamily(method: ForwardingMethod): boolean {
  return method === 'NAT' || method === 'DR' || method === 'SNAT';
}
