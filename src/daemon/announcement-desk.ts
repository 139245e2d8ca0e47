// The control thread's side of announcements: sends Announcing what the file and the health checks
// say, keeps what operators have drained, and answers them.
import { err, ok, type Result } from 'neverthrow';
import type { Config } from '../config/config.js';
import type { ServiceNews } from '../health/service-news.js';
import { type IpAddress, parseIpAddress } from '../net/address.js';
import { serviceKeyOf } from '../net/service-facts.js';
import type { Clock, Timer } from '../ports/clock.js';
import { announcementPlan } from '../routing/announcement/plan.js';
import type { ServiceFact } from '../routing/announcement/verdict.js';
import type { Drains } from '../routing/announcements.js';
import type { FromAnnouncing, ToAnnouncing } from './announcement-messages.js';
import type { DrainFile } from './drain-file.js';
import type { Answers, OperatorRequest } from './operator-socket.js';
import type { AnnouncementStatus } from './why-report.js';

/** The main thread answers within milliseconds, or something is very wrong. */
const answerBoundMs = 2_000;
const questionsMax = 256;

export type DeskWorld = {
  readonly clock: Clock;
  readonly drains: DrainFile;
  readonly post: (message: ToAnnouncing) => void;
  /** null: there is no such service. */
  readonly factOf: (serviceKey: string) => ServiceFact | null;
};

export type DrainReport = {
  /** null: the node. */
  readonly address: IpAddress | null;
  readonly isDrained: boolean;
  readonly isNodeDrained: boolean;
  readonly addresses: readonly IpAddress[];
  /** From less preferred to withdrawn, the longest of what is drained. */
  readonly drainSeconds: number;
};

type Question = {
  readonly answered: (answer: FromAnnouncing | null) => void;
  readonly timer: Timer;
};

export class AnnouncementDesk {
  readonly #world: DeskWorld;
  readonly #questions = new Map<number, Question>();
  #lastId = 0;
  #drainMs = new Map<IpAddress, number>();
  #services: ReadonlySet<string> = new Set();

  constructor(world: DeskWorld) {
    this.#world = world;
    world.post({ type: 'drains', drains: world.drains.drains });
  }

  /** A configuration that runs, with its services. */
  configure(config: Config): void {
    const plan = announcementPlan(config);
    const virtual = plan.addresses.filter(({ kind }) => kind === 'virtual');
    this.#drainMs = new Map(virtual.map(({ address, drainMs }) => [address, drainMs]));
    const sources = plan.addresses.flatMap((one) => one.sources);
    this.#services = new Set(sources.flatMap(({ services }) => services));
    this.#world.post({ type: 'announcement_plan', plan });
    this.#tellServices(this.#services);
  }

  /** Costs as much as the services that changed. */
  servicesChanged(news: readonly ServiceNews[]): void {
    const keys = new Set(news.map(({ service }) => serviceKeyOf(service)));
    this.#tellServices([...keys].filter((key) => this.#services.has(key)));
  }

  heard(message: FromAnnouncing): void {
    const question = this.#questions.get(message.id);
    this.#questions.delete(message.id);
    question?.timer.cancel();
    question?.answered(message);
  }

  /** Of a main thread that does not answer: nothing. */
  async statuses(): Promise<readonly AnnouncementStatus[]> {
    const answer = await this.#ask((id) => ({ type: 'announcements_asked', id }));
    return answer?.type === 'announcements_answered' ? answer.statuses : [];
  }

  get drains(): Drains {
    return this.#world.drains.drains;
  }

  readonly answers: Answers = {
    drain: async (request) => this.#drain(request, true),
    undrain: async (request) => this.#drain(request, false),
    why: (request) => this.#why(request),
  };

  #tellServices(keys: Iterable<string>): void {
    const facts = [...keys].flatMap((key) => this.#world.factOf(key) ?? []);
    if (facts.length > 0) this.#world.post({ type: 'service_facts', facts });
  }

  #drain(request: OperatorRequest, isDrained: boolean): Result<DrainReport, string> {
    const address = request['address'] === undefined ? ok(null) : this.#addressOf(request);
    if (address.isErr()) return err(address.error);
    const isListed = this.drains.addresses.has(address.value as IpAddress);
    // What the file does not announce any more can still be taken from the list.
    const isKnown = address.value === null || this.#drainMs.has(address.value);
    if (!isKnown && (isDrained || !isListed)) return err(this.#unknown(address.value));
    const set = this.#world.drains.set(address.value, isDrained);
    if (set.isErr()) return err(set.error);
    this.#world.post({ type: 'drains', drains: set.value });
    const times = address.value === null ? [...this.#drainMs.values()] : [];
    const longestMs = times.reduce((longest, one) => Math.max(longest, one), 0);
    const ownMs = address.value === null ? longestMs : (this.#drainMs.get(address.value) ?? 0);
    return ok({
      address: address.value,
      isDrained,
      isNodeDrained: set.value.node,
      addresses: [...set.value.addresses],
      drainSeconds: ownMs / 1000,
    });
  }

  async #why(request: OperatorRequest): Promise<Result<unknown, string>> {
    const address = this.#addressOf(request);
    if (address.isErr()) return err(address.error);
    const answer = await this.#ask((id) => ({ type: 'why_asked', id, address: address.value }));
    if (answer?.type !== 'why_answered') return err('the protocol loop does not answer');
    return answer.why === null ? err(this.#unknown(address.value)) : ok(answer.why);
  }

  #addressOf({ address }: OperatorRequest): Result<IpAddress, string> {
    const parsed = typeof address === 'string' ? parseIpAddress(address) : null;
    if (parsed?.isOk() === true) return ok(parsed.value);
    return err(`"${String(address).slice(0, 64)}" is not an IP address`);
  }

  #unknown(address: IpAddress): string {
    const some = [...this.#drainMs.keys()].slice(0, 8).join(', ');
    const known = some === '' ? 'nothing has an announce block' : `announced are ${some}`;
    const more = this.#drainMs.size > 8 ? ' and others' : '';
    return `${address} is not announced by the configuration: ${known}${more}`;
  }

  #ask(question: (id: number) => ToAnnouncing): Promise<FromAnnouncing | null> {
    if (this.#questions.size >= questionsMax) return Promise.resolve(null);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((answered) => {
      const timer = this.#world.clock.setTimer(answerBoundMs, () => {
        this.#questions.delete(id);
        answered(null);
      });
      this.#questions.set(id, { answered, timer });
      this.#world.post(question(id));
    });
  }
}
