// Runs one bgp_instance: its neighbours, the listener that they connect to, and what is announced
// to them. A reload changes what differs, and resets no session but those that cannot go on.
import type { BgpInstance, BgpNeighbor } from '../../config/bgp.js';
import type { IpAddress } from '../../net/address.js';
import { formatPrefix, type Prefix } from '../../net/prefix.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { Random } from '../../ports/random.js';
import {
  describeTcpSessionError,
  type TcpListener,
  type TcpPeer,
  type TcpSessions,
} from '../../ports/tcp-sessions.js';
import type { AnnouncedRoute } from '../announced-route.js';
import { cease } from './machine.js';
import type { Notification } from './message/message.js';
import { shutdownNotification } from './message/notification.js';
import { type BgpIdentity, BgpPeer } from './peer.js';
import type { BgpPeerFact } from './peer-fact.js';
import type { RouteFact } from './route-sender.js';
import { sessionChange } from './session-change.js';

export type BgpFact = {
  readonly instance: string;
  readonly localAs: number;
  /** null: it has none, so that it does not run. */
  readonly identifier: IpAddress | null;
  /** null: we do not listen, or cannot for this reason. */
  readonly listenFault: string | null;
  readonly neighbors: readonly BgpPeerFact[];
};

export type BgpSpeakerOptions = {
  readonly instance: BgpInstance;
  /** Where the instance has no router_id: an IPv4 address of the host, never one that moves. */
  readonly hostIdentifier: IpAddress;
  /** For the FQDN capability; empty: not told. */
  readonly hostName: string;
  /** This process follows one that ran before; with graceful restart neighbours are told. */
  readonly isRestarting: boolean;
  /** The data plane forwarded on meanwhile. */
  readonly isForwarding: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly tcp: TcpSessions;
  readonly log: Log;
  /** A session came, went or failed: `facts()` says more. */
  readonly report: () => void;
  /** RFC 2545: our link-local address beside our end of a session; absent: none is told. */
  readonly linkLocalBeside?: (ours: IpAddress, neighbor: BgpNeighbor) => IpAddress | null;
  /** Where neighbours connect to; 179 but in tests. */
  readonly listenPort?: number;
};

const bgpPort = 179;
const listenAgainMs = 5_000;
/** Withdrawals may take so long to be acknowledged before a stop. */
const withdrawMsMax = 2_000;
const askAgainMs = 5;
const deconfigured = 3;
const otherChange = 6;

export class BgpSpeaker {
  readonly #options: BgpSpeakerOptions;
  readonly #peers = new Map<IpAddress, BgpPeer>();
  #instance: BgpInstance;
  #routes: readonly AnnouncedRoute[] | null = null;
  #listener: TcpListener | null = null;
  #listenFault: string | null = null;
  #listenAgain: Timer | null = null;
  #isShuttingDown = false;
  #phase: 'new' | 'running' | 'leaving' | 'stopped' = 'new';

  constructor(options: BgpSpeakerOptions) {
    this.#options = options;
    this.#instance = options.instance;
  }

