// All BFD sessions of this node: which there are, whose a packet is (RFC 5880 section 6.3, 6.8.6,
// RFC 5881 section 3 to 5, RFC 5883 section 5), and that nothing is sent by a node that can no
// longer decide. A session may be wanted under several names.
import type { BfdSettings } from '../../config/bfd.js';
import type { Clock } from '../../ports/clock.js';
import type { HopDatagram, HopDatagrams } from '../../ports/hop-datagrams.js';
import type { Log } from '../../ports/log.js';
import type { Random } from '../../ports/random.js';
import { Arrivals } from './arrivals.js';
import { Departure } from './departure.js';
import type { BfdFact } from './fact.js';
import { type ControlPacket, type DropReason, decodeControl } from './packet.js';
import { BfdSession } from './session.js';
import { areSame, canShare, isOtherPath, mergedSettings } from './shared-settings.js';
import { SourcePorts } from './source-ports.js';

/** A single-hop packet that was sent with 255 and has crossed no router has it still. */
const hopsSent = 255;
/** After the first AdminDown; a neighbour needs one. */
const farewells = 2;
const farewellMs = 20;

export type BfdWorld = {
  readonly clock: Clock;
  readonly random: Random;
  readonly datagrams: HopDatagrams;
  readonly log: Log;
  /** Without a call of `alive` for so long nothing is sent. */
  readonly silentAfterMs: number;
  /** After each change of state, once under every name. */
  readonly changed: (key: string, fact: BfdFact) => void;
};

type Running = {
  keys: readonly string[];
  readonly session: BfdSession;
  readonly departure: Departure;
};

type Wish = { readonly keys: readonly string[]; readonly settings: BfdSettings };

export class BfdSessions {
  readonly #world: BfdWorld;
  readonly #ports: SourcePorts;
  readonly #arrivals: Arrivals;
  readonly #running = new Set<Running>();
  readonly #byDiscriminator = new Map<number, Running>();
  readonly #byNeighbor = new Map<string, Running[]>();
  #aliveMs: number;
  #isSilent = false;

