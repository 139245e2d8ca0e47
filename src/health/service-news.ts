// What the health checks make known of servers and services, and how the log says it, in
// keepalived's words.
import type { RealServer, VirtualServer } from '../config/virtual-server.js';
import type { Endpoint } from '../net/address.js';

export type ServiceNews =
  | {
      readonly type: 'server_changed';
      readonly service: VirtualServer;
      readonly server: RealServer;
      readonly isUp: boolean;
    }
  | {
      readonly type: 'weight_changed';
      readonly service: VirtualServer;
      readonly server: RealServer;
      readonly isUp: boolean;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly type: 'quorum_changed';
      readonly service: VirtualServer;
      readonly hasQuorum: boolean;
      /** Of all live servers. */
      readonly aliveWeight: number;
      /** Nothing was known of it before. */
      readonly isFirst: boolean;
    };

export function linesOf(news: ServiceNews): readonly string[] {
  const { service } = news;
  const where = serviceText(service);
  if (news.type === 'quorum_changed') return quorumLines(news, where);
  const server = endpointText(news.server.endpoint, service);
  if (news.type === 'server_changed') {
    if (news.server.inhibitsOnFailure) {
      return [`${news.isUp ? 'Enabling' : 'Disabling'} service ${server} of VS ${where}`];
    }
    return [
      news.isUp
        ? `Adding service ${server} to VS ${where}`
        : `Removing service ${server} from VS ${where}`,
    ];
  }
  const manner = news.isUp ? 'active' : 'inactive';
  const change = `from ${news.from} to ${news.to}`;
  return [`Changing weight ${change} for ${manner} service ${server} of VS ${where}`];
}

function quorumLines(
  { service, hasQuorum, aliveWeight, isFirst }: ServiceNews & { type: 'quorum_changed' },
  where: string,
): readonly string[] {
  const { quorum, hysteresis, sorryServer } = service;
  const sum = hasQuorum
    ? `Gained quorum ${quorum}+${hysteresis}=${quorum + hysteresis} <= ${aliveWeight}`
    : `Lost quorum ${quorum}-${hysteresis}=${quorum - hysteresis} > ${aliveWeight}`;
  const line = `${sum} for VS ${where}`;
  if (sorryServer === null || (hasQuorum && isFirst)) return [line];
  const sorry = endpointText(sorryServer.endpoint, service);
  const { isInhibited } = sorryServer;
  if (hasQuorum) {
    return [
      line,
      isInhibited
        ? `Disabling sorry server ${sorry} of VS ${where}`
        : `Removing sorry server ${sorry} from VS ${where}`,
      `Adding alive servers to the pool for VS ${where}`,
    ];
  }
  return [
    line,
    isInhibited
      ? `Enabling sorry server ${sorry} of VS ${where}`
      : `Adding sorry server ${sorry} to VS ${where}`,
    `Removing alive servers from the pool for VS ${where}`,
  ];
}

/** "[192.0.2.100]:tcp:80"; "[group web]" for several addresses. */
export function serviceText(
  service: Pick<VirtualServer, 'name' | 'protocol' | 'endpoints'>,
): string {
  const [only, ...others] = service.endpoints;
  const isOne = only !== undefined && others.length === 0;
  return isOne ? endpointText(only, service) : `[${service.name}]`;
}

export function endpointText(
  { address, port }: Endpoint,
  { protocol }: Pick<VirtualServer, 'protocol'>,
): string {
  return `[${address}]:${protocol.toLowerCase()}:${port}`;
}
