// TCP between simulated hosts: bytes arrive in order, late, and cut into chunks anywhere; or the
// connection is refused, reset, or half open: one end is gone and the other does not know.
import { err, ok, type Result } from 'neverthrow';
import type { IpAddress } from '../../src/net/address.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Random } from '../../src/ports/random.js';
import type {
  TcpListener,
  TcpListenOptions,
  TcpPeer,
  TcpSession,
  TcpSessionError,
  TcpSessionEvents,
  TcpSessions,
  TcpTarget,
} from '../../src/ports/tcp-sessions.js';
import { between, integer } from './random.js';

type Accepted = (session: TcpSession) => Omit<TcpSessionEvents, 'opened'> | null;
type Listening = {
  readonly accepted: Accepted;
  peers: readonly TcpPeer[];
  refusals: readonly TcpSessionError[];
};

const lossMs = 3_000;
const retransmitMs = 200;

export class SimulatedTcp {
  readonly clock: Clock;
  readonly random: Random;
  readonly #listeners = new Map<string, Listening>();
  readonly #ends = new Set<End>();
  latencyMsMax = 5;
  /** 0: chunks are never cut. */
  chunkOctetsMax = 40;
  /** Nothing arrives: cables are out. */
  isCut = false;
  /** The cable between two hosts is out, in that direction. */
  isCutBetween: (from: IpAddress, to: IpAddress) => boolean = () => false;

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.random = random;
  }

  host(address: IpAddress): SimulatedTcpHost {
    return new SimulatedTcpHost(this, address);
  }

  loses(from: IpAddress, to: IpAddress): boolean {
    return this.isCut || this.isCutBetween(from, to);
  }

  get openConnections(): number {
    return this.#ends.size / 2;
  }

  /** Both ends hear of it at once. */
  resetAll(): void {
    for (const end of [...this.#ends]) end.fail('ECONNRESET');
  }

  listen(key: string, listening: Listening): void {
    this.#listeners.set(key, listening);
  }

  unlisten(key: string, listening: Listening): void {
    if (this.#listeners.get(key) === listening) this.#listeners.delete(key);
  }

  isListening(key: string): boolean {
    return this.#listeners.has(key);
  }

  add(end: End): void {
    this.#ends.add(end);
  }

  remove(end: End): void {
    this.#ends.delete(end);
  }

  dial(from: IpAddress, target: TcpTarget, near: End): void {
    this.clock.setTimer(between(this.random, 0, this.latencyMsMax) + 0.01, () => {
      if (near.isClosed) return;
      if (this.loses(from, target.address)) {
        this.clock.setTimer(lossMs, () => near.fail('ETIMEDOUT'));
        return;
      }
      this.#answer(from, target, near);
    });
  }

  #answer(from: IpAddress, target: TcpTarget, near: End): void {
    const listening = this.#listeners.get(`${target.address}:${target.port}`);
    if (listening === undefined) {
      near.fail('ECONNREFUSED');
      return;
    }
    const peer = listening.peers.find(({ address }) => address === from);
    // As the kernel does with segments whose signature is wrong: it says nothing.
    if (peer !== undefined && peer.password !== target.password) return;
    const far = new End(this, target.address, from);
    near.meet(far);
    far.meet(near);
    this.add(near);
    this.add(far);
    // Before whatever is sent when it is accepted.
    far.answer();
    const events = peer === undefined ? null : listening.accepted(far);
    if (events === null) {
      far.close();
      return;
    }
    far.events = { ...events, opened: () => undefined };
  }
}

export class SimulatedTcpHost implements TcpSessions {
  readonly address: IpAddress;
  readonly refusedKeys = new Set<string>();
  readonly #net: SimulatedTcp;
  readonly #ends = new Set<End>();
  readonly #listening = new Map<string, Listening>();

  constructor(net: SimulatedTcp, address: IpAddress) {
    this.#net = net;
    this.address = address;
  }

  connect(target: TcpTarget, events: TcpSessionEvents): Result<TcpSession, TcpSessionError> {
    const end = new End(this.#net, this.address, target.address);
    end.events = events;
    this.#ends.add(end);
    this.#net.dial(this.address, target, end);
    return ok(end);
  }

  listen(options: TcpListenOptions, accepted: Accepted): Result<TcpListener, TcpSessionError> {
    const key = `${this.address}:${options.port}`;
    if (this.#net.isListening(key)) {
      return err({ type: 'tcp.failed', action: `listen on ${key}`, reason: 'EADDRINUSE' });
    }
    const listening: Listening = {
      accepted: (session) => {
        if (session instanceof End) this.#ends.add(session);
        return accepted(session);
      },
      peers: [],
      refusals: [],
    };
    this.#allow(listening, options.peers);
    this.#net.listen(key, listening);
    this.#listening.set(key, listening);
    return ok({
      get refusals() {
        return listening.refusals;
      },
      allow: (peers) => this.#allow(listening, peers),
      close: () => this.#net.unlisten(key, listening),
    });
  }

  /** Who wants a key that the kernel refuses is left out. */
  #allow(listening: Listening, peers: readonly TcpPeer[]): void {
    const isRefused = ({ password }: TcpPeer): boolean => this.refusedKeys.has(password ?? '');
    listening.peers = peers.filter((peer) => !isRefused(peer));
    listening.refusals = peers.filter(isRefused).map(({ address }) => ({
      type: 'tcp.failed',
      action: `sign with TCP-MD5 for ${address}`,
      reason: 'ENOMEM',
    }));
  }

  /** The process is killed: its kernel resets all connections, unless the whole host is gone. */
  kill({ isSilent }: { readonly isSilent: boolean }): void {
    for (const [key, listening] of this.#listening) this.#net.unlisten(key, listening);
    for (const end of this.#ends) end.vanish(isSilent);
    this.#ends.clear();
  }
}

class End implements TcpSession {
  readonly localAddress: IpAddress;
  readonly remoteAddress: IpAddress;
  readonly #net: SimulatedTcp;
  events: TcpSessionEvents | null = null;
  isClosed = false;
  isGone = false;
  #peer: End | null = null;
  #unsent = 0;
  /** Whoever has it is told in the next moment; what is sent until then is lost. */
  #hasFailed = false;
  /** Order is kept: nothing arrives before what was sent earlier. */
  #arrivesMs = 0;
  readonly #underWay: ((peer: End) => void)[] = [];

  constructor(net: SimulatedTcp, localAddress: IpAddress, remoteAddress: IpAddress) {
    this.#net = net;
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
  }

  meet(peer: End): void {
    this.#peer = peer;
  }

  /** The SYN of the other end. */
  answer(): void {
    this.#later((peer) => {
      if (!peer.isClosed) peer.events?.opened();
    });
  }

  send(bytes: Uint8Array): void {
    if (this.#hasFailed) return;
    if (this.isClosed) throw new Error('assertion: sent on a closed connection');
    for (const chunk of this.#cut(bytes)) {
      this.#unsent += chunk.length;
      this.#later((peer) => {
        this.#unsent -= chunk.length;
        if (!peer.isClosed) peer.events?.received(chunk);
        else if (!peer.isGone) this.fail('ECONNRESET');
      });
    }
  }

  unsentBytes(): number {
    return this.#unsent;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#net.remove(this);
    this.#later((peer) => peer.fail(null));
  }

  vanish(isSilent: boolean): void {
    this.isGone = isSilent;
    this.events = null;
    // Of a killed process something may still run here; nothing of it reaches the wire.
    this.#hasFailed = true;
    if (isSilent) {
      this.isClosed = true;
      this.#net.remove(this);
    } else {
      this.close();
    }
  }

  fail(reason: string | null): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#hasFailed = true;
    this.#net.remove(this);
    const { events } = this;
    this.#net.clock.setTimer(0, () => events?.closed(reason));
  }

  #later(deliver: (peer: End) => void): void {
    const { clock, random, latencyMsMax } = this.#net;
    const nowMs = clock.nowMs();
    this.#arrivesMs = Math.max(this.#arrivesMs, nowMs + between(random, 0, latencyMsMax));
    this.#underWay.push(deliver);
    clock.setTimer(this.#arrivesMs - nowMs, () => this.#arrive());
  }

  /** What a cut cable swallows is sent again, as TCP does, until somebody gives up. */
  #arrive(): void {
    if (this.isGone || this.#peer === null) return;
    if (this.#net.loses(this.localAddress, this.remoteAddress)) {
      this.#net.clock.setTimer(retransmitMs, () => this.#arrive());
      return;
    }
    this.#underWay.shift()?.(this.#peer);
  }

  *#cut(bytes: Uint8Array): Generator<Uint8Array> {
    const { random, chunkOctetsMax } = this.#net;
    let rest = bytes.slice();
    while (rest.length > 0) {
      const octets = chunkOctetsMax === 0 ? rest.length : integer(random, 1, chunkOctetsMax);
      yield rest.slice(0, octets);
      rest = rest.slice(octets);
    }
  }
}