  constructor(world: BfdWorld) {
    const { clock, random, datagrams, log } = world;
    this.#world = world;
    this.#ports = new SourcePorts(random);
    this.#arrivals = new Arrivals({
      clock,
      datagrams,
      log,
      received: (datagram, isMultihop) => this.#receive(datagram, isMultihop),
    });
    this.#aliveMs = clock.nowMs();
  }

  /** Sessions that did not change are left alone, changed timers are changed in place. */
  configure(wanted: ReadonlyMap<string, BfdSettings>): void {
    const wishes = wishesOf(wanted);
    const kept = new Map<Wish, Running>();
    for (const running of [...this.#running]) {
      const wish = wishes.find(
        (one) => !kept.has(one) && !isOtherPath(one.settings, running.session.settings),
      );
      if (wish === undefined) this.#end(running);
      else kept.set(wish, running);
    }
    this.#arrivals.configure(wishes.map(({ settings }) => settings));
    for (const wish of wishes) {
      const running = kept.get(wish);
      if (running === undefined) this.#begin(wish);
      else this.#follow(running, wish);
    }
  }

  /** Those that decide are well: packets may leave. */
  alive(): void {
    this.#aliveMs = this.#world.clock.nowMs();
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#world.log.write('notice', 'BFD sends again');
  }

  facts(): ReadonlyMap<string, BfdFact> {
    const facts = new Map<string, BfdFact>();
    for (const { keys, session } of this.#running) {
      for (const key of keys) facts.set(key, session.fact());
    }
    return facts;
  }

  /** Packets that are no session's, by reason. */
  strays(): Readonly<Partial<Record<DropReason, number>>> {
    return this.#arrivals.strays();
  }

  /** Every neighbour is told that this is no failure (RFC 5880 section 6.8.16). */
  async stop(): Promise<void> {
    for (const { session } of this.#running) session.stop();
    for (let count = 0; count < farewells && this.#running.size > 0; count++) {
      await new Promise<void>((resolve) => {
        this.#world.clock.setTimer(farewellMs, resolve);
      });
      for (const { session } of this.#running) session.tellStopped();
    }
    for (const running of [...this.#running]) this.#end(running);
    this.#arrivals.close();
  }

  #begin({ keys, settings }: Wish): void {
    const { clock, random, datagrams, log } = this.#world;
    const departure = new Departure({ settings, clock, datagrams, ports: this.#ports, log });
    const session = new BfdSession({
      settings,
      discriminator: this.#freeDiscriminator(),
      clock,
      random,
      send: (bytes) => this.#maySend() && departure.send(bytes),
      changed: () => this.#tell(running),
    });
    const running: Running = { keys, session, departure };
    this.#running.add(running);
    this.#byDiscriminator.set(session.discriminator, running);
    const others = this.#byNeighbor.get(settings.neighbor) ?? [];
    this.#byNeighbor.set(settings.neighbor, [...others, running]);
    session.start();
  }

  #follow(running: Running, { keys, settings }: Wish): void {
    const known = new Set(running.keys);
    running.keys = keys;
    const fact = running.session.fact();
    if (!areSame(running.session.settings, settings)) running.session.reconfigure(settings);
    for (const key of keys) if (!known.has(key)) this.#world.changed(key, fact);
  }

  #end(running: Running): void {
    const { session, departure } = running;
    running.keys = [];
    session.stop();
    departure.close();
    this.#running.delete(running);
    this.#byDiscriminator.delete(session.discriminator);
    const { neighbor } = session.settings;
    const others = (this.#byNeighbor.get(neighbor) ?? []).filter((one) => one !== running);
    if (others.length === 0) this.#byNeighbor.delete(neighbor);
    else this.#byNeighbor.set(neighbor, others);
  }

  #tell({ keys, session }: Running): void {
    for (const key of keys) this.#world.changed(key, session.fact());
  }

  /** Random, so that nobody far away can guess it (section 6.8.1), and not 0. */
  #freeDiscriminator(): number {
    for (;;) {
      const discriminator = Math.floor(this.#world.random() * 0x1_0000_0000);
      if (discriminator !== 0 && !this.#byDiscriminator.has(discriminator)) return discriminator;
    }
  }

  #maySend(): boolean {
    const silentMs = this.#world.clock.nowMs() - this.#aliveMs;
    if (silentMs <= this.#world.silentAfterMs) return true;
    if (!this.#isSilent) {
      const line = 'BFD falls silent: what decides here does not answer';
      this.#world.log.write('error', line);
    }
    this.#isSilent = true;
    return false;
  }

  #receive(datagram: HopDatagram, isMultihop: boolean): void {
    const decoded = decodeControl(datagram.payload);
    if (decoded.isErr()) {
      this.#dropFor(this.#sessionAt(datagram, isMultihop), decoded.error, datagram);
      return;
    }
    const packet = decoded.value;
    const running = this.#sessionOf(packet, datagram, isMultihop);
    if (running === undefined) {
      const reason = packet.yourDiscriminator === 0 ? 'unknown_neighbor' : 'unknown_discriminator';
      this.#dropFor(undefined, reason, datagram);
      return;
    }
    const { hopsMax } = running.session.settings;
    if (hopsMax !== null && datagram.hops < hopsSent - hopsMax) {
      this.#dropFor(running, 'too_many_hops', datagram);
      return;
    }
    running.session.hear(packet);
  }

  #dropFor(running: Running | undefined, reason: DropReason, datagram: HopDatagram): void {
    running?.session.drop(reason);
    this.#arrivals.drop(reason, datagram, running === undefined);
  }

  /** By our own discriminator, whoever sent it (RFC 5881 section 3); without, by its path. */
  #sessionOf(
    { yourDiscriminator }: ControlPacket,
    datagram: HopDatagram,
    isMultihop: boolean,
  ): Running | undefined {
    if (yourDiscriminator === 0) return this.#sessionAt(datagram, isMultihop);
    const running = this.#byDiscriminator.get(yourDiscriminator);
    return running?.session.settings.isMultihop === isMultihop ? running : undefined;
  }

  #sessionAt(datagram: HopDatagram, isMultihop: boolean): Running | undefined {
    return this.#byNeighbor.get(datagram.source)?.find(({ session: { settings } }) => {
      const isPlace = settings.interface === null || settings.interface === datagram.interface;
      const isSource = settings.source === null || settings.source === datagram.destination;
      return settings.isMultihop === isMultihop && isPlace && isSource;
    });
  }
}

/** Names whose sessions can be one. */
function wishesOf(wanted: ReadonlyMap<string, BfdSettings>): Wish[] {
  const wishes: Wish[] = [];
  for (const [key, settings] of wanted) {
    const index = wishes.findIndex((wish) => canShare(wish.settings, settings));
    const other = wishes[index];
    if (other === undefined) wishes.push({ keys: [key], settings });
    else {
      const merged = mergedSettings(other.settings, settings);
      wishes[index] = { keys: [...other.keys, key], settings: merged };
    }
  }
  return wishes;
}
