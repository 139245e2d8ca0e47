// The services of the configuration that runs, and what is known of them: takes verdicts, numbers
// of tracked files and the states of VRRP, and says what is to be watched, told and planned anew.

import type { FollowingCheck } from '../config/checkers/checkers.js';
import type { Config } from '../config/config.js';
import type { VirtualServer } from '../config/virtual-server.js';
import { factKey, type TrackedFact } from '../ha/tracking/facts.js';
import type { VrrpFact } from '../ha/vrrp/speaker.js';
import { BoundedLog } from '../health/bounded-log.js';
import { followedKind, followingVerdict } from '../health/following-verdict.js';
import type { Verdict } from '../health/monitor.js';
import { ServiceBook, type ServiceState, type ServiceTally } from '../health/service-book.js';
import { linesOf, type ServiceNews, serviceText } from '../health/service-news.js';
import { isProbed, type MonitorTarget, type ProbedTarget, targetsOf } from '../health/targets.js';
import type { IpAddress } from '../net/address.js';
import { type ServiceFacts, serviceKeyOf } from '../net/service-facts.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Log } from '../ports/log.js';

export type ServiceWorld = {
  readonly clock: Clock;
  readonly log: Log;
  /** Of servers and services, in the order in which it happened. */
  readonly tellServices: (news: readonly ServiceNews[]) => void;
  readonly watchTargets: (targets: readonly ProbedTarget[]) => void;
};

type Follower = { readonly id: string; readonly checker: FollowingCheck };

