// HTTP_GET and SSL_GET: one page an attempt, over a connection of its own. The exchange is ours:
// docs/decisions/0019-http-checks-speak-for-themselves.md.
import type { HttpCheck, Page } from '../../config/checkers/http.js';
import type { Flow, FlowFailure, FlowSettings } from '../../ports/flows.js';
import type { Expression } from '../../ports/regex.js';
import { requestFor } from '../http/request.js';
import { pageBytesEnough, Response } from '../http/response.js';
import { failedIn, firstRound, type Round, succeededIn } from '../http/round.js';
import { pageFault } from '../http/verdict.js';
import {
  type Outcome,
  type Probe,
  type ProbeOccasion,
  type ProbeWorld,
  succeeded,
} from '../probe.js';

const receiveBytesMax = 64 * 1024;

type HttpWorld = Pick<ProbeWorld, 'clock' | 'flows' | 'expressions'>;

type Prepared = {
  readonly page: Page;
  readonly request: Uint8Array;
  readonly expression: Expression | null;
  /** Why the page cannot be judged; null: it can. */
  readonly fault: string | null;
};

export class HttpProbe implements Probe {
  readonly name: string;
  readonly #check: HttpCheck;
  readonly #world: HttpWorld;
  readonly #pages: readonly Prepared[];
  #round: Round = firstRound;

  constructor(check: HttpCheck, world: HttpWorld) {
    this.#check = check;
    this.#world = world;
    this.#pages = check.pages.map((page) => prepared(page, check, world));
    this.name = `HTTP_CHECK on service [${check.target.address}]:tcp:${check.target.port}`;
  }

  async attempt({ isUp }: ProbeOccasion): Promise<Outcome> {
    const prepared = this.#pages[this.#round.next];
    if (prepared === undefined) return { type: 'failed', reason: 'failed (there is no url)' };
    const fault = prepared.fault ?? (await this.#faultOf(prepared));
    if (fault !== null) {
      this.#round = failedIn(this.#round);
      return { type: 'failed', reason: `failed (${fault}, url ${prepared.page.path})` };
    }
    const { round, isOver } = succeededIn(this.#round, this.#pages.length, isUp);
    this.#round = round;
    if (isOver) return succeeded;
    const isHurried = this.#check.recoversFast && isUp !== true;
    return { type: 'advanced', next: isHurried ? 'at_once' : 'after_delay_loop' };
  }

  async #faultOf(prepared: Prepared): Promise<string | null> {
    const { connectTimeoutMs } = this.#check;
    const opened = await this.#world.flows.open(this.#settings(prepared.page), connectTimeoutMs);
    if (opened.type !== 'opened') return connectFault(opened);
    const fault = await this.#exchange(opened.flow, prepared);
    opened.flow.close();
    return fault;
  }

  #settings({ serverName }: Page): FlowSettings {
    const { target, source, sourcePort, sourceInterface, mark, tlsIdentity } = this.#check;
    const tls = tlsIdentity === null ? null : { serverName, identity: tlsIdentity };
    return { protocol: 'tcp', target, source, sourcePort, sourceInterface, mark, tls };
  }

  /** From the request to the verdict within one more connect_timeout. */
  async #exchange(flow: Flow, { page, request, expression }: Prepared): Promise<string | null> {
    const { clock } = this.#world;
    const deadlineMs = clock.nowMs() + this.#check.connectTimeoutMs;
    const refused = await flow.send(request, this.#check.connectTimeoutMs);
    if (refused !== null) return sendFault(refused);
    const algorithm = page.digest?.algorithm ?? null;
    const response = new Response({ algorithm, isMatched: expression !== null });
    let isComplete = false;
    let bytesAfter = 0;
    for (;;) {
      const leftMs = deadlineMs - clock.nowMs();
      if (leftMs <= 0) return timeoutOf(response);
      const received = await flow.receive(receiveBytesMax, leftMs);
      if (received.type === 'timed_out') return timeoutOf(response);
      if (received.type === 'ended') {
        if (page.needsCleanEnd && !received.isClean) return 'SSL read error: no close_notify';
        return pageFault(page, response, expression);
      }
      if (received.type !== 'received') return readFault(received);
      if (isComplete) {
        bytesAfter += received.bytes.length;
        if (bytesAfter > pageBytesEnough) return 'SSL read error: it does not end';
        continue;
      }
      const progress = response.take(received.bytes);
      if (progress.type === 'refused') return `Read error: ${progress.reason}`;
      isComplete = progress.type === 'complete';
      if (isComplete && !page.needsCleanEnd) return pageFault(page, response, expression);
    }
  }
}

function prepared(page: Page, check: HttpCheck, { expressions }: HttpWorld): Prepared {
  const { target, httpProtocol: protocol } = check;
  const request = requestFor({ path: page.path, host: page.host, target, protocol });
  if (page.expression === null) return { page, request, expression: null, fault: null };
  return expressions.compile(page.expression).match<Prepared>(
    (expression) => ({ page, request, expression, fault: null }),
    ({ reason, offset }) => {
      const fault = `Invalid regex: "${page.expression?.pattern}" at offset ${offset}: ${reason}`;
      return { page, request, expression: null, fault };
    },
  );
}

/** keepalived has two names for it: before anything has come, and after. */
function timeoutOf(response: Response): string {
  return response.bytes === 0 ? 'Timeout WEB read' : 'Timeout HTTP read';
}

function connectFault(failure: FlowFailure): string {
  if (failure.type === 'timed_out') return 'Timeout connecting';
  return failure.type === 'refused' ? 'Connection failed' : `Connection failed: ${failure.reason}`;
}

function sendFault(failure: FlowFailure): string {
  if (failure.type === 'timed_out') return 'Timeout WEB write';
  return failure.type === 'refused' ? 'Write error' : `Write error: ${failure.reason}`;
}

function readFault(failure: FlowFailure): string {
  return failure.type === 'failed' ? `Read error: ${failure.reason}` : 'Read error';
}
