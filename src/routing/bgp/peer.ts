// One neighbour of ours: the connection with it, a second one while both sides connect (RFC 4271
// section 6.8), and the routes that it is told. What is decided, the machine and collision.ts
// decide.
import type { BgpNeighbor } from '../../config/bgp.js';
import type { IpAddress } from '../../net/address.js';
import type { Prefix } from '../../net/prefix.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { Random } from '../../ports/random.js';
import type { TcpSession, TcpSessionEvents, TcpSessions } from '../../ports/tcp-sessions.js';
import type { AnnouncedRoute } from '../announced-route.js';
import { decideCollision } from './collision.js';
import { BgpConnection, type ConnectionOptions, type ConnectionOwner } from './connection.js';
import { zeroBgpCounters } from './counters.js';
import type { BgpFailure, BgpMemory, BgpSettings, BgpState } from './effect.js';
import type { Notification, Open, ReceivedUpdate } from './message/message.js';
import { asOf } from './message/open.js';
import { negotiate } from './negotiation.js';
import { NeighborLog } from './neighbor-log.js';
import { type BgpPeerFact, describeFailure, peerFact, type TimedFailure } from './peer-fact.js';
import { ReceivedPrefixes } from './received-prefixes.js';
import { type RouteFact, RouteSender } from './route-sender.js';

/** What all neighbours of an instance share. */
export type BgpIdentity = Pick<
  BgpSettings,
  'localAs' | 'identifier' | 'hostName' | 'isForwarding'
> & {
  readonly name: string;
  readonly logsNeighborChanges: boolean;
};

export type BgpPeerOptions = {
  readonly neighbor: BgpNeighbor;
  readonly identity: () => BgpIdentity;
  /** null: nobody has said yet. */
  readonly wanted: () => readonly AnnouncedRoute[] | null;
  /** See RouteSender. */
  readonly linkLocalBeside: (ours: IpAddress, neighbor: BgpNeighbor) => IpAddress | null;
  /** This process follows another one that was killed or restarted (RFC 4724). */
  readonly isRestarting: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly tcp: TcpSessions;
  readonly log: Log;
  /** A session came, went or failed. */
  readonly changed: () => void;
};

export class BgpPeer {
  readonly #options: BgpPeerOptions;
  readonly #counters = zeroBgpCounters();
  readonly #log: NeighborLog;
  readonly #routes: RouteSender;
  readonly #received = new ReceivedPrefixes();
  readonly #connections: ConnectionOptions;
  #neighbor: BgpNeighbor;
  #memory: BgpMemory;
  #main: BgpConnection;
  #second: BgpConnection | null = null;
  #isStarted = false;
  #isBfdUp = false;
  #lastFailure: TimedFailure | null = null;
  #lastNotification: TimedFailure | null = null;

