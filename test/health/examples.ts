// A world for checkers: streams whose outcomes the test decides, and a target.
import type { TcpCheck } from '../../src/config/checker.js';
import type { MonitorTarget } from '../../src/health/targets.js';
import { type Endpoint, ipAddress } from '../../src/net/address.js';
import type { ConnectOutcome, Streams } from '../../src/ports/streams.js';

export function tcpCheck(parts: Partial<TcpCheck> = {}): TcpCheck {
  return {
    type: 'TCP_CHECK',
    target: { address: ipAddress('192.0.2.5'), port: 80 },
    source: null,
    connectTimeoutMs: 5000,
    retry: 1,
    delayBeforeRetryMs: 1000,
    delayLoopMs: 10_000,
    warmupMs: 0,
    ...parts,
  };
}

export function target(id: string, parts: Partial<TcpCheck> = {}): MonitorTarget {
  return { id, serverKey: `server of ${id}`, checker: tcpCheck(parts) };
}

type Attempt = {
  readonly target: Endpoint;
  readonly timeoutMs: number;
  readonly source: string | null;
  readonly settle: (outcome: ConnectOutcome) => void;
};

/** Keeps every attempt until the test settles it. */
export class HeldStreams implements Streams {
  readonly attempts: Attempt[] = [];
  underWay = 0;

  connect(endpoint: Endpoint, timeoutMs: number, source: string | null): Promise<ConnectOutcome> {
    this.underWay++;
    return new Promise((resolve) => {
      const settle = (outcome: ConnectOutcome): void => {
        this.underWay--;
        resolve(outcome);
      };
      this.attempts.push({ target: endpoint, timeoutMs, source, settle });
    });
  }

  /** Settles the latest attempt, and lets its consequences happen. */
  async settle(type: 'connected' | 'refused' | 'timed_out'): Promise<void> {
    this.attempts.at(-1)?.settle({ type });
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
