// TCP_CHECK: a connection that is established within connect_timeout, then closed.
import type { TcpCheck } from '../../config/checkers/tcp.js';
import type { FlowFailure, FlowSettings } from '../../ports/flows.js';
import { type Outcome, type Probe, type ProbeWorld, succeeded } from '../probe.js';

export class TcpProbe implements Probe {
  readonly name: string;
  /** Made once: there are thousands of attempts a second. */
  readonly #settings: FlowSettings;
  readonly #connectTimeoutMs: number;
  readonly #flows: ProbeWorld['flows'];

  constructor(check: TcpCheck, { flows }: Pick<ProbeWorld, 'flows'>) {
    this.#settings = { protocol: 'tcp', tls: null, ...check };
    this.#connectTimeoutMs = check.connectTimeoutMs;
    this.#flows = flows;
    this.name = `TCP connection to [${check.target.address}]:tcp:${check.target.port}`;
  }

  async attempt(): Promise<Outcome> {
    const opened = await this.#flows.open(this.#settings, this.#connectTimeoutMs);
    if (opened.type !== 'opened') return { type: 'failed', reason: connectFailure(opened) };
    opened.flow.close();
    return succeeded;
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
