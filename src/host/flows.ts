// Outgoing connections and datagrams of health probes, on the addon's table of flows: one for each
// thread, made with the first flow. TLS lies on top (tls-flow.ts).
import type {
  FlowFailure,
  FlowSettings,
  Flows,
  KnockEnded,
  OpenOutcome,
  TlsSettings,
} from '../ports/flows.js';
import { Knocks } from './knocks.js';
import { failureOf, SocketFlow } from './socket-flow.js';
import { describeCause, describeSocketsError, type FlowTable, openFlowTable } from './sockets.js';
import { TlsContexts } from './tls-contexts.js';
import { TlsFlow } from './tls-flow.js';

export class HostFlows implements Flows {
  readonly #flows = new Map<number, SocketFlow>();
  readonly #contexts = new TlsContexts();
  #table: FlowTable | null = null;
  #knocks: Knocks | null = null;

  open(settings: FlowSettings, timeoutMs: number): Promise<OpenOutcome> {
    const { tls } = settings;
    return tls === null ? this.#open(settings, timeoutMs) : this.#openTls(settings, tls, timeoutMs);
  }

  knock(settings: FlowSettings, timeoutMs: number, ended: KnockEnded): void {
    const fail = (reason: string): void => {
      queueMicrotask(() => ended({ type: 'failed', reason }));
    };
    try {
      const table = this.#readyTable();
      if (typeof table === 'string') {
        fail(table);
        return;
      }
      this.#knocks ??= new Knocks(table);
      this.#knocks.knock(settings, timeoutMs, ended);
    } catch (cause) {
      fail(describeCause(cause));
    }
  }

  /** The certificates of identities may be others now: they are read again. */
  renewIdentities(): void {
    this.#contexts.forget();
  }

  /** What is open ends at once. The thread's end does it too. */
  end(): void {
    this.#table?.end();
  }

  async #openTls(
    settings: FlowSettings,
    tls: TlsSettings,
    timeoutMs: number,
  ): Promise<OpenOutcome> {
    const context = this.#contexts.of(tls.identity);
    if (context.isErr()) return { type: 'failed', reason: context.error };
    const deadlineMs = performance.now() + timeoutMs;
    const opened = await this.#open(settings, timeoutMs);
    if (opened.type !== 'opened') return opened;
    const flowSettings = { secureContext: context.value, serverName: tls.serverName };
    const leftMs = deadlineMs - performance.now();
    return new TlsFlow(opened.flow, flowSettings).shaken(leftMs);
  }

  #open(settings: FlowSettings, timeoutMs: number): Promise<OpenOutcome> {
    const flow = this.#started(settings);
    if (!(flow instanceof SocketFlow)) return Promise.resolve(flow);
    if (settings.protocol !== 'tcp') return Promise.resolve({ type: 'opened', flow });
    return flow.connected(timeoutMs);
  }

  #started(settings: FlowSettings): SocketFlow | FlowFailure {
    const { protocol, target, source, sourcePort, sourceInterface, mark } = settings;
    try {
      const table = this.#readyTable();
      if (typeof table === 'string') return { type: 'failed', reason: table };
      const number = table.open(protocol, target, source, sourcePort, sourceInterface, mark);
      if (number < 0) return failureOf(-number);
      const flow = new SocketFlow(table, number, protocol === 'tcp', () => {
        this.#flows.delete(number);
      });
      this.#flows.set(number, flow);
      return flow;
    } catch (cause) {
      return { type: 'failed', reason: describeCause(cause) };
    }
  }

  /** The text says why there is none. */
  #readyTable(): FlowTable | string {
    if (this.#table !== null) return this.#table;
    const opened = openFlowTable((number, bits, errorNumber) => {
      if (this.#knocks?.happened(number, bits, errorNumber) === true) return;
      this.#flows.get(number)?.happened(bits, errorNumber);
    });
    if (opened.isErr()) return describeSocketsError(opened.error);
    this.#table = opened.value;
    return this.#table;
  }
}
