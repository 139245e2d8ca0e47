// A listener of a routing protocol: one socket for each family, and only configured neighbours,
// each with its key and hops. Strangers get a reset and are counted.
import { ok, type Result } from 'neverthrow';
import { type AddressFamily, familyOf, type IpAddress, ipAddress } from '../net/address.js';
import type {
  TcpListener,
  TcpListenOptions,
  TcpPeer,
  TcpSession,
  TcpSessionError,
  TcpSessionEvents,
} from '../ports/tcp-sessions.js';
import { describeErrorNumber } from './sockets.js';
import { TcpConnection } from './tcp-connection.js';
import { errorNumbers, TcpHandle, watching } from './tcp-handle.js';
import * as setup from './tcp-setup.js';

export type Accepted = (session: TcpSession) => Omit<TcpSessionEvents, 'opened'> | null;

/** Connections that were made to us, by what became of them. */
export type TcpListenerCounts = {
  accepted: number;
  /** From no configured neighbour. */
  strangers: number;
  /** From a neighbour over more hops than it may be away. */
  tooFar: number;
  /** From a neighbour over another link than its own. */
  otherLink: number;
  /** The protocol has no use for them. */
  unwanted: number;
  /** The kernel refused an option, or had no room. */
  failed: number;
};

/** Per turn of the loop: who connects without end must leave time for others. */
const acceptsMax = 16;
const pauseMs = 100;
const anyAddress = { ipv4: ipAddress('0.0.0.0'), ipv6: ipAddress('::') } as const;
const shortOf: readonly number[] = [
  errorNumbers.tooManyFiles,
  errorNumbers.tooManyFilesOfSystem,
  errorNumbers.noBuffers,
  errorNumbers.noMemory,
];

export class HostTcpListener implements TcpListener {
  readonly #accepted: Accepted;
  readonly #counts: TcpListenerCounts;
  readonly #handles = new Map<AddressFamily, TcpHandle>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  #peers: ReadonlyMap<IpAddress, TcpPeer> = new Map();
  #refusals: readonly TcpSessionError[] = [];
  /** What the kernel has. */
  readonly #keys = new Map<IpAddress, string>();

  constructor(accepted: Accepted, counts: TcpListenerCounts) {
    this.#accepted = accepted;
    this.#counts = counts;
  }

  get refusals(): readonly TcpSessionError[] {
    return this.#refusals;
  }

