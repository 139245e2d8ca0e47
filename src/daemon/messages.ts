// The typed messages between the daemon's threads: one union per direction, plain data only.
import type { GarpRates } from '../config/garp.js';
import type { LinkDelays } from '../config/link-table.js';
import type { ScriptPolicy } from '../config/notification.js';
import type { ThreadSettings, ThreadsConfig } from '../config/threads.js';
import type { VrrpInstance } from '../config/vrrp.js';
import type { TrackedFact } from '../ha/tracking/facts.js';
import type { VrrpFact } from '../ha/vrrp/speaker.js';
import type { Verdict } from '../health/monitor.js';
import type { HealthReport } from '../health/monitor-set.js';
import type { ProbedTarget } from '../health/targets.js';
import type { DumpRequest } from './dump/dumper.js';

/** Control thread to protocol loop. */
export type ToProtocolLoop =
  | {
      /** The ha part of a configuration that was decoded and whose data plane is ready. */
      readonly type: 'configured';
      readonly instances: readonly VrrpInstance[];
      /** Where the data plane listens; null: no `dataplane` block. */
      readonly dataplaneSocket: string | null;
      readonly garpRates: GarpRates;
      /** Counts for the first configuration alone. */
      readonly startupDelayMs: number;
      readonly logsUnknownRouters: boolean;
      readonly threads: ThreadsConfig;
    }
  /** The file runs, or the reload was refused. */
  | { readonly type: 'load_ended' }
  /** What is known of tracked things, as it changes; before the configuration that tracks them. */
  | { readonly type: 'tracked'; readonly facts: readonly TrackedFact[] }
  /** Before the configuration that has them. */
  | { readonly type: 'link_delays'; readonly delays: readonly LinkDelays[] }
  /** Sent every heartbeatIntervalMs; without it the node can no longer decide. */
  | { readonly type: 'heartbeat' }
  /** The configuration could not be started; the process ends with this code. */
  | { readonly type: 'start_failed'; readonly exitCode: number }
  /** The end takes longer: a script is still to be run. */
  | { readonly type: 'end_delayed'; readonly byMs: number }
  | { readonly type: 'stopped' };

/** Protocol loop to control thread. */
export type ToControlThread =
  | { readonly type: 'reload' }
  | { readonly type: 'vrrp_changed'; readonly fact: VrrpFact }
  /** As MASTER: scripts and FIFOs may want to know. */
  | { readonly type: 'lower_priority_heard'; readonly instance: string }
  /** Sent every measureIntervalMs. */
  | {
      readonly type: 'measured';
      readonly vrrp: readonly VrrpFact[];
      readonly lateness: TimerLateness;
    }
  /** A signal asked for the files; the facts are those of its moment. */
  | { readonly type: 'dump'; readonly request: DumpRequest; readonly vrrp: readonly VrrpFact[] }
  /** VRRP has let go of its addresses: remove the services and end. */
  | { readonly type: 'stop' };

/** How late the protocol loop's timers fired since the start, in milliseconds. */
export type TimerLateness = {
  readonly timers: number;
  readonly worstMs: number;
  readonly meanMs: number;
};

export type ToHealthThread =
  | {
      readonly type: 'targets_changed';
      readonly targets: readonly ProbedTarget[];
      /** As whom their scripts run, and whether. */
      readonly scripts: ScriptPolicy;
      readonly thread: ThreadSettings;
    }
  /** Answered by 'reported', in the order of the questions. */
  | { readonly type: 'report' }
  | { readonly type: 'stop' };

export type FromHealthThread =
  | {
      readonly type: 'verdict_reached';
      readonly targetId: string;
      readonly verdict: Verdict;
    }
  | { readonly type: 'reported'; readonly report: HealthReport };

export const heartbeatIntervalMs = 250;
export const measureIntervalMs = 1_000;
/** Longer than any reload may block the control thread; then the node gives up its addresses. */
export const heartbeatBoundMs = 10_000;