export class ServiceWatch {
  readonly #world: ServiceWorld;
  readonly #log: Log;
  /** The facts of the data plane's plan are others now. */
  readonly #changed: () => void;
  #config: Pick<Config, 'virtualServers' | 'vrrpInstances'> = {
    virtualServers: [],
    vrrpInstances: [],
  };
  #targets: readonly MonitorTarget[] = [];
  #book: ServiceBook;
  /** By what they follow, see factKey. */
  #followers = new Map<string, Follower[]>();
  readonly #known = new Map<string, number>();
  #timer: { readonly atMs: number; readonly timer: Timer } | null = null;
  #masters: ReadonlySet<string> = new Set();
  /** By serviceKey. */
  #suspended: ReadonlySet<string> = new Set();

  constructor(world: ServiceWorld, changed: () => void) {
    this.#world = world;
    this.#log = new BoundedLog(world.log, world.clock);
    this.#changed = changed;
    this.#book = new ServiceBook([], null, 0);
  }

  get facts(): ServiceFacts {
    return this.#book.facts;
  }

  get states(): readonly ServiceState[] {
    return this.#book.services();
  }

  /** null: there is no such service. */
  tallyOf(serviceKey: string): ServiceTally | null {
    return this.#book.tallyOf(serviceKey);
  }

  isSuspended(service: VirtualServer): boolean {
    return this.#suspended.has(serviceKeyOf(service));
  }

  failedTargets(): readonly string[] {
    return this.#book.failedTargets();
  }

  /** The services of a new configuration; nothing is checked before `watch`. */
  adopt(config: Pick<Config, 'virtualServers' | 'vrrpInstances'>): void {
    this.#config = config;
    this.#targets = targetsOf(config);
    this.#followers = followersOf(this.#targets);
    for (const key of this.#known.keys()) if (!this.#followers.has(key)) this.#known.delete(key);
    const { clock } = this.#world;
    const book = new ServiceBook(config.virtualServers, this.#book, clock.nowMs());
    const news = [...this.#book.farewell(book)];
    for (const [key, value] of this.#known) news.push(...this.#follow(book, key, value));
    news.push(...book.begin());
    this.#book = book;
    this.#tell(news);
    this.#armTimer();
  }

  watch(): void {
    this.#suspended = this.#suspendedNow();
    this.#watchTargets();
  }

  recordVerdict(targetId: string, verdict: Verdict): void {
    const { clock } = this.#world;
    this.#tell(this.#book.record(targetId, verdict, clock.nowMs()));
    this.#armTimer();
  }

  /** What is known of tracked things, as it changes. */
  recordTracked(facts: readonly TrackedFact[]): void {
    for (const { kind, name, value } of facts) {
      const key = factKey(kind, name);
      if (!this.#followers.has(key)) continue;
      this.#known.set(key, value);
      this.#tell(this.#follow(this.#book, key, value));
      this.#armTimer();
    }
  }

  /** ha_suspend: services none of whose addresses is here are not checked. */
  recordVrrp(facts: readonly VrrpFact[]): void {
    const masters = facts.filter(({ state }) => state === 'MASTER');
    this.#masters = new Set(masters.map(({ instance }) => instance));
    const before = this.#suspended;
    this.#suspended = this.#suspendedNow();
    if (before.size === 0 && this.#suspended.size === 0) return;
    let isChanged = false;
    for (const service of this.#config.virtualServers) {
      const key = serviceKeyOf(service);
      if (before.has(key) === this.#suspended.has(key)) continue;
      isChanged = true;
      const verb = this.#suspended.has(key) ? 'Suspending' : 'Activating';
      this.#world.log.write('info', `${verb} healthcheckers of VS ${serviceText(service)}`);
    }
    if (isChanged) this.#watchTargets();
  }

  /** The daemon ends. */
  stop(): void {
    this.#timer?.timer.cancel();
    this.#tell(this.#book.farewell(null));
  }

  /** Slow starts and what is held down: time alone changes them. */
  #armTimer(): void {
    const { nextMs } = this.#book;
    if (nextMs === (this.#timer?.atMs ?? null)) return;
    this.#timer?.timer.cancel();
    this.#timer = null;
    if (nextMs === null) return;
    const { clock } = this.#world;
    const delayMs = Math.max(0, nextMs - clock.nowMs());
    const timer = clock.setTimer(delayMs, () => {
      this.#timer = null;
      const news = this.#book.tick(clock.nowMs());
      this.#tell(news ?? []);
      if (news?.length === 0) this.#changed();
      this.#armTimer();
    });
    this.#timer = { atMs: nextMs, timer };
  }

  #follow(book: ServiceBook, key: string, value: number): readonly ServiceNews[] {
    const nowMs = this.#world.clock.nowMs();
    const followers = this.#followers.get(key) ?? [];
    return followers.flatMap(({ id, checker }) =>
      book.record(id, followingVerdict(checker, value), nowMs),
    );
  }

  #tell(news: readonly ServiceNews[]): void {
    if (news.length === 0) return;
    for (const line of news.flatMap(linesOf)) this.#log.write('notice', line);
    this.#world.tellServices(news);
    this.#changed();
  }

  #watchTargets(): void {
    const watched = this.#targets.filter(({ serviceKey }) => !this.#suspended.has(serviceKey));
    this.#world.watchTargets(watched.filter(isProbed));
  }

  /** An address that no instance has is always here. */
  #suspendedNow(): ReadonlySet<string> {
    const candidates = this.#config.virtualServers.filter((one) => one.isSuspendedElsewhere);
    if (candidates.length === 0) return new Set();
    const elsewhere = new Set<IpAddress>();
    const here = new Set<IpAddress>();
    for (const { name, objects } of this.#config.vrrpInstances) {
      const place = this.#masters.has(name) ? here : elsewhere;
      for (const { prefix } of objects.addresses) place.add(prefix.address);
    }
    const isElsewhere = ({ address }: { readonly address: IpAddress }): boolean =>
      elsewhere.has(address) && !here.has(address);
    return new Set(
      candidates
        .filter(({ endpoints }) => endpoints.length > 0 && endpoints.every(isElsewhere))
        .map(serviceKeyOf),
    );
  }
}

function followersOf(targets: readonly MonitorTarget[]): Map<string, Follower[]> {
  const followers = new Map<string, Follower[]>();
  for (const { id, checker } of targets) {
    if (checker.type !== 'FILE_CHECK' && checker.type !== 'BFD_CHECK') continue;
    const key = factKey(followedKind(checker), checker.name);
    followers.set(key, [...(followers.get(key) ?? []), { id, checker }]);
  }
  return followers;
}
