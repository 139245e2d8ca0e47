// Health checkers of a real_server.
import type { Endpoint, IpAddress } from '../net/address.js';
import type { checkTable, tcpCheckTable } from './checker-table.js';
import type { Settings } from './settings.js';

export type TcpCheck = {
  readonly type: 'TCP_CHECK';
  /** connect_ip and connect_port; the real server's own by default. */
  readonly target: Endpoint;
  /** bindto; null: the kernel chooses. */
  readonly source: IpAddress | null;
  readonly connectTimeoutMs: number;
  /** Failures after the first that are tolerated before the server is down. */
  readonly retry: number;
  readonly delayBeforeRetryMs: number;
  /** Interval between checks. */
  readonly delayLoopMs: number;
  /** The first check comes 1 s + random(0..warmup) after the start. */
  readonly warmupMs: number;
};

/** What virtual_server and real_server may set for the checkers inside. */
export type CheckDefaults = Omit<TcpCheck, 'type' | 'target' | 'source' | 'warmupMs'> & {
  /** null: as long as delay_loop. */
  readonly warmupMs: number | null;
};

export const checkDefaults: CheckDefaults = {
  connectTimeoutMs: 5000,
  retry: 1,
  delayBeforeRetryMs: 1000,
  delayLoopMs: 60_000,
  warmupMs: null,
};

export function checkDefaultsFrom(
  found: Settings<typeof checkTable>,
  outer: CheckDefaults,
): CheckDefaults {
  return {
    connectTimeoutMs: found.value('connect_timeout') ?? outer.connectTimeoutMs,
    retry: found.value('retry') ?? outer.retry,
    delayBeforeRetryMs: timerOf(found.value('delay_before_retry')) ?? outer.delayBeforeRetryMs,
    delayLoopMs: timerOf(found.value('delay_loop')) ?? outer.delayLoopMs,
    warmupMs: timerOf(found.value('warmup')) ?? outer.warmupMs,
  };
}

/** 24 days: a timer of Node holds no more, and would ring at once. */
const timerMaxMs = 2_147_483_647;

function timerOf(delayMs: number | undefined): number | undefined {
  return delayMs === undefined ? undefined : Math.min(delayMs, timerMaxMs);
}

export function tcpCheckFrom(
  found: Settings<typeof tcpCheckTable>,
  server: Endpoint,
  outer: CheckDefaults,
): TcpCheck {
  const { warmupMs, ...settings } = checkDefaultsFrom(found, outer);
  return {
    type: 'TCP_CHECK',
    target: {
      address: found.value('connect_ip') ?? server.address,
      port: found.value('connect_port') ?? server.port,
    },
    source: found.value('bindto') ?? null,
    ...settings,
    warmupMs: warmupMs ?? settings.delayLoopMs,
  };
}
