// Sends one neighbour the routes that it is to know: the first set with its End-of-RIB (RFC 4724),
// what changes, and everything again when it asks (RFC 2918, 7313). In slices, so that ten thousand
// routes do not hold up an advert, and never faster than the neighbour takes them.
import type { BgpNeighbor } from '../../config/bgp.js';
import type { AddressFamily, IpAddress } from '../../net/address.js';
import type { Prefix } from '../../net/prefix.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { AnnouncedRoute } from '../announced-route.js';
import { messageOctetsMax } from './message/header.js';
import type { SentAttributes, SentUpdate } from './message/message.js';
import type { Negotiated } from './negotiation.js';
import { AdjRibOut, type RibSteps } from './rib.js';
import { describeRefusal, type RefusedRoute } from './route-export.js';

export type RouteFact = {
  readonly prefix: Prefix;
  /** As the neighbour has it; null: it does not. */
  readonly attributes: SentAttributes | null;
  /** Why not; null: nothing is against it. */
  readonly refusal: string | null;
};

/** What it needs of a connection that is Established. */
export type RouteConnection = {
  readonly negotiated: Negotiated | null;
  readonly localAddress: IpAddress | null;
  update(update: SentUpdate): void;
  markRefresh(family: AddressFamily, phase: 'begin' | 'end'): void;
  unsentOctets(): number;
};

export type RouteSenderOptions = {
  readonly clock: Clock;
  readonly neighbor: () => BgpNeighbor;
  readonly localAs: () => number;
  /** RFC 2545: beside our end of the session; null: the neighbour is not on that link. */
  readonly linkLocalBeside: (ours: IpAddress) => IpAddress | null;
  /** null: nobody has said yet, so that nothing can be said to be complete. */
  readonly wanted: () => readonly AnnouncedRoute[] | null;
  /** A sentence about a route that is not announced. */
  readonly refused: (sentence: string) => void;
};

type Work =
  | { readonly type: 'plan'; readonly steps: RibSteps }
  | { readonly type: 'resend'; readonly steps: RibSteps; readonly family: AddressFamily };

const sliceMs = 0.7;
const sliceStepsMax = 32;
/** More is not queued for a neighbour that does not take it. */
const unsentOctetsMax = 262_144;
const askAgainMs = 20;
/** Of one plan. */
const refusalsLoggedMax = 5;

export class RouteSender {
  readonly #options: RouteSenderOptions;
  readonly #refreshes = new Set<AddressFamily>();
  #connection: RouteConnection | null = null;
  #rib: AdjRibOut | null = null;
  #work: Work | null = null;
  /** Something has changed since the last plan began. */
  #isStale = false;
  #owesEndOfRib = false;
  #isWithdrawing = false;
  #isAdvancing = false;
  #timer: Timer | null = null;
  #refusals: ReadonlySet<string> = new Set();

  constructor(options: RouteSenderOptions) {
    this.#options = options;
  }

  get sentCount(): number {
    return this.#rib?.sent.size ?? 0;
  }

  get refusedCount(): number {
    return this.#faults.length;
  }

