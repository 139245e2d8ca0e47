// Health checkers of a real_server.
import type { Endpoint, IpAddress } from '../net/address.js';
import { address, type Decoded, integer, last, seconds, type Table } from './keywords.js';

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

const retryKeyword = integer('Failures after the first before the server is down.', 0, 65535);

export const checkTable = {
  connect_timeout: seconds('How long a connection attempt may take.', 0.001, 4294),
  retry: retryKeyword,
  delay_before_retry: seconds('Time between a failure and the next attempt.', 0, 4294),
  delay_loop: seconds('Time between checks.', 0.001, 4294),
  warmup: seconds('The first check comes after a random part of this.', 0, 4294),
} satisfies Table;

export const tcpCheckTable = {
  ...checkTable,
  connect_ip: address("Address to connect to; the real server's own by default."),
  connect_port: integer("Port to connect to; the real server's own by default.", 1, 65535),
  bindto: address('Source address of the connection.'),
  nb_sock_retry: { ...retryKeyword, obsoleteFor: 'retry' },
} satisfies Table;

export function checkDefaultsFrom(
  found: Decoded<typeof checkTable>,
  outer: CheckDefaults,
): CheckDefaults {
  return {
    connectTimeoutMs: last(found.connect_timeout, outer.connectTimeoutMs),
    retry: last(found.retry, outer.retry),
    delayBeforeRetryMs: last(found.delay_before_retry, outer.delayBeforeRetryMs),
    delayLoopMs: last(found.delay_loop, outer.delayLoopMs),
    warmupMs: last(found.warmup, outer.warmupMs),
  };
}

export function tcpCheckFrom(
  found: Decoded<typeof tcpCheckTable>,
  server: Endpoint,
  outer: CheckDefaults,
): TcpCheck {
  const { warmupMs, ...settings } = checkDefaultsFrom(found, outer);
  return {
    type: 'TCP_CHECK',
    target: {
      address: last(found.connect_ip, server.address),
      port: last(found.connect_port, server.port),
    },
    source: last(found.bindto, null),
    ...settings,
    warmupMs: warmupMs ?? settings.delayLoopMs,
  };
}
