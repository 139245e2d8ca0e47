// From targets to servers: a real server is alive while all its checkers are up, a virtual server
// has its quorum while its live servers weigh enough. Pure.
import type { VirtualServer } from '../config/virtual-server.js';
import { type MonitorTarget, serverKeyOf, targetsOfVirtualServer } from './targets.js';

/** `quorum` and `hysteresis` of the configuration are not read yet: one live weight is enough. */
const quorumWeight = 1;

export type VirtualServerState = {
  /** Sum of the weights of its live real servers. */
  readonly aliveWeight: number;
  readonly hasQuorum: boolean;
};

/** The `serverKey`s of the real servers with at least one checker down. */
export function failedServersOf(
  targets: readonly MonitorTarget[],
  failedTargets: ReadonlySet<string>,
): ReadonlySet<string> {
  const failed = targets.filter(({ id }) => failedTargets.has(id));
  return new Set(failed.map(({ serverKey }) => serverKey));
}

export function virtualServerState(
  virtualServer: VirtualServer,
  failedTargets: ReadonlySet<string>,
): VirtualServerState {
  const failed = failedServersOf(targetsOfVirtualServer(virtualServer), failedTargets);
  const alive = virtualServer.realServers.filter(
    ({ endpoint }) => !failed.has(serverKeyOf(virtualServer, endpoint)),
  );
  const aliveWeight = alive.reduce((sum, { weight }) => sum + weight, 0);
  return { aliveWeight, hasQuorum: aliveWeight >= quorumWeight };
}
