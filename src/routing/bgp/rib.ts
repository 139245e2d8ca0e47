// Adj-RIB-Out of one neighbour (RFC 4271 section 3.2): what it was told, and what it must be told
// so that it knows what is wanted. Level-triggered: equal wants cost no message. Work is cut into
// steps, because the loop that asks for it also sends adverts.
import type { BgpNeighbor } from '../../config/bgp.js';
import type { AddressFamily } from '../../net/address.js';
import { formatPrefix, type Prefix } from '../../net/prefix.js';
import type { AnnouncedRoute } from '../announced-route.js';
import type { SentUpdate } from './message/message.js';
import { prefixOctets, withdrawnOctetsMax } from './message/update.js';
import { type RefusedRoute, type RibTerms, RouteExport, type SentRoute } from './route-export.js';

/** null: there is more to do, but nothing to send yet. Each update fits in one message. */
export type RibSteps = Generator<SentUpdate | null, void, void>;

/** Routes looked at in a step: a small part of a millisecond. */
const readPerStep = 64;
const comparedPerStep = 512;

export class AdjRibOut {
  #terms: RibTerms;
  /** By formatted prefix. */
  readonly #sent = new Map<string, SentRoute>();
  #refused: readonly RefusedRoute[] = [];

  constructor(terms: RibTerms) {
    this.#terms = terms;
  }

  /** A reload: the session and what was sent stay; the next plan makes up the difference. */
  reconfigure(neighbor: BgpNeighbor): void {
    this.#terms = { ...this.#terms, neighbor };
  }

  /** What the neighbour knows of us, by formatted prefix. */
  get sent(): ReadonlyMap<string, SentRoute> {
    return this.#sent;
  }

  /** Of the last plan. */
  get refused(): readonly RefusedRoute[] {
    return this.#refused;
  }

  /** All steps of `planning` at once. */
  plan(wanted: readonly AnnouncedRoute[]): SentUpdate[] {
    return [...this.planning(wanted)].filter((update) => update !== null);
  }

  /**
   * What is to be sent, withdrawals first. What was yielded counts as sent, so a caller may leave at
   * any step and begin anew with other wants.
   */
  *planning(wanted: readonly AnnouncedRoute[]): RibSteps {
    const refused: RefusedRoute[] = [];
    const permitted = new Map<string, SentRoute>();
    yield* this.#read(wanted, permitted, refused);
    yield* this.#limit(permitted, refused);
    this.#refused = refused;
    yield* this.#withdraw(permitted);
    yield* this.#announce(permitted, (name, { form }) => {
      return this.#sent.get(name)?.form.key !== form.key;
    });
  }

  /** Everything of a family again (RFC 2918); what changes meanwhile is left to the plan. */
  *resending(family: AddressFamily): RibSteps {
    const routes = new Map(this.#sent);
    yield* this.#announce(routes, (name, route) => {
      return route.family === family && this.#sent.get(name) === route;
    });
  }

  *#read(
    wanted: readonly AnnouncedRoute[],
    permitted: Map<string, SentRoute>,
    refused: RefusedRoute[],
  ): Generator<null, void, void> {
    const routes = new RouteExport(this.#terms);
    for (const [index, route] of wanted.entries()) {
      if (index % readPerStep === readPerStep - 1) yield null;
      const exported = routes.of(route);
      if (exported.isErr()) {
        refused.push(exported.error);
        continue;
      }
      const { prefix } = exported.value;
      const name = formatPrefix(prefix);
      if (permitted.has(name)) refused.push({ prefix, refusal: { type: 'duplicate' } });
      else permitted.set(name, exported.value);
    }
  }

  /** What is announced already keeps its place: a new VIP does not push out one with traffic. */
  *#limit(permitted: Map<string, SentRoute>, refused: RefusedRoute[]): Generator<null, void, void> {
    const prefixesMax = this.#terms.neighbor.prefixesOutMax;
    let surplus = permitted.size - prefixesMax;
    if (surplus <= 0) return;
    const names = [...permitted.keys()].reverse();
    const isSent = (name: string): boolean => this.#sent.has(name);
    const candidates = [...names.filter((name) => !isSent(name)), ...names.filter(isSent)];
    for (const name of candidates) {
      if (surplus <= 0) return;
      const route = permitted.get(name);
      permitted.delete(name);
      if (route !== undefined) {
        refused.push({ prefix: route.prefix, refusal: { type: 'too_many', prefixesMax } });
      }
      surplus -= 1;
      if (surplus % comparedPerStep === 0) yield null;
    }
  }

  *#withdraw(permitted: ReadonlyMap<string, SentRoute>): RibSteps {
    const gone: Record<AddressFamily, SentRoute[]> = { ipv4: [], ipv6: [] };
    let compared = 0;
    for (const [name, route] of this.#sent) {
      if (!permitted.has(name)) gone[route.family].push(route);
      compared += 1;
      if (compared % comparedPerStep === 0) yield null;
    }
    for (const family of ['ipv4', 'ipv6'] as const) {
      const roomOctets = withdrawnOctetsMax(family, this.#terms.session);
      for (const routes of filled(gone[family], roomOctets)) {
        for (const { prefix } of routes) this.#sent.delete(formatPrefix(prefix));
        yield { type: 'withdraw', family, prefixes: prefixesOf(routes) };
      }
    }
  }

  /** `counts` is asked again just before the route is sent. */
  *#announce(
    routes: ReadonlyMap<string, SentRoute>,
    counts: (name: string, route: SentRoute) => boolean,
  ): RibSteps {
    const groups = new Map<string, SentRoute[]>();
    let compared = 0;
    for (const [name, route] of routes) {
      compared += 1;
      if (compared % comparedPerStep === 0) yield null;
      if (!counts(name, route)) continue;
      const group = `${route.family} ${route.form.key}`;
      const others = groups.get(group);
      if (others === undefined) groups.set(group, [route]);
      else others.push(route);
    }
    for (const group of groups.values()) yield* this.#announceAlike(group, counts);
  }

  *#announceAlike(
    group: readonly SentRoute[],
    counts: (name: string, route: SentRoute) => boolean,
  ): RibSteps {
    const [first] = group;
    if (first === undefined) return;
    const { family, form } = first;
    for (const routes of filled(group, form.roomOctets)) {
      const left = routes.filter((route) => counts(formatPrefix(route.prefix), route));
      for (const route of left) this.#sent.set(formatPrefix(route.prefix), route);
      if (left.length === 0) continue;
      const prefixes = prefixesOf(left);
      yield { type: 'announce', family, attributes: form.attributes, prefixes };
    }
  }
}

/** In their order, as many together as fit. */
function* filled(routes: readonly SentRoute[], roomOctets: number): Generator<SentRoute[]> {
  let together: SentRoute[] = [];
  let octets = 0;
  for (const route of routes) {
    const needed = prefixOctets(route.prefix);
    if (octets + needed > roomOctets) {
      yield together;
      together = [];
      octets = 0;
    }
    together.push(route);
    octets += needed;
  }
  if (together.length > 0) yield together;
}

function prefixesOf(routes: readonly SentRoute[]): Prefix[] {
  return routes.map(({ prefix }) => prefix);
}