  /** Nothing is left to send, and all that was sent has arrived. */
  get isQuiet(): boolean {
    if (this.#connection === null) return true;
    const isIdle = this.#work === null && !this.#isStale && this.#refreshes.size === 0;
    return isIdle && this.#connection.unsentOctets() === 0;
  }

  begin(connection: RouteConnection): void {
    const { negotiated, localAddress } = connection;
    if (negotiated === null || localAddress === null) return;
    this.end();
    this.#connection = connection;
    this.#rib = new AdjRibOut({
      localAs: this.#options.localAs(),
      neighbor: this.#options.neighbor(),
      // Longer ones (RFC 8654) would take too long to make at a time.
      session: { ...negotiated.terms, messageOctetsMax },
      ourAddress: localAddress,
      ourLinkLocal: this.#options.linkLocalBeside(localAddress),
    });
    this.#owesEndOfRib = true;
    this.changed();
  }

  /** The session is over: the neighbour has forgotten all. */
  end(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#connection = null;
    this.#rib = null;
    this.#work = null;
    this.#isStale = false;
    this.#refreshes.clear();
  }

  /** Other routes are wanted, or may be sent. */
  changed(): void {
    this.#rib?.reconfigure(this.#options.neighbor());
    this.#isStale = true;
    this.#advance();
  }

  resend(family: AddressFamily): void {
    this.#refreshes.add(family);
    this.#advance();
  }

  withdrawAll(): void {
    this.#isWithdrawing = true;
    // What is announced this very moment would only have to be withdrawn.
    if (this.#work?.type === 'plan') this.#work = null;
    this.changed();
  }

  factOf(prefix: Prefix, key: string): RouteFact {
    const attributes = this.#rib?.sent.get(key)?.form.attributes ?? null;
    const refused = this.#rib?.refused.find(
      (one) => one.prefix.address === prefix.address && one.prefix.length === prefix.length,
    );
    const refusal = refused === undefined ? null : describeRefusal(refused);
    return { prefix, attributes, refusal };
  }

  #advance(): void {
    // One at a time: what a step brings about waits for the next one.
    if (this.#isAdvancing || this.#timer !== null) return;
    this.#isAdvancing = true;
    const waitMs = this.#slice();
    this.#isAdvancing = false;
    if (waitMs === null || this.#connection === null) return;
    this.#timer = this.#options.clock.setTimer(waitMs, () => {
      this.#timer = null;
      this.#advance();
    });
  }

  /** When to go on; null: when there is something to do. */
  #slice(): number | null {
    const { clock } = this.#options;
    const untilMs = clock.nowMs() + sliceMs;
    if ((this.#connection?.unsentOctets() ?? 0) > unsentOctetsMax) {
      // Whatever it is told when it takes messages again should be true then.
      if (this.#isStale && this.#work?.type === 'plan') this.#work = null;
      return askAgainMs;
    }
    for (let steps = 0; steps < sliceStepsMax && clock.nowMs() < untilMs; steps += 1) {
      this.#work ??= this.#nextWork();
      if (this.#work === null || this.#connection === null) return null;
      this.#step(this.#work, this.#connection);
    }
    return 0;
  }

  #nextWork(): Work | null {
    const rib = this.#rib;
    const wanted = this.#isWithdrawing ? [] : this.#options.wanted();
    if (rib === null) return null;
    if (this.#isStale && wanted !== null) {
      this.#isStale = false;
      return { type: 'plan', steps: rib.planning(wanted) };
    }
    for (const family of this.#refreshes) {
      this.#refreshes.delete(family);
      this.#mark(family, 'begin');
      return { type: 'resend', steps: rib.resending(family), family };
    }
    return null;
  }

  #step(work: Work, connection: RouteConnection): void {
    const { value, done } = work.steps.next();
    if (done !== true) {
      if (value !== null) connection.update(value);
      return;
    }
    // A withdrawal may have begun another one meanwhile.
    if (this.#work === work) this.#work = null;
    if (work.type === 'resend') this.#mark(work.family, 'end');
    else this.#planned(connection);
  }

  #planned(connection: RouteConnection): void {
    this.#complain();
    if (!this.#owesEndOfRib || this.#isStale) return;
    this.#owesEndOfRib = false;
    for (const family of connection.negotiated?.terms.families ?? []) {
      connection.update({ type: 'end_of_rib', family });
    }
  }

  /** Without those that nobody meant for this neighbour. */
  get #faults(): readonly RefusedRoute[] {
    const refused = this.#rib?.refused ?? [];
    return refused.filter(({ refusal }) => refusal.type !== 'other_family');
  }

  /** RFC 7313: so that the neighbour forgets what is not sent again. */
  #mark(family: AddressFamily, phase: 'begin' | 'end'): void {
    const terms = this.#connection?.negotiated?.terms;
    if (terms?.hasEnhancedRouteRefresh === true) this.#connection?.markRefresh(family, phase);
  }

  #complain(): void {
    const sentences = new Set(this.#faults.map(describeRefusal));
    const news = [...sentences].filter((sentence) => !this.#refusals.has(sentence));
    this.#refusals = sentences;
    for (const sentence of news.slice(0, refusalsLoggedMax)) this.#options.refused(sentence);
    const left = news.length - refusalsLoggedMax;
    if (left > 0) this.#options.refused(`${left} more routes are not announced`);
  }
}