  start(): void {
    if (this.#phase !== 'new') return;
    this.#phase = 'running';
    for (const neighbor of this.#instance.neighbors) this.#add(neighbor, this.#isRestarting());
    this.#listen();
    for (const peer of this.#peers.values()) peer.start();
  }

  /** Level-triggered: all that is wanted now. Nothing is sent where nothing differs. */
  announce(routes: readonly AnnouncedRoute[]): void {
    if (this.#phase === 'leaving' || this.#phase === 'stopped') return;
    this.#routes = this.#isShuttingDown ? routes.map(shuttingDown) : routes;
    for (const peer of this.#peers.values()) peer.routesChanged();
  }

  /** Of the same name. */
  reconfigure(instance: BgpInstance): void {
    const before = this.#instance;
    this.#instance = instance;
    if (this.#phase !== 'running') return;
    const isOther = before.localAs !== instance.localAs || before.routerId !== instance.routerId;
    const kept = new Map(instance.neighbors.map((neighbor) => [neighbor.address, neighbor]));
    for (const [address, peer] of this.#peers) {
      if (!kept.has(address)) this.#remove(address, peer, cease(deconfigured));
    }
    const begun: BgpPeer[] = [];
    for (const neighbor of instance.neighbors) {
      const peer = this.#changed(neighbor, isOther);
      if (peer !== null) begun.push(peer);
    }
    this.#relisten(before);
    for (const peer of begun) peer.start();
  }

  bfdChanged(neighbor: IpAddress, state: 'up' | 'down' | 'admin_down'): void {
    this.#peers.get(neighbor)?.bfdChanged(state);
  }

  /**
   * RFC 8326: traffic leaves before the routes do, within the time that the file gives it. What is
   * withdrawn meanwhile still is. `stop` does it where nobody has before.
   */
  async shutDownGracefully(): Promise<void> {
    const { gracefulShutdownMs } = this.#instance;
    if (this.#isShuttingDown || this.#phase !== 'running' || gracefulShutdownMs === 0) return;
    if (this.#routes === null) return;
    this.#isShuttingDown = true;
    this.announce(this.#routes);
    await this.#wait(gracefulShutdownMs);
  }

  /**
   * Ends when the neighbours have heard that nothing is announced any more, and why; or when they
   * have had the time for it.
   */
  async stop(text: string): Promise<void> {
    if (this.#phase !== 'running') {
      this.#end();
      return;
    }
    await this.shutDownGracefully();
    // Another call did not want to wait.
    if (this.#phase !== 'running') return;
    this.#phase = 'leaving';
    for (const peer of this.#peers.values()) peer.withdrawAll();
    await this.#quiet();
    for (const peer of this.#peers.values()) peer.stop(shutdownNotification(2, text));
    this.#end();
  }

  /** Ends without a word to anybody: whoever calls this is going to exit at once. */
  abandon(): void {
    this.#end();
  }

  facts(): BgpFact {
    return {
      instance: this.#instance.name,
      localAs: this.#instance.localAs,
      identifier: this.#identity().identifier,
      listenFault: this.#listenFault,
      neighbors: [...this.#peers.values()].map((peer) => peer.fact()),
    };
  }

  /** Who has a prefix, with what; or why not. */
  routeFacts(prefix: Prefix): readonly (RouteFact & { readonly neighbor: IpAddress })[] {
    const key = formatPrefix(prefix);
    return [...this.#peers].map(([neighbor, peer]) => ({
      neighbor,
      ...peer.routeFact(prefix, key),
    }));
  }

  #identity(): BgpIdentity {
    const { name, localAs, routerId, logsNeighborChanges } = this.#instance;
    const { hostIdentifier, hostName, isForwarding } = this.#options;
    const identifier = routerId ?? hostIdentifier;
    return { name, localAs, identifier, hostName, isForwarding, logsNeighborChanges };
  }

  #isRestarting(): boolean {
    return this.#phase === 'running' && this.#options.isRestarting;
  }

  #add(neighbor: BgpNeighbor, isRestarting: boolean): BgpPeer {
    const { clock, random, tcp, log, report } = this.#options;
    const identity = (): BgpIdentity => this.#identity();
    const peer = new BgpPeer({
      neighbor,
      identity,
      wanted: () => this.#routes,
      linkLocalBeside: this.#options.linkLocalBeside ?? (() => null),
      isRestarting,
      clock,
      random,
      tcp,
      log,
      changed: report,
    });
    this.#peers.set(neighbor.address, peer);
    return peer;
  }

  #remove(address: IpAddress, peer: BgpPeer, notification: Notification): void {
    peer.stop(notification);
    peer.close();
    this.#peers.delete(address);
  }

  /** One that is to be started when the listener knows of it; null: there is nothing to start. */
  #changed(neighbor: BgpNeighbor, isOtherInstance: boolean): BgpPeer | null {
    const peer = this.#peers.get(neighbor.address);
    if (peer === undefined) return this.#add(neighbor, false);
    const change = sessionChange(peer.neighbor, neighbor);
    switch (isOtherInstance && neighbor.shutdown === null ? 'reset' : change) {
      case 'none':
        return null;
      case 'in_place':
        peer.reconfigure(neighbor);
        return null;
      case 'shutdown':
        peer.stop(shutdownNotification(2, neighbor.shutdown?.text ?? ''));
        peer.reconfigure(neighbor);
        return null;
      case 'started':
        peer.reconfigure(neighbor);
        return peer;
      case 'reset':
        peer.stop(cease(otherChange));
        peer.reconfigure(neighbor);
        return peer;
    }
  }

  #listen(): void {
    const { listen } = this.#instance;
    this.#listenAgain?.cancel();
    this.#listenAgain = null;
    if (listen === null) return;
    const opened = this.#options.tcp.listen(
      {
        address: listen === 'any' ? null : listen,
        port: this.#options.listenPort ?? bgpPort,
        peers: this.#allowedPeers(),
      },
      (session) => this.#peers.get(session.remoteAddress)?.accept(session) ?? null,
    );
    if (opened.isOk()) {
      this.#listener = opened.value;
      this.#hearRefusals(opened.value);
      return;
    }
    this.#complain(describeTcpSessionError(opened.error));
  }

  /** Sessions that we open go on without the listener. */
  #complain(reason: string): void {
    if (this.#listenFault !== reason) {
      const seconds = listenAgainMs / 1000;
      const line = `(${this.#instance.name}) ${reason}; trying again every ${seconds} s`;
      this.#options.log.write('error', line);
    }
    this.#listenFault = reason;
    this.#listenAgain?.cancel();
    this.#listenAgain = this.#options.clock.setTimer(listenAgainMs, () => {
      this.#listenAgain = null;
      if (this.#listener === null) this.#listen();
      else this.#allow(this.#listener);
    });
  }

  /** Fails closed: a neighbour whose key is refused does not connect, the others do. */
  #allow(listener: TcpListener): void {
    listener.allow(this.#allowedPeers());
    this.#hearRefusals(listener);
  }

  #hearRefusals({ refusals: [first, ...more] }: TcpListener): void {
    this.#listenAgain?.cancel();
    this.#listenAgain = null;
    if (first === undefined) {
      this.#listenFault = null;
      return;
    }
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
    this.#complain(`${describeTcpSessionError(first)}${others}`);
  }

  #relisten(before: BgpInstance): void {
    if (before.listen !== this.#instance.listen || this.#listener === null) {
      this.#unlisten();
      this.#listen();
      return;
    }
    this.#allow(this.#listener);
  }

  #unlisten(): void {
    this.#listenAgain?.cancel();
    this.#listenAgain = null;
    this.#listener?.close();
    this.#listener = null;
    this.#listenFault = null;
  }

  #allowedPeers(): TcpPeer[] {
    return this.#instance.neighbors
      .filter(({ shutdown }) => shutdown === null)
      .map(({ address, password, sentHops, hopsMin, interface: link }) => {
        return { address, password, sentHops, hopsMin, interface: link };
      });
  }

  async #quiet(): Promise<void> {
    const untilMs = this.#options.clock.nowMs() + withdrawMsMax;
    while (![...this.#peers.values()].every((peer) => peer.isQuiet)) {
      if (this.#options.clock.nowMs() >= untilMs) return;
      await this.#wait(askAgainMs);
    }
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.setTimer(delayMs, resolve);
    });
  }

  #end(): void {
    this.#phase = 'stopped';
    this.#unlisten();
    for (const peer of this.#peers.values()) peer.close();
  }
}

function shuttingDown(route: AnnouncedRoute): AnnouncedRoute {
  return { ...route, isShuttingDown: true };
}