  constructor(options: BgpPeerOptions) {
    const { neighbor, clock, random, tcp, wanted, isRestarting } = options;
    this.#options = options;
    this.#neighbor = neighbor;
    this.#memory = { failures: 0, offersCapabilities: true, isRestarting };
    const { name } = options.identity();
    this.#log = new NeighborLog(options.log, clock, `(${name}) neighbor ${neighbor.address}`);
    this.#routes = new RouteSender({
      clock,
      wanted,
      neighbor: () => this.#neighbor,
      localAs: () => options.identity().localAs,
      linkLocalBeside: (ours) => options.linkLocalBeside(ours, this.#neighbor),
      refused: (reason) => this.#log.write('warning', reason),
    });
    this.#connections = { owner: this.#owner(), clock, random, tcp, counters: this.#counters };
    this.#main = new BgpConnection(this.#connections);
  }

  get neighbor(): BgpNeighbor {
    return this.#neighbor;
  }

  /** The connection that is farthest. */
  get #leading(): BgpConnection {
    const second = this.#second;
    return second !== null && rank(second.state) > rank(this.#main.state) ? second : this.#main;
  }

  start(): void {
    this.#isStarted = this.#neighbor.shutdown === null;
    // What failed before a start may be what the operator has just put right.
    this.#memory = { ...this.#memory, failures: 0, offersCapabilities: true };
    if (this.#isStarted) this.#main.happen({ type: 'started' });
  }

  /** Tells the neighbour why, and stays down until it is started. */
  stop(notification: Notification): void {
    this.#isStarted = false;
    this.#second?.happen({ type: 'stopped', notification });
    this.#main.happen({ type: 'stopped', notification });
  }

  close(): void {
    this.#main.retire();
    this.#second?.retire();
    this.#routes.end();
    this.#log.close();
  }

  /** Only changes that `needsReset` does not name. */
  reconfigure(neighbor: BgpNeighbor): void {
    this.#neighbor = neighbor;
    this.#main.happen({ type: 'reconfigured' });
    this.#second?.happen({ type: 'reconfigured' });
  }

  /** null: there is no room for it. */
  accept(session: TcpSession): Omit<TcpSessionEvents, 'opened'> | null {
    if (!this.#isStarted) return null;
    if (this.#main.state === 'active') return this.#main.accept(session);
    // RFC 4271 section 8.2.2: Idle refuses.
    if (this.#main.state === 'idle' || this.#second !== null) return null;
    this.#second = new BgpConnection(this.#connections, 'active');
    return this.#second.accept(session);
  }

  /** RFC 5882: a session is ended by BFD that was up alone; its other end may do without. */
  bfdChanged(state: 'up' | 'down' | 'admin_down'): void {
    const wasUp = this.#isBfdUp;
    this.#isBfdUp = state === 'up';
    if (!wasUp || state !== 'down') return;
    this.#second?.happen({ type: 'bfd_down' });
    this.#main.happen({ type: 'bfd_down' });
  }

  /** Other routes are wanted. */
  routesChanged(): void {
    this.#routes.changed();
  }

  routeFact(prefix: Prefix, key: string): RouteFact {
    return this.#routes.factOf(prefix, key);
  }

  /** Withdraws everything that was announced, and announces nothing more. */
  withdrawAll(): void {
    this.#routes.withdrawAll();
  }

  /** Whether the neighbour has everything that it was sent. */
  get isQuiet(): boolean {
    return this.#routes.isQuiet;
  }

  fact(): BgpPeerFact {
    const leading = this.#leading;
    return peerFact({
      neighbor: this.#neighbor,
      state: leading.state,
      sinceMs: leading.sinceMs,
      negotiated: leading.negotiated,
      localAddress: leading.localAddress,
      counters: this.#counters,
      routes: this.#routes,
      lastFailure: this.#lastFailure,
      lastNotification: this.#lastNotification,
    });
  }

  #owner(): ConnectionOwner {
    return {
      settings: () => this.#settings(),
      remember: (memory) => {
        this.#memory = { ...this.#memory, ...memory };
      },
      mayOpen: (connection, open) => this.#mayOpen(connection, open),
      heardUpdate: (connection, update) => this.#heardUpdate(connection, update),
      beginRoutes: (connection) => this.#routes.begin(connection),
      resendRoutes: (family) => this.#routes.resend(family),
      planRoutes: () => this.#routes.changed(),
      failed: (connection, failure) => this.#failed(connection, failure),
      changed: (connection, before) => this.#changed(connection, before),
    };
  }

  #settings(): Omit<BgpSettings, 'negotiated'> {
    const { localAs, identifier, hostName, isForwarding } = this.#options.identity();
    const memory = this.#memory;
    return { neighbor: this.#neighbor, localAs, identifier, hostName, isForwarding, memory };
  }

  /** An OPEN that is refused anyway is not compared: the machine answers it. */
  #mayOpen(connection: BgpConnection, open: Open): boolean {
    const other = connection === this.#main ? this.#second : this.#main;
    const settings = { ...this.#settings(), negotiated: null };
    if (other === null) return true;
    const agreed = negotiate(settings, open);
    if (agreed.isErr()) return true;
    const isRestart =
      other.state === 'established' &&
      (other.negotiated?.gracefulRestart ?? null) !== null &&
      !connection.isOurs;
    const verdict = decideCollision({
      newcomer: connection,
      other,
      local: { identifier: settings.identifier, as: settings.localAs },
      remote: { identifier: open.identifier, as: asOf(open) },
      mayHaveRestarted: isRestart,
    });
    if (verdict === 'newcomer') other.happen({ type: 'collision_lost', isTold: !isRestart });
    if (verdict === 'other') connection.happen({ type: 'collision_lost', isTold: true });
    return verdict !== 'other';
  }

  #heardUpdate(connection: BgpConnection, update: ReceivedUpdate): void {
    const counters = this.#counters;
    const nowMs = this.#options.clock.nowMs();
    counters.lastUpdateReceivedMs = nowMs;
    counters.prefixesReceived += update.announced;
    counters.prefixesWithdrawn += update.withdrawn;
    if (update.complaint !== null) {
      counters.complaints += 1;
      this.#log.write('warning', `an UPDATE is wrong (RFC 7606): ${update.complaint}`);
    }
    const { prefixesMax } = this.#neighbor;
    if (!this.#received.count(update, prefixesMax, nowMs)) return;
    connection.happen({ type: 'prefixes_exceeded' });
  }

  #failed(connection: BgpConnection, failure: BgpFailure): void {
    const before = this.#lastFailure;
    this.#lastFailure = { ...failure, atMs: this.#options.clock.nowMs() };
    if (failure.notification !== null) this.#lastNotification = this.#lastFailure;
    const text = describeFailure(failure);
    // The same line at every attempt says nothing new.
    if (before !== null && describeFailure(before) === text && !connection.wasEstablished) return;
    this.#write('warning', text);
  }

  #changed(connection: BgpConnection, before: BgpState): void {
    const { state } = connection;
    if (before === 'established') this.#ended();
    if (state === 'established') this.#established(connection);
    const isWaiting = state === 'idle' || state === 'active';
    if (connection === this.#second && isWaiting) {
      connection.retire();
      this.#second = null;
    }
    this.#promote();
    if (state === 'established' || before === 'established') this.#options.changed();
  }

  /** A second connection that is left alone is the connection. */
  #promote(): void {
    const second = this.#second;
    const { state } = this.#main;
    if (second === null || (state !== 'idle' && state !== 'active')) return;
    this.#main.retire();
    this.#main = second;
    this.#second = null;
  }

  #established(connection: BgpConnection): void {
    const { negotiated } = connection;
    this.#received.begin(negotiated?.terms.families ?? [], this.#options.clock.nowMs());
    this.#counters.prefixesReceived = 0;
    this.#counters.prefixesWithdrawn = 0;
    const hold = `hold time ${(negotiated?.holdMs ?? 0) / 1000} s`;
    this.#write('notice', `Established with AS ${negotiated?.remoteAs}, ${hold}`);
    const other = connection === this.#main ? this.#second : this.#main;
    if (other?.state === 'connect') other.happen({ type: 'collision_lost', isTold: false });
  }

  #ended(): void {
    this.#routes.end();
  }

  #write(level: 'notice' | 'warning', line: string): void {
    if (this.#options.identity().logsNeighborChanges) this.#log.write(level, line);
  }
}

const ranks: readonly BgpState[] = [
  'idle',
  'active',
  'connect',
  'open_sent',
  'open_confirm',
  'established',
];

function rank(state: BgpState): number {
  return ranks.indexOf(state);
}
