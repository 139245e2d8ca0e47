// Everything of routing that runs in the main thread, as one thing for the daemon: what is decided
// to be announced (Announcing), who tells it (BgpSpeakers), and the addresses that are put on
// interfaces for the host's own routing daemons.

import type { Result } from 'neverthrow';
import type { BgpInstance } from '../config/bgp.js';
import type { VrrpFact } from '../ha/vrrp/speaker.js';
import type { IpAddress } from '../net/address.js';
import { describeKernelError, type Kernel, type KernelError } from '../ports/kernel.js';
import type { BgpFact } from '../routing/bgp/speaker.js';
import { type FromAnnouncing, hear, type ToAnnouncing } from './announcement-messages.js';
import { Announcing } from './announcing.js';
import { BgpSpeakers, type BgpSpeakersWorld } from './bgp-speakers.js';
import { OwnAddresses } from './own-addresses.js';

const stopText = 'the load balancer is being stopped';

export type RoutingWorld = Omit<BgpSpeakersWorld, 'linkLocalBeside' | 'report'> & {
  readonly kernel: Kernel;
  /** Answers to what the control thread asked. */
  readonly answer: (message: FromAnnouncing) => void;
  readonly bgpChanged: (facts: readonly BgpFact[]) => void;
};

export class Routing {
  readonly #world: RoutingWorld;
  readonly #speakers: BgpSpeakers;
  readonly #announcing: Announcing;
  readonly #addresses: OwnAddresses;
  #isTelling = false;
  #turn = 0;

  constructor(world: RoutingWorld) {
    const { clock, log, kernel } = world;
    this.#world = world;
    this.#addresses = new OwnAddresses(kernel, log);
    this.#speakers = new BgpSpeakers({
      ...world,
      report: () => this.#tellSoon(),
      linkLocalBeside: (ours, neighbor) => this.#addresses.linkLocalBeside(ours, neighbor),
    });
    this.#announcing = new Announcing({
      clock,
      log,
      announceBgp: (name, routes) => this.#speakers.announce(name, routes),
      // OSPF does not run yet (its keywords say so): nobody is told.
      announceOspf: () => {},
      addAddress: ({ prefix, interface: name }, ended) => {
        const request = { interface: name, prefix, validSeconds: null };
        void kernel.putAddress(request).then((put) => {
          this.#complain(put);
          ended();
        });
      },
      removeAddress: ({ prefix, interface: name }) => {
        void kernel.removeAddress(name, prefix).then((removed) => this.#complain(removed));
      },
      neighborsOf: (name, prefix) => this.#speakers.neighborsOf(name, prefix),
    });
  }

  async configure(instances: readonly BgpInstance[], host: IpAddress | null): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    if (instances.length > 0) await this.#addresses.start();
    // A later file may have been quicker.
    if (turn !== this.#turn) return;
    this.#speakers.configure(instances, host);
    this.#tellSoon();
  }

  /** Of the control thread. */
  hear(message: ToAnnouncing): void {
    const answer = hear(this.#announcing, message);
    if (answer !== null) this.#world.answer(answer);
  }

  vrrp(fact: VrrpFact): void {
    this.#announcing.vrrp(fact);
  }

  dataplane(isUp: boolean): void {
    this.#announcing.dataplane(isUp);
  }

  control(isAlive: boolean): void {
    this.#announcing.control(isAlive);
  }

  facts(): readonly BgpFact[] {
    return this.#speakers.facts();
  }

  /** Some neighbour of BGP has BFD with us as well. */
  get isWatchedByBfd(): boolean {
    return this.#speakers.isWatchedByBfd;
  }

  /** The first part of a stop: while everything is still served, traffic is asked to leave. */
  shutDownGracefully(): Promise<void> {
    return this.#speakers.shutDownGracefully();
  }

  /** Withdraws, waits until neighbours have it, says goodbye; then addresses go. */
  async stop(): Promise<void> {
    this.#addresses.stop();
    const withdrawn = this.#announcing.stop();
    await this.#speakers.stop(stopText);
    await withdrawn;
  }

  /** Sessions change together: one message for all of them. */
  #tellSoon(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    this.#world.clock.setTimer(0, () => {
      this.#isTelling = false;
      this.#world.bgpChanged(this.#speakers.facts());
    });
  }

  #complain(done: Result<void, KernelError>): void {
    if (done.isErr()) {
      this.#world.log.write('error', `announce kernel: ${describeKernelError(done.error)}`);
    }
  }
}
