// What is to be monitored: one target per checker of each real server.
import type { Checker, ProbedChecker } from '../config/checkers/checkers.js';
import type { Config } from '../config/config.js';
import type { RealServer, VirtualServer } from '../config/virtual-server.js';
import { serverKeyOf, serviceKeyOf } from '../net/service-facts.js';

export type MonitorTarget = {
  /** Stable while the services, the server and the checker's place among its kind stay. */
  readonly id: string;
  /** The real server in its virtual server, as the facts of the data plane's plan name it. */
  readonly serverKey: string;
  readonly serviceKey: string;
  readonly checker: Checker;
};

/** A target that a monitor tries again and again. */
export type ProbedTarget = MonitorTarget & { readonly checker: ProbedChecker };

export function isProbed(target: MonitorTarget): target is ProbedTarget {
  const { type } = target.checker;
  return type !== 'FILE_CHECK' && type !== 'BFD_CHECK';
}

/** A real server that a virtual server lists twice is monitored once. */
export function targetsOf(config: Pick<Config, 'virtualServers'>): MonitorTarget[] {
  const targets = new Map<string, MonitorTarget>();
  for (const virtualServer of config.virtualServers) {
    for (const target of targetsOfVirtualServer(virtualServer)) {
      if (!targets.has(target.id)) targets.set(target.id, target);
    }
  }
  return [...targets.values()];
}

export function targetsOfVirtualServer(virtualServer: VirtualServer): MonitorTarget[] {
  return virtualServer.realServers.flatMap((server) => targetsOfServer(virtualServer, server));
}

export function targetsOfServer(
  virtualServer: VirtualServer,
  { endpoint, checkers }: RealServer,
): MonitorTarget[] {
  const serverKey = serverKeyOf(virtualServer, endpoint);
  const counts = new Map<string, number>();
  const numberOf = (type: string): number => {
    const number = counts.get(type) ?? 0;
    counts.set(type, number + 1);
    return number;
  };
  return checkers.map((checker) => ({
    id: `${serverKey} ${checker.type} ${numberOf(checker.type)}`,
    serverKey,
    serviceKey: serviceKeyOf(virtualServer),
    checker,
  }));
}
