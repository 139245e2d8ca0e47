// Keeps a set of addresses, routes and rules in the kernel: puts what is missing, takes out what is
// no longer wanted, puts back what someone else took. Knows nothing of VRRP.
import { ok, type Result } from 'neverthrow';
import { formatPrefix } from '../net/prefix.js';
import type { Clock, Timer } from '../ports/clock.js';
import { describeKernelError, type Kernel, type KernelError } from '../ports/kernel.js';
import type { KernelObjects, ObjectNews } from '../ports/kernel-objects.js';
import type { Log } from '../ports/log.js';
import { type KernelObject, keyOf, type ObjectChange, planObjects } from './kernel-plan.js';

export type KeeperWorld = {
  readonly clock: Clock;
  readonly kernel: Pick<Kernel, 'putAddress' | 'removeAddress'>;
  readonly objects: Pick<KernelObjects, 'putRoute' | 'removeRoute' | 'putRule' | 'removeRule'>;
  readonly log: Log;
};

type Outcome = Result<void, KernelError>;

export type KeeperOptions = {
  /**
   * Nobody else asks for them again: addresses come back as well, and what could not be put is
   * tried again with every change of an interface.
   */
  readonly restoresAll: boolean;
  /** What is wanted and not there, after every attempt. */
  readonly tried: (missing: readonly KernelObject[]) => void;
};

/** Someone who deletes without end must not keep us busy without end. */
const restoreDelayMs = 100;

export class ObjectKeeper {
  readonly #world: KeeperWorld;
  readonly #options: KeeperOptions | null;
  /** What the kernel has, as far as we know; by key. */
  readonly #held = new Map<string, KernelObject>();
  /** What may be there besides: left by an earlier process, or half done. */
  readonly #possible = new Map<string, KernelObject>();
  /** Of what we hold, what the kernel has said yes to. */
  readonly #confirmed = new Set<KernelObject>();
  #wanted: readonly KernelObject[] = [];
  #restoring: Timer | null = null;
  /** Said once, until it is right again. */
  #lastComplaint: string | null = null;

  constructor(world: KeeperWorld, options: KeeperOptions | null = null) {
    this.#world = world;
    this.#options = options;
  }

