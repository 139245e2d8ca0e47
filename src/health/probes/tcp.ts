// TCP_CHECK: a connection that is established within connect_timeout, then closed.
import type { TcpCheck } from '../../config/checkers/tcp.js';
import type { FlowFailure, FlowSettings } from '../../ports/flows.js';
import { type Outcome, type Probe, type ProbeWorld, succeeded } from '../probe.js';

export class TcpProbe implements Probe {
  readonly name: string;
  /** Made once: there are thousands of attempts a second. */
  readonly #settings: FlowSettings;
  readonly #connectTimeoutMs: number;
  readonly #flows: Pick<ProbeWorld['flows'], 'knock'>;

  constructor(check: TcpCheck, { flows }: { readonly flows: Pick<ProbeWorld['flows'], 'knock'> }) {
    this.#settings = { protocol: 'tcp', tls: null, ...check };
    this.#connectTimeoutMs = check.connectTimeoutMs;
    this.#flows = flows;
    this.name = `TCP connection to [${check.target.address}]:tcp:${check.target.port}`;
  }

  attempt(): Promise<Outcome> {
    return new Promise((resolve) => this.begin(resolve));
  }

  begin(ended: (outcome: Outcome) => void): void {
    this.#flows.knock(this.#settings, this.#connectTimeoutMs, (failure) => {
      if (failure === null) ended(succeeded);
      else ended({ type: 'failed', reason: connectFailure(failure) });
    });
  }
}

/** Why a connection failed, as the end of a sentence. */
export function connectFailure(failure: FlowFailure): string {
  switch (failure.type) {
    case 'refused':
      return 'failed';
    case 'timed_out':
      return 'timeout';
    case 'failed':
      return `failed (${failure.reason})`;
  }
}
