// The BFD sessions of this node, in the main thread: those of bfd_instance blocks, whose states are
// tracked and checked by, and those that other protocols ask for by `want`. Each user's wishes are
// his own; one session serves all who want the same neighbour.
import type { BfdInstance, BfdSettings } from '../config/bfd.js';
import type { TrackedFact } from '../ha/tracking/facts.js';
import type { Clock } from '../ports/clock.js';
import type { HopDatagrams } from '../ports/hop-datagrams.js';
import type { Log } from '../ports/log.js';
import type { Random } from '../ports/random.js';
import type { BfdFact } from '../routing/bfd/fact.js';
import { BfdSessions } from '../routing/bfd/sessions.js';
import { type BfdNews, bfdLine } from './bfd-news.js';
import { heartbeatBoundMs } from './messages.js';

export type BfdWatchWorld = {
  readonly clock: Clock;
  readonly random: Random;
  readonly datagrams: HopDatagrams;
  readonly log: Log;
  /** For instances of VRRP that track a session. */
  readonly learn: (facts: readonly TrackedFact[]) => void;
  /** For BFD_CHECK and for operators. */
  readonly tell: (news: readonly BfdNews[]) => void;
};

type User = {
  readonly wanted: ReadonlyMap<string, BfdSettings>;
  readonly changed: (name: string, fact: BfdFact) => void;
};

/** What bfd_instance blocks want. */
const fileUser = 'file';

export class BfdWatch {
  readonly #world: BfdWatchWorld;
  readonly #sessions: BfdSessions;
  readonly #users = new Map<string, User>();
  /** Names of bfd_instances that have been Up: before that a server is not taken out for it. */
  readonly #everUp = new Set<string>();
  #isStopping = false;

  constructor(world: BfdWatchWorld) {
    const { clock, random, datagrams, log } = world;
    this.#world = world;
    this.#sessions = new BfdSessions({
      clock,
      random,
      datagrams,
      log,
      silentAfterMs: heartbeatBoundMs,
      changed: (key, fact) => this.#hear(key, fact),
    });
  }

  /** The bfd_instances of the file; all of their states are told anew. */
  configure(instances: readonly BfdInstance[]): void {
    const wanted = new Map(instances.map(({ name, settings }) => [name, settings]));
    for (const name of this.#everUp) if (!wanted.has(name)) this.#everUp.delete(name);
    this.want(fileUser, wanted, (name, fact) => this.#follow(name, fact));
    const news = this.news();
    this.#world.learn(news.map(({ name, fact }) => trackedFact(name, fact)));
    this.#world.tell(news);
  }

  /**
   * What one user (a protocol) wants, by names of its own; `changed` hears of each change of state.
   */
  want(
    user: string,
    wanted: ReadonlyMap<string, BfdSettings>,
    changed: (name: string, fact: BfdFact) => void,
  ): void {
    this.#users.set(user, { wanted, changed });
    const all = new Map<string, BfdSettings>();
    for (const [owner, { wanted: own }] of this.#users) {
      for (const [name, settings] of own) all.set(keyOf(owner, name), settings);
    }
    this.#sessions.configure(all);
  }

  /** Of a user's sessions, by its names. */
  factsOf(user: string): ReadonlyMap<string, BfdFact> {
    const facts = this.#sessions.facts();
    const own = new Map<string, BfdFact>();
    for (const name of this.#users.get(user)?.wanted.keys() ?? []) {
      const fact = facts.get(keyOf(user, name));
      if (fact !== undefined) own.set(name, fact);
    }
    return own;
  }

  /** Of the bfd_instances, with counters as they are now. */
  news(): readonly BfdNews[] {
    return [...this.factsOf(fileUser)].map(([name, fact]) => this.#newsOf(name, fact));
  }

  /** The control thread is alive; without it packets stay out, as adverts do. */
  heartbeat(): void {
    this.#sessions.alive();
  }

  /** Resolves when every neighbour was told that this is no failure. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#sessions.stop();
  }

  #hear(key: string, fact: BfdFact): void {
    if (this.#isStopping) return;
    const { user, name } = ownerOf(key);
    this.#users.get(user)?.changed(name, fact);
  }

  #follow(name: string, fact: BfdFact): void {
    if (fact.state === 'Up') this.#everUp.add(name);
    this.#world.log.write(fact.state === 'Up' ? 'notice' : 'warning', bfdLine(name, fact));
    this.#world.learn([trackedFact(name, fact)]);
    this.#world.tell([this.#newsOf(name, fact)]);
  }

  #newsOf(name: string, fact: BfdFact): BfdNews {
    return { name, fact, hasBeenUp: this.#everUp.has(name) };
  }
}

/** As keepalived has it, nothing but Up is up: not a neighbour that was told to stop either. */
function trackedFact(name: string, { state }: BfdFact): TrackedFact {
  return { kind: 'bfd', name, value: state === 'Up' ? 1 : 0 };
}

/** Names of users have no space. */
function keyOf(user: string, name: string): string {
  return `${user} ${name}`;
}

function ownerOf(key: string): { readonly user: string; readonly name: string } {
  const end = key.indexOf(' ');
  return { user: key.slice(0, end), name: key.slice(end + 1) };
}