  /** After a failure it must be closed. */
  open({ address, port, peers }: TcpListenOptions): Result<void, TcpSessionError> {
    const families: AddressFamily[] = address === null ? ['ipv4', 'ipv6'] : [familyOf(address)];
    for (const family of families) {
      const handle = TcpHandle.open(family, () => this.#welcome(family));
      if (typeof handle === 'number') {
        const hasPeers = peers.some((peer) => familyOf(peer.address) === family);
        // A kernel without IPv6.
        if (address === null && !hasPeers && handle === -errorNumbers.noFamily) continue;
        const where = address ?? anyAddress[family];
        return setup.failure(`listen on ${where} port ${port}`, describeErrorNumber(-handle));
      }
      this.#handles.set(family, handle);
    }
    this.allow(peers);
    for (const [family, handle] of this.#handles) {
      const started = setup.startListening(handle, address ?? anyAddress[family], port);
      if (started.isErr()) return started;
    }
    return ok(undefined);
  }

  /** Who cannot have what it wants may not connect; all others may. */
  allow(peers: readonly TcpPeer[]): void {
    const allowed = new Map<IpAddress, TcpPeer>();
    const errors: TcpSessionError[] = [];
    this.#peers = allowed;
    for (const [family, handle] of this.#handles) {
      const own = peers.filter(({ address }) => familyOf(address) === family);
      const prepared = setup.prepareListener(handle, own);
      if (prepared.isErr()) {
        errors.push(prepared.error);
        continue;
      }
      for (const peer of own) {
        const signed = setup.checkPeer(peer).andThen(() => this.#sign(handle, peer));
        if (signed.isErr()) errors.push(signed.error);
        else allowed.set(peer.address, peer);
      }
      errors.push(...this.#forgetKeys(family, handle));
    }
    this.#refusals = errors;
  }

  close(): void {
    for (const pause of this.#pauses) clearTimeout(pause);
    this.#pauses.clear();
    for (const handle of this.#handles.values()) handle.close('fin');
    this.#handles.clear();
  }

  #sign(handle: TcpHandle, peer: TcpPeer): Result<void, TcpSessionError> {
    const { address, password } = peer;
    if ((this.#keys.get(address) ?? null) === password) return ok(undefined);
    const signed = setup.takeSteps([[setup.signing(address), () => setup.sign(handle, peer)]]);
    if (signed.isErr()) return signed;
    if (password === null) this.#keys.delete(address);
    else this.#keys.set(address, password);
    return signed;
  }

  /** Of neighbours that are none any more. */
  #forgetKeys(family: AddressFamily, handle: TcpHandle): TcpSessionError[] {
    const errors: TcpSessionError[] = [];
    for (const address of [...this.#keys.keys()]) {
      if (familyOf(address) !== family || this.#peers.has(address)) continue;
      const none = { address, password: null, sentHops: 1, hopsMin: null, interface: null };
      const forgotten = this.#sign(handle, none);
      if (forgotten.isErr()) errors.push(forgotten.error);
    }
    return errors;
  }

  #welcome(family: AddressFamily): void {
    for (let count = 0; count < acceptsMax; count++) {
      const listener = this.#handles.get(family);
      if (listener === undefined || !this.#acceptOne(family, listener)) return;
    }
  }

  /** False when nobody waits. */
  #acceptOne(family: AddressFamily, listener: TcpHandle): boolean {
    let connection: TcpConnection | null = null;
    const handle = listener.accept(() => connection?.happened());
    if (typeof handle === 'number') {
      if (handle === -errorNumbers.again) return false;
      this.#counts.failed++;
      if (!shortOf.includes(-handle)) return true;
      this.#pause(family, listener);
      return false;
    }
    connection = this.#connectionOf(handle);
    return true;
  }

  /** null: it has been refused. */
  #connectionOf(handle: TcpHandle): TcpConnection | null {
    const remote = handle.address('remote');
    const local = handle.address('local');
    const peer = remote === null ? undefined : this.#peers.get(remote);
    if (remote === null || local === null || peer === undefined) {
      return this.#refuse(handle, 'strangers');
    }
    // The first segment came before the limit of this neighbour was known.
    if (peer.hopsMin !== null && handle.synHops() < peer.hopsMin) {
      return this.#refuse(handle, 'tooFar');
    }
    // A listener hears all links.
    if (peer.interface !== null && handle.link() !== peer.interface) {
      return this.#refuse(handle, 'otherLink');
    }
    // The key again: it may have been made before there was one.
    const prepared = setup.prepareConnection(handle, peer);
    if (prepared.isErr()) return this.#refuse(handle, 'failed');
    const connection = new TcpConnection(handle, local, remote);
    const events = this.#accepted(connection);
    if (events === null) return this.#refuse(handle, 'unwanted');
    this.#counts.accepted++;
    connection.begin('open', { ...events, opened: () => {} });
    return connection;
  }

  #refuse(handle: TcpHandle, why: keyof TcpListenerCounts): null {
    this.#counts[why]++;
    handle.close('reset');
    return null;
  }

  /** Without descriptors the same connection would be news again and again. */
  #pause(family: AddressFamily, listener: TcpHandle): void {
    listener.watch(watching.nothing);
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      if (this.#handles.get(family) === listener) listener.watch(watching.reading);
    }, pauseMs);
    this.#pauses.add(pause.unref());
  }
}
