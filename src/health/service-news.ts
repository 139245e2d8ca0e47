// What the health checks make known of servers and services, and how the log says it, in
// keepalived's words.
import type { Checker } from '../config/checkers/checkers.js';
import type { RealServer, VirtualServer } from '../config/virtual-server.js';
import type { Endpoint } from '../net/address.js';

/** The checker that made the difference, or what took the server away. */
export type Cause = Checker['type'] | 'damping' | 'reload' | 'stop';

export type ServiceNews =
  | {
      readonly type: 'server_changed';
      readonly service: VirtualServer;
      readonly server: RealServer;
      readonly isUp: boolean;
      readonly cause: Cause;
      /** See Verdict. */
      readonly mailReason?: string;
    }
  | {
      /** One of several, and the server stays as it is. */
      readonly type: 'checker_changed';
      readonly service: VirtualServer;
      readonly server: RealServer;
      readonly isUp: boolean;
      readonly cause: Cause;
      readonly hasSucceeded: boolean;
      readonly mailReason?: string;
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
      /** flap_damping holds it down, or does so no more. */
      readonly type: 'server_damped';
      readonly service: VirtualServer;
      readonly server: RealServer;
      /** The end of a sentence about the server. */
      readonly text: string;
    }
  | {
      readonly type: 'quorum_changed';
      readonly service: VirtualServer;
      readonly hasQuorum: boolean;
      /** Of all live servers. */
      readonly aliveWeight: number;
      /** Nothing was known of it before. */
      readonly isFirst: boolean;
      readonly cause: 'weights' | 'reload' | 'stop';
    };

export function linesOf(news: ServiceNews): readonly string[] {
  if (news.type === 'checker_changed') return [];
  const { service } = news;
  const where = serviceText(service);
  if (news.type === 'quorum_changed') return quorumLines(news, where);
  const server = endpointText(news.server.endpoint, service);
  if (news.type === 'server_damped') return [`Service ${server} of VS ${where} ${news.text}`];
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

type QuorumNews = ServiceNews & { type: 'quorum_changed' };

/** "Gained quorum 2+0=2 <= 8" */
export function sumText({ service, hasQuorum, aliveWeight }: QuorumNews): string {
  const { quorum, hysteresis } = service;
  return hasQuorum
    ? `Gained quorum ${quorum}+${hysteresis}=${quorum + hysteresis} <= ${aliveWeight}`
    : `Lost quorum ${quorum}-${hysteresis}=${quorum - hysteresis} > ${aliveWeight}`;
}

function quorumLines(news: QuorumNews, where: string): readonly string[] {
  const { service, hasQuorum, isFirst } = news;
  const { sorryServer } = service;
  const line = `${sumText(news)} for VS ${where}`;
  const isGone = news.cause !== 'weights';
  if (sorryServer === null || isGone || (hasQuorum && isFirst)) return [line];
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

const groupPrefix = 'group ';

/** "[192.0.2.100]:tcp:80"; "[web]:0" of a group; "[match out]", which keepalived has not. */
export function serviceText(
  service: Pick<VirtualServer, 'name' | 'protocol' | 'endpoints'>,
): string {
  const { name } = service;
  if (name.startsWith(groupPrefix)) return `[${name.slice(groupPrefix.length)}]:0`;
  const [only, ...others] = service.endpoints;
  const isOne = only !== undefined && others.length === 0;
  return isOne ? endpointText(only, service) : `[${name}]`;
}

export function endpointText(
  { address, port }: Endpoint,
  { protocol }: Pick<VirtualServer, 'protocol'>,
): string {
  return `[${address}]:${protocol.toLowerCase()}:${port}`;
}
