// The BgpSpeaker of each bgp_instance: made, changed and stopped as the file says, with what is to
// be announced, and with BFD where a neighbour has it.

import type { BfdSettings } from '../config/bfd.js';
import type { BgpInstance, BgpNeighbor } from '../config/bgp.js';
import type { IpAddress } from '../net/address.js';
import type { Prefix } from '../net/prefix.js';
import type { Log } from '../ports/log.js';
import type { AnnouncedRoute } from '../routing/announced-route.js';
import type { BfdFact } from '../routing/bfd/fact.js';
import { type BgpFact, BgpSpeaker, type BgpSpeakerOptions } from '../routing/bgp/speaker.js';
import { sentText } from './sent-text.js';
import type { RouteNeighbor } from './why-report.js';

type Shared = Omit<BgpSpeakerOptions, 'instance' | 'hostIdentifier' | 'log'>;

export type BgpSpeakersWorld = Shared & {
  readonly log: Log;
  /** All sessions that BGP wants, by name; `changed` hears of each change of state. */
  readonly wantBfd: (
    wanted: ReadonlyMap<string, BfdSettings>,
    changed: (name: string, fact: BfdFact) => void,
  ) => void;
};

type Watched = { readonly speaker: BgpSpeaker; readonly neighbor: IpAddress };

export class BgpSpeakers {
  readonly #world: BgpSpeakersWorld;
  readonly #speakers = new Map<string, BgpSpeaker>();
  readonly #routes = new Map<string, readonly AnnouncedRoute[]>();
  /** AS of those that cannot run, by name. */
  readonly #idle = new Map<string, number>();
  /** By the name of the BFD session. */
  #watched = new Map<string, Watched>();

  constructor(world: BgpSpeakersWorld) {
    this.#world = world;
  }

  /** `hostIdentifier`: for those that have no router_id; null: the host has none. */
  configure(instances: readonly BgpInstance[], hostIdentifier: IpAddress | null): void {
    const names = new Set(instances.map(({ name }) => name));
    for (const [name, speaker] of this.#speakers) {
      if (names.has(name)) continue;
      void speaker.stop('removed from the configuration');
      this.#speakers.delete(name);
      this.#routes.delete(name);
    }
    this.#idle.clear();
    for (const instance of instances) {
      const running = this.#speakers.get(instance.name);
      if (running === undefined) this.#begin(instance, hostIdentifier);
      else running.reconfigure(instance);
    }
    this.#watch(instances);
  }

  /** Level-triggered; kept for an instance that begins later. */
  announce(name: string, routes: readonly AnnouncedRoute[]): void {
    this.#routes.set(name, routes);
    this.#speakers.get(name)?.announce(routes);
  }

  facts(): readonly BgpFact[] {
    const idle = [...this.#idle].map(([instance, localAs]) => {
      return { instance, localAs, identifier: null, listenFault: null, neighbors: [] };
    });
    return [...[...this.#speakers.values()].map((speaker) => speaker.facts()), ...idle];
  }

  neighborsOf(name: string, prefix: Prefix): readonly RouteNeighbor[] {
    const speaker = this.#speakers.get(name);
    if (speaker === undefined) return [];
    const states = new Map(
      speaker.facts().neighbors.map(({ address, state }) => [address, state] as const),
    );
    return speaker.routeFacts(prefix).map(({ neighbor, attributes, refusal }) => ({
      neighbor,
      session: states.get(neighbor) ?? 'unknown',
      sent: attributes === null ? null : sentText(attributes),
      refusal,
    }));
  }

  get isWatchedByBfd(): boolean {
    return this.#watched.size > 0;
  }

  async shutDownGracefully(): Promise<void> {
    const all = [...this.#speakers.values()];
    await Promise.all(all.map((speaker) => speaker.shutDownGracefully()));
  }

  async stop(text: string): Promise<void> {
    await Promise.all([...this.#speakers.values()].map((speaker) => speaker.stop(text)));
  }

  #begin(instance: BgpInstance, hostIdentifier: IpAddress | null): void {
    const identifier = instance.routerId ?? hostIdentifier;
    if (identifier === null) {
      const remedy = 'give it a router_id';
      const reason = 'the host has no IPv4 address to identify it by';
      this.#world.log.write('error', `bgp_instance ${instance.name}: ${reason}; ${remedy}`);
      this.#idle.set(instance.name, instance.localAs);
      return;
    }
    const speaker = new BgpSpeaker({ ...this.#world, instance, hostIdentifier: identifier });
    this.#speakers.set(instance.name, speaker);
    speaker.start();
    const routes = this.#routes.get(instance.name);
    if (routes !== undefined) speaker.announce(routes);
  }

  #watch(instances: readonly BgpInstance[]): void {
    const wanted = new Map<string, BfdSettings>();
    this.#watched = new Map();
    for (const { name, neighbors } of instances) {
      const speaker = this.#speakers.get(name);
      if (speaker === undefined) continue;
      for (const neighbor of neighbors) {
        const settings = watchedBy(neighbor);
        if (settings === null) continue;
        const key = `${name} ${neighbor.address}`;
        wanted.set(key, settings);
        this.#watched.set(key, { speaker, neighbor: neighbor.address });
      }
    }
    this.#world.wantBfd(wanted, (key, fact) => this.#hear(key, fact));
  }

  #hear(key: string, { state, isNeighborAdminDown }: BfdFact): void {
    const watched = this.#watched.get(key);
    if (watched === undefined) return;
    const told = state === 'Up' ? 'up' : isNeighborAdminDown ? 'admin_down' : 'down';
    watched.speaker.bfdChanged(watched.neighbor, told);
  }
}

function watchedBy({ bfd, shutdown }: BgpNeighbor): BfdSettings | null {
  return shutdown === null ? (bfd?.settings ?? null) : null;
}
