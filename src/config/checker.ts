// Health checkers of a real_server: what all kinds have in common, and what the blocks around them
// set. The kinds themselves are in checkers/.
import type { Endpoint, IpAddress } from '../net/address.js';
import type { TlsIdentity } from '../ports/flows.js';
import type { checkTable, connectionTable, verdictTable } from './checker-table.js';
import type { Settings } from './settings.js';
import type { Weight } from './weight.js';

/** When a checker checks, and what comes of it. */
export type CheckPace = {
  /** Failures after the first that are tolerated before the server is down. */
  readonly retry: number;
  readonly delayBeforeRetryMs: number;
  /** Interval between checks. */
  readonly delayLoopMs: number;
  /** The first check comes 1 s + random(0..warmup) after the start. */
  readonly warmupMs: number;
  /** alpha: the server is down until the check has succeeded. */
  readonly startsDown: boolean;
  readonly logsAllFailures: boolean;
};

/** How a checker reaches what it checks. */
export type CheckConnection = {
  /** connect_ip and connect_port; the real server's own by default. */
  readonly target: Endpoint;
  /** bindto and bind_port; null: the kernel chooses. */
  readonly source: IpAddress | null;
  readonly sourcePort: number | null;
  /** bind_if; null: as routed. */
  readonly sourceInterface: string | null;
  /** fwmark; 0: none. */
  readonly mark: number;
  readonly connectTimeoutMs: number;
};

/** What virtual_server and real_server set for the checkers inside. */
export type CheckDefaults = {
  readonly connectTimeoutMs: number;
  readonly delayLoopMs: number;
  /** null: as the kind of checker has it. */
  readonly retry: number | null;
  readonly delayBeforeRetryMs: number | null;
  /** null: as long as delay_loop. */
  readonly warmupMs: number | null;
  readonly startsDown: boolean;
  readonly logsAllFailures: boolean;
  /** Host name that pages are asked for; null: none. */
  readonly virtualHost: string | null;
  /** Of the track_file blocks, by their names. */
  readonly fileWeights: ReadonlyMap<string, Weight>;
  /** Of the bfd_instances. */
  readonly bfdNames: ReadonlySet<string>;
  /** SSL: what a server sees of us that is checked over TLS. */
  readonly tlsIdentity: TlsIdentity;
};

export const noTlsIdentity: TlsIdentity = {
  certificateFile: null,
  keyFile: null,
  keyPassword: null,
  authorityFile: null,
};

export const checkDefaults: CheckDefaults = {
  connectTimeoutMs: 5000,
  delayLoopMs: 60_000,
  retry: null,
  delayBeforeRetryMs: null,
  warmupMs: null,
  startsDown: false,
  logsAllFailures: false,
  virtualHost: null,
  tlsIdentity: noTlsIdentity,
  fileWeights: new Map(),
  bfdNames: new Set(),
};

/** What a kind of checker has where nothing is set; without the delay: delay_loop. */
export type KindDefaults = {
  readonly retry: number;
  readonly delayBeforeRetryMs: number | null;
};

export const commonKind: KindDefaults = { retry: 1, delayBeforeRetryMs: 1000 };

/** The lines about pace that virtual_server, real_server and checkers share. */
type PaceLines = Pick<typeof checkTable, 'retry' | 'delay_before_retry' | 'delay_loop' | 'warmup'>;

export function checkDefaultsFrom(
  found: Settings<typeof checkTable>,
  outer: CheckDefaults,
): CheckDefaults {
  return {
    ...outer,
    connectTimeoutMs: found.value('connect_timeout') ?? outer.connectTimeoutMs,
    delayLoopMs: timerOf(found.value('delay_loop')) ?? outer.delayLoopMs,
    retry: found.value('retry') ?? outer.retry,
    delayBeforeRetryMs: timerOf(found.value('delay_before_retry')) ?? outer.delayBeforeRetryMs,
    warmupMs: timerOf(found.value('warmup')) ?? outer.warmupMs,
  };
}

/** 24 days: a timer of Node holds no more, and would ring at once. */
const timerMaxMs = 2_147_483_647;

function timerOf(delayMs: number | undefined): number | undefined {
  return delayMs === undefined ? undefined : Math.min(delayMs, timerMaxMs);
}

export function paceFrom(
  found: Settings<PaceLines & typeof verdictTable>,
  outer: CheckDefaults,
  kind: KindDefaults,
): CheckPace {
  const delayLoopMs = timerOf(found.value('delay_loop')) ?? outer.delayLoopMs;
  return {
    retry: found.value('retry') ?? outer.retry ?? kind.retry,
    delayBeforeRetryMs:
      timerOf(found.value('delay_before_retry')) ??
      outer.delayBeforeRetryMs ??
      kind.delayBeforeRetryMs ??
      delayLoopMs,
    delayLoopMs,
    warmupMs: timerOf(found.value('warmup')) ?? outer.warmupMs ?? delayLoopMs,
    startsDown: found.value('alpha') ?? outer.startsDown,
    logsAllFailures: found.value('log_all_failures') ?? outer.logsAllFailures,
  };
}

export function connectionFrom(
  found: Settings<typeof connectionTable>,
  server: Endpoint,
  outer: CheckDefaults,
): CheckConnection {
  return {
    target: {
      address: found.value('connect_ip') ?? server.address,
      port: found.value('connect_port') ?? server.port,
    },
    source: found.value('bindto') ?? null,
    sourcePort: found.value('bind_port') ?? null,
    sourceInterface: found.value('bind_if') ?? null,
    mark: found.value('fwmark'),
    connectTimeoutMs: found.value('connect_timeout') ?? outer.connectTimeoutMs,
  };
}
