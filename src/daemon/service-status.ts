// What an operator may know of each virtual server, its real servers and their checks.
import type { JudgePhase } from '../health/judge.js';
import type { Histogram } from '../health/latency-histogram.js';
import type { CheckReport, HealthReport } from '../health/monitor-set.js';
import type { ServerState, ServiceState } from '../health/service-book.js';
import { endpointText, serviceText } from '../health/service-news.js';

export type CheckStatus = {
  /** "TCP_CHECK" and the like. */
  readonly type: string;
  readonly state: JudgePhase;
  /** Of the last attempt that ended; null: none did. */
  readonly last: {
    readonly secondsAgo: number;
    readonly latencyMs: number;
    /** null: it succeeded. */
    readonly failure: string | null;
  } | null;
  /** When the next attempt is due; null: one is under way, or none is known. */
  readonly nextSeconds: number | null;
};

export type ServerStatus = {
  /** "[198.51.100.1]:tcp:8080" */
  readonly server: string;
  readonly isUp: boolean;
  /** With what its checks add. */
  readonly weight: number;
  /** How long it has been up or down. */
  readonly sinceSeconds: number;
  readonly checks: readonly CheckStatus[];
};

export type ServiceStatus = {
  /** "[192.0.2.100]:tcp:80" */
  readonly service: string;
  readonly hasQuorum: boolean;
  readonly quorum: number;
  readonly hysteresis: number;
  /** Of the servers that are up. */
  readonly aliveWeight: number;
  /** null: there is none. */
  readonly sorryServer: { readonly server: string; readonly isActive: boolean } | null;
  /** ha_suspend: its addresses are elsewhere. */
  readonly isSuspended: boolean;
  readonly servers: readonly ServerStatus[];
};

/** Of all checks since the start. */
export type ChecksStatus = HealthReport['gate'] & { readonly latency: Histogram };

export type StatusMoment = {
  readonly nowMs: number;
  readonly report: HealthReport | null;
  readonly isUpTarget: (targetId: string) => boolean;
  readonly isSuspended: (state: ServiceState) => boolean;
};

export function serviceStatuses(
  states: readonly ServiceState[],
  moment: StatusMoment,
): readonly ServiceStatus[] {
  const reports = new Map(moment.report?.checks.map((one) => [one.targetId, one]));
  return states.map((state): ServiceStatus => {
    const { config, hasQuorum, aliveWeight, servers } = state;
    const { quorum, hysteresis, sorryServer } = config;
    return {
      service: serviceText(config),
      hasQuorum,
      quorum,
      hysteresis,
      aliveWeight,
      sorryServer: sorryServer && {
        server: endpointText(sorryServer.endpoint, config),
        isActive: !hasQuorum,
      },
      isSuspended: moment.isSuspended(state),
      servers: servers.map((server) => ({
        server: endpointText(server.config.endpoint, config),
        isUp: server.isUp,
        weight: server.weight,
        sinceSeconds: Math.max(0, (moment.nowMs - server.sinceMs) / 1000),
        checks: checkStatuses(server, reports, moment),
      })),
    };
  });
}

function checkStatuses(
  { config, targetIds }: ServerState,
  reports: ReadonlyMap<string, CheckReport>,
  { nowMs, isUpTarget }: StatusMoment,
): readonly CheckStatus[] {
  return config.checkers.map(({ type }, index): CheckStatus => {
    const id = targetIds[index] ?? '';
    const report = reports.get(id);
    if (report === undefined) {
      return { type, state: isUpTarget(id) ? 'up' : 'down', last: null, nextSeconds: null };
    }
    const { phase, last, nextMs } = report;
    return {
      type,
      state: phase,
      last: last && {
        secondsAgo: Math.max(0, (nowMs - last.atMs) / 1000),
        latencyMs: last.latencyMs,
        failure: last.failure,
      },
      nextSeconds: nextMs === null ? null : Math.max(0, (nextMs - nowMs) / 1000),
    };
  });
}
