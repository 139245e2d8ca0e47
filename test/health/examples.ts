// A world for checkers: flows whose outcomes the test decides, and a target.
import { err, ok } from 'neverthrow';
import type { TcpCheck } from '../../src/config/checkers/tcp.js';
import type { ProbeWorld } from '../../src/health/probe.js';
import type { ProbedTarget } from '../../src/health/targets.js';
import { ipAddress } from '../../src/net/address.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Flow, FlowSettings, Flows, KnockEnded, OpenOutcome } from '../../src/ports/flows.js';
import { SimulatedClock } from '../sim/clock.js';

export function tcpCheck(parts: Partial<TcpCheck> = {}): TcpCheck {
  return {
    type: 'TCP_CHECK',
    target: { address: ipAddress('192.0.2.5'), port: 80 },
    source: null,
    sourcePort: null,
    sourceInterface: null,
    mark: 0,
    startsDown: false,
    logsAllFailures: false,
    connectTimeoutMs: 5000,
    retry: 1,
    delayBeforeRetryMs: 1000,
    delayLoopMs: 10_000,
    warmupMs: 0,
    ...parts,
  };
}

export function target(id: string, parts: Partial<TcpCheck> = {}): ProbedTarget {
  return { id, serverKey: `server of ${id}`, serviceKey: 'service', checker: tcpCheck(parts) };
}

type Attempt = {
  readonly settings: FlowSettings;
  readonly timeoutMs: number;
  readonly settle: (outcome: OpenOutcome) => void;
};

/** Keeps every attempt to open a flow until the test settles it. */
export class HeldFlows implements Flows {
  readonly attempts: Attempt[] = [];
  underWay = 0;
  closed = 0;

  open(settings: FlowSettings, timeoutMs: number): Promise<OpenOutcome> {
    this.underWay++;
    return new Promise((resolve) => {
      const settle = (outcome: OpenOutcome): void => {
        this.underWay--;
        resolve(outcome);
      };
      this.attempts.push({ settings, timeoutMs, settle });
    });
  }

  knock(settings: FlowSettings, timeoutMs: number, ended: KnockEnded): void {
    void this.open(settings, timeoutMs).then((outcome) => {
      if (outcome.type === 'opened') outcome.flow.close();
      ended(outcome.type === 'opened' ? null : outcome);
    });
  }

  /** Settles the latest attempt, and lets its consequences happen. */
  async settle(type: 'opened' | 'refused' | 'timed_out'): Promise<void> {
    this.attempts.at(-1)?.settle(type === 'opened' ? { type, flow: this.#flow() } : { type });
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #flow(): Flow {
    return {
      send: () => Promise.resolve(null),
      receive: () => Promise.resolve({ type: 'ended', isClean: true }),
      close: () => {
        this.closed++;
      },
    };
  }
}

/** A world of these flows, where no command can be run. */
export function probeWorld(flows: Flows, clock: Clock = new SimulatedClock()): ProbeWorld {
  const refused = { type: 'not_started', reason: 'no commands here' } as const;
  return {
    clock,
    random: () => 0,
    flows,
    commands: { run: () => Promise.resolve(refused) },
    expressions: { compile: () => err({ reason: 'no expressions here', offset: 0 }) },
    commandOf: ({ command }) => ok({ words: command, owner: null }),
  };
}
