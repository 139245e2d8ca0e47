// TCP_CHECK: a connection that is established within connect_timeout, then closed.
import type { TcpCheck } from '../../config/checker.js';
import type { Streams } from '../../ports/streams.js';
import type { Outcome, Probe } from '../probe.js';

export class TcpProbe implements Probe {
  readonly name: string;
  readonly #check: TcpCheck;
  readonly #streams: Streams;

  constructor(check: TcpCheck, streams: Streams) {
    this.#check = check;
    this.#streams = streams;
    this.name = `TCP connection to [${check.target.address}]:tcp:${check.target.port}`;
  }

  async attempt(): Promise<Outcome> {
    const { target, connectTimeoutMs, source } = this.#check;
    const outcome = await this.#streams.connect(target, connectTimeoutMs, source);
    switch (outcome.type) {
      case 'connected':
        return { type: 'succeeded' };
      case 'refused':
        return { type: 'failed', reason: 'failed' };
      case 'timed_out':
        return { type: 'failed', reason: 'timeout' };
      case 'failed':
        return { type: 'failed', reason: `failed (${outcome.reason})` };
    }
  }
}