  get held(): readonly KernelObject[] {
    return [...this.#held.values()];
  }

  /** What the kernel is known to have; the same objects as long as they stay. */
  get confirmed(): readonly KernelObject[] {
    return [...this.#confirmed];
  }

  /** The last that were to be reached were these very ones, and all of them are there. */
  has(wanted: readonly KernelObject[]): boolean {
    return this.#wanted === wanted && wanted.every((object) => this.#confirmed.has(object));
  }

  /** They may be in the kernel already; `clear` takes them out. */
  suspect(objects: readonly KernelObject[]): void {
    for (const object of objects) this.#possible.set(keyOf(object), object);
  }

  /**
   * Everything of `wanted` in place, nothing else. With `validSeconds` the lifetimes of all
   * addresses begin anew. All is asked before the first answer, so that calls keep their order.
   */
  reach(wanted: readonly KernelObject[], validSeconds: number | null): Promise<Outcome> {
    this.#wanted = wanted;
    const changes = planObjects(this.held, wanted);
    const put = new Set(changes.map(({ object }) => keyOf(object)));
    const renewals = this.held.filter(
      (object) => validSeconds !== null && object.type === 'address' && !put.has(keyOf(object)),
    );
    const renewed = renewals.map((object) => ({ type: 'put', object, replaces: true }) as const);
    const applied = this.#apply([...renewed, ...changes], validSeconds);
    if (this.#options === null) return applied;
    return applied.then((outcome) => {
      this.#options?.tried(this.#missing);
      return outcome;
    });
  }

  /** Nothing in place. */
  clear(): Promise<Outcome> {
    this.#wanted = [];
    const everything = new Map([...this.#possible, ...this.#held]);
    this.#possible.clear();
    return this.#apply(planObjects([...everything.values()], []), null);
  }

  /** Takes out some of it; the rest stays wanted. */
  drop(gone: (object: KernelObject) => boolean): Promise<Outcome> {
    this.#wanted = this.#wanted.filter((object) => !gone(object));
    const known = [...new Map([...this.#possible, ...this.#held]).values()];
    for (const object of known.filter(gone)) this.#possible.delete(keyOf(object));
    return this.#apply(planObjects(known.filter(gone), []), null);
  }

  /** It is no longer in the kernel. */
  forget(object: KernelObject): void {
    this.#held.delete(keyOf(object));
    this.#confirmed.delete(object);
  }

  /** Routes and rules that are gone by it come back soon, unless they are not watched. */
  heard(news: ObjectNews): void {
    const lost = this.held.filter((object) => object.isTracked && this.#mayBeLost(object, news));
    const mayReturn = this.#options?.restoresAll === true && news.type !== 'rule_deleted';
    if (lost.length === 0 && !(mayReturn && this.#missing.length > 0)) return;
    for (const object of lost) this.forget(object);
    this.#restoring ??= this.#world.clock.setTimer(restoreDelayMs, () => void this.#restore());
  }

  stop(): void {
    this.#restoring?.cancel();
    this.#restoring = null;
  }

  async #restore(): Promise<void> {
    this.#restoring = null;
    const missing = this.#missing;
    if (missing.length === 0) return;
    const changes = missing.map((object) => ({ type: 'put', object, replaces: false }) as const);
    const restored = await this.#apply(changes, null);
    this.#options?.tried(this.#missing);
    const complaint = restored.isOk() ? null : describeKernelError(restored.error);
    const isNews = complaint !== this.#lastComplaint || this.#options === null;
    this.#lastComplaint = complaint;
    if (complaint !== null && isNews) this.#world.log.write('warning', complaint);
  }

  /** Addresses come back by their owner, if at all, where there is one. */
  get #missing(): readonly KernelObject[] {
    const hasAll = this.#options?.restoresAll === true;
    return this.#wanted.filter(
      (object) => (hasAll || object.type !== 'address') && !this.#held.has(keyOf(object)),
    );
  }

  #mayBeLost(object: KernelObject, news: ObjectNews): boolean {
    if (object.type !== 'address' || this.#options?.restoresAll !== true) {
      return mayBeLost(object, news);
    }
    return news.type !== 'route_deleted' && news.type !== 'rule_deleted';
  }

  async #apply(changes: readonly ObjectChange[], validSeconds: number | null): Promise<Outcome> {
    const answers = await Promise.all(
      changes.map((change) => {
        this.#note(change);
        return this.#ask(change, validSeconds).then((answer) => {
          if (change.type === 'put') this.#settle(change.object, answer.isOk());
          return answer;
        });
      }),
    );
    return answers.find((answer) => answer.isErr()) ?? ok(undefined);
  }

  /** At once, not with the answer: the next call must see it. */
  #note({ type, object }: ObjectChange): void {
    const key = keyOf(object);
    if (type === 'put') {
      this.#held.set(key, object);
      this.#possible.set(key, object);
      return;
    }
    this.forget(this.#held.get(key) ?? object);
  }

  /** By now another one may have its place. */
  #settle(object: KernelObject, isThere: boolean): void {
    if (this.#held.get(keyOf(object)) !== object) return;
    if (isThere) this.#confirmed.add(object);
    else this.forget(object);
  }

  #ask(change: ObjectChange, validSeconds: number | null): Promise<Outcome> {
    const { object } = change;
    const { kernel, objects } = this.#world;
    const isPut = change.type === 'put';
    switch (object.type) {
      case 'address': {
        const { device, prefix, attributes } = object;
        return isPut
          ? kernel.putAddress({ interface: device, prefix, validSeconds, attributes })
          : kernel.removeAddress(device, prefix, attributes);
      }
      case 'route':
        return isPut
          ? objects.putRoute(object.route, change.replaces)
          : objects.removeRoute(object.route);
      case 'rule':
        return isPut ? objects.putRule(object.rule) : objects.removeRule(object.rule);
    }
  }
}

/** The kernel drops IPv4 routes with an address or interface that they need, and says nothing. */
function mayBeLost(object: KernelObject, news: ObjectNews): boolean {
  switch (news.type) {
    case 'route_deleted':
      return (
        object.type === 'route' &&
        object.route.family === news.family &&
        object.route.table === news.table &&
        object.route.destination.length === news.destination.length &&
        formatPrefix(object.route.destination) === formatPrefix(news.destination)
      );
    case 'rule_deleted': {
      if (object.type !== 'rule' || object.rule.family !== news.family) return false;
      return object.rule.priority === null || object.rule.priority === news.priority;
    }
    case 'address_deleted':
    case 'link_changed':
      return object.type === 'route';
    case 'unknown':
      return object.type !== 'address';
  }
}
