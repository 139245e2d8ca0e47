// Outgoing connections and datagrams of health probes, on the addon's table of flows: one for each
// thread, made with the first flow. TLS lies on top (tls-flow.ts).
import { familyOf, ipAddress } from '../net/address.js';
import type { FlowFailure, FlowSettings, Flows, OpenOutcome, TlsSettings } from '../ports/flows.js';
import { failureOf, SocketFlow } from './socket-flow.js';
import { describeCause, describeSocketsError, type FlowTable, openFlowTable } from './sockets.js';
import { TlsContexts } from './tls-contexts.js';
import { TlsFlow } from './tls-flow.js';

const anyAddress = { ipv4: ipAddress('0.0.0.0'), ipv6: ipAddress('::') };

export class HostFlows implements Flows {
  readonly #flows = new Map<number, SocketFlow>();
  readonly #contexts = new TlsContexts();
  #table: FlowTable | null = null;

  open(settings: FlowSettings, timeoutMs: number): Promise<OpenOutcome> {
    const { tls } = settings;
    return tls === null ? this.#open(settings, timeoutMs) : this.#openTls(settings, tls, timeoutMs);
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
    const from = source ?? (sourcePort === null ? null : anyAddress[familyOf(target.address)]);
    try {
      const table = this.#readyTable();
      if (typeof table === 'string') return { type: 'failed', reason: table };
      const number = table.open(protocol, target, from, sourcePort, sourceInterface, mark);
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
      this.#flows.get(number)?.happened(bits, errorNumber);
    });
    if (opened.isErr()) return describeSocketsError(opened.error);
    this.#table = opened.value;
    return this.#table;
  }
}
