// HTTP_GET and SSL_GET: one page an attempt, over a connection of its own. The exchange is ours:
// docs/decisions/0019-http-checks-speak-for-themselves.md.
import type { HttpCheck, Page } from '../../config/checkers/http.js';
import type { Flow, FlowSettings } from '../../ports/flows.js';
import type { Expression } from '../../ports/regex.js';
import { connectFault, exchanged } from '../http/exchange.js';
import { requestFor } from '../http/request.js';
import { Response } from '../http/response.js';
import { failedIn, firstRound, type Round, succeededIn } from '../http/round.js';
import { pageFault } from '../http/verdict.js';
import {
  type Outcome,
  type Probe,
  type ProbeOccasion,
  type ProbeWorld,
  succeeded,
} from '../probe.js';

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
  readonly successLine: string;
  readonly pollMs: number;
  readonly #check: HttpCheck;
  readonly #world: HttpWorld;
  readonly #pages: readonly Prepared[];
  #round: Round = firstRound;

  constructor(check: HttpCheck, world: HttpWorld) {
    this.#check = check;
    this.pollMs = Math.max(check.delayLoopMs, check.delayBeforeRetryMs);
    this.#world = world;
    this.#pages = check.pages.map((page) => prepared(page, check, world));
    const server = `[${check.target.address}]:tcp:${check.target.port}`;
    this.name = `HTTP_CHECK on service ${server}`;
    this.successLine = `Remote Web server ${server} succeed on service.`;
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

  async #exchange(flow: Flow, { page, request, expression }: Prepared): Promise<string | null> {
    const algorithm = page.digest?.algorithm ?? null;
    const response = new Response({ algorithm, isMatched: expression !== null });
    const fault = await exchanged(flow, this.#world.clock, {
      request,
      response,
      timeoutMs: this.#check.connectTimeoutMs,
      needsCleanEnd: page.needsCleanEnd,
    });
    return fault ?? pageFault(page, response, expression);
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
