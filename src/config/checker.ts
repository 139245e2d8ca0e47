// Health checkers of a real_server.
import type { Endpoint, IpAddress } from '../net/address.js';

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
