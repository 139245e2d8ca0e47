// A node that announces, in virtual time, with what its neighbours know and what its kernel has;
// and by its side a second opinion on when each address may be announced, which knows the rules but
// not the code.
import { Announcing } from '../../src/daemon/announcing.js';
import type { IpAddress } from '../../src/net/address.js';
import { formatPrefix } from '../../src/net/prefix.js';
import type { AnnouncedRoute } from '../../src/routing/announced-route.js';
import type { AnnouncementPlan } from '../../src/routing/announcement/announced-address.js';
import type { ServiceFact } from '../../src/routing/announcement/verdict.js';
import type { Drains } from '../../src/routing/announcements.js';
import type { SimulatedClock } from '../sim/clock.js';

export const holdDownMs = 5_000;
export const holdDownMaxMs = 40_000;
export const drainMs = 30_000;

/** What is known and ordered, as the story has it. */
export type Situation = {
  isDataplaneUp: boolean;
  readonly services: Map<string, ServiceFact>;
  readonly masters: Map<string, boolean>;
  drains: Drains;
};

export class AnnouncingNode {
  readonly announcing: Announcing;
  /** What was told last. */
  told: ReadonlyMap<string, AnnouncedRoute> = new Map();
  tellings = 0;
  readonly kernel = new Set<string>();
  readonly faults: string[] = [];

  constructor(clock: SimulatedClock, addLatencyMs: () => number) {
    this.announcing = new Announcing({
      clock,
      log: { write: () => {} },
      announceBgp: (_instance, routes) => this.#tell(routes),
      announceOspf: () => {},
      addAddress: ({ prefix }, ended) => {
        clock.setTimer(addLatencyMs(), () => {
          this.kernel.add(formatPrefix(prefix));
          ended();
        });
      },
      removeAddress: ({ prefix }) => {
        const key = formatPrefix(prefix);
        if (this.told.has(key)) this.faults.push(`${key} left the kernel while it is announced`);
        this.kernel.delete(key);
      },
      neighborsOf: () => [],
    });
  }

  begin(plan: AnnouncementPlan, situation: Situation): void {
    this.announcing.drain(situation.drains);
    this.announcing.configure(plan);
    this.repeat(situation);
  }

  /** Everything that is known, again. */
  repeat({ isDataplaneUp, services, masters }: Situation): void {
    this.announcing.dataplane(isDataplaneUp);
    this.announcing.services([...services.values()]);
    for (const [instance, isMaster] of masters) {
      this.announcing.vrrp({ instance, state: isMaster ? 'MASTER' : 'BACKUP' });
    }
  }

  #tell(routes: readonly AnnouncedRoute[]): void {
    this.tellings += 1;
    const next = new Map(routes.map((one) => [formatPrefix(one.prefix), one]));
    const text = (map: ReadonlyMap<string, AnnouncedRoute>) =>
      JSON.stringify([...map].toSorted(([left], [right]) => (left < right ? -1 : 1)));
    if (text(next) === text(this.told)) this.faults.push('the same was told twice');
    this.told = next;
  }
}

/** The second opinion on one address. */
export class Expectation {
  readonly address: IpAddress;
  readonly #isUp: (situation: Situation) => boolean;
  #upSinceMs: number | null = null;
  #withdrawalsMs: number[] = [];
  #level = 0;
  #drainedAtMs: number | null = null;
  /** Was it announced when it was drained? */
  #wasAnnounced = false;
  isAnnounced = false;

  constructor(address: IpAddress, isUp: (situation: Situation) => boolean) {
    this.address = address;
    this.#isUp = isUp;
  }

  /** What must be true from `nowMs` on. */
  follow(situation: Situation, nowMs: number): void {
    const isUp = this.#isUp(situation);
    if (!isUp) this.#upSinceMs = null;
    else this.#upSinceMs ??= nowMs;
    const isDrained = situation.drains.node || situation.drains.addresses.has(this.address);
    if (isDrained && this.#drainedAtMs === null) {
      this.#drainedAtMs = nowMs;
      this.#wasAnnounced = this.isAnnounced;
    } else if (!isDrained) this.#drainedAtMs = null;
    const before = this.isAnnounced;
    this.isAnnounced = isUp && (isDrained ? this.#drains(nowMs) : this.#isHeldEnough(nowMs));
    if (!this.isAnnounced) this.#wasAnnounced = false;
    if (before && !isUp) this.#withdraw(nowMs);
  }

  /** When follow() may answer otherwise although nothing happens. */
  get nextMs(): number | null {
    if (this.#drainedAtMs !== null) return this.isAnnounced ? this.#drainedAtMs + drainMs : null;
    if (this.isAnnounced || this.#upSinceMs === null) return null;
    return this.#upSinceMs + this.#holdMs;
  }

  get isDraining(): boolean {
    return this.#drainedAtMs !== null;
  }

  get #holdMs(): number {
    return this.#level === 0 ? 0 : Math.min(holdDownMs * 2 ** (this.#level - 1), holdDownMaxMs);
  }

  #drains(nowMs: number): boolean {
    return this.#wasAnnounced && nowMs < (this.#drainedAtMs ?? 0) + drainMs;
  }

  /** What was drained and comes back in time was never gone. */
  #isHeldEnough(nowMs: number): boolean {
    if (this.isAnnounced) return true;
    return this.#upSinceMs !== null && nowMs >= this.#upSinceMs + this.#holdMs;
  }

  #withdraw(nowMs: number): void {
    const last = this.#withdrawalsMs.at(-1);
    if (last !== undefined) {
      this.#level = Math.max(0, this.#level - Math.floor((nowMs - last) / holdDownMaxMs));
    }
    // 5, 10, 20 and 40 s: there is no fifth step.
    this.#level = Math.min(this.#level + 1, 4);
    this.#withdrawalsMs.push(nowMs);
  }
}
