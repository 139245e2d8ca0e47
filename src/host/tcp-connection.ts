// One TCP connection of a routing protocol: it connects or was accepted, is open, and lingers when
// we close it until the neighbour has everything. It reads one block per turn of the loop, so that
// a flood fills the neighbour's window, not our memory.
import type { IpAddress } from '../net/address.js';
import type { TcpSession, TcpSessionEvents } from '../ports/tcp-sessions.js';
import { SendQueue } from './send-queue.js';
import { describeErrorNumber } from './sockets.js';
import { errorNumbers, type TcpHandle, type Watching, watching } from './tcp-handle.js';

/** A neighbour that takes nothing is a matter of the protocol's timers long before. */
const queuedBytesMax = 16 * 1024 * 1024;
/** What a neighbour with a full table sends may keep the loop for well under 2 ms. */
const blockBytes = 16 * 1024;
/** Everybody's on this thread: what is received is copied out at once. */
const room = new Uint8Array(blockBytes);

type State = 'connecting' | 'open' | 'lingering' | 'closed';

export class TcpConnection implements TcpSession {
  readonly #handle: TcpHandle;
  readonly #queue = new SendQueue();
  #state: State = 'connecting';
  #events: TcpSessionEvents | null = null;
  #localAddress: IpAddress;
  #remoteAddress: IpAddress;
  /** -errno of a send: what the neighbour said before is still read. */
  #sendError = 0;
  #isShut = false;
  #hasNeighborEnded = false;
  #watched: Watching = watching.reading;
  #deadline: NodeJS.Timeout | null = null;

  /** `localAddress` counts until it is open. */
  constructor(handle: TcpHandle, localAddress: IpAddress, remoteAddress: IpAddress) {
    this.#handle = handle;
    this.#localAddress = localAddress;
    this.#remoteAddress = remoteAddress;
  }

  get localAddress(): IpAddress {
    return this.#localAddress;
  }

  get remoteAddress(): IpAddress {
    return this.#remoteAddress;
  }

  /** `open`: it was accepted. */
  begin(state: 'connecting' | 'open', events: TcpSessionEvents): void {
    if (this.#state === 'closed') {
      queueMicrotask(() => events.closed(null));
      return;
    }
    this.#events = events;
    if (state === 'open') {
      this.#open();
      return;
    }
    this.#watched = watching.writing;
    this.#handle.watch(this.#watched);
  }

  send(bytes: Uint8Array): void {
    const isOver = this.#state === 'lingering' || this.#state === 'closed';
    if (isOver || this.#sendError !== 0 || bytes.length === 0) return;
    const sent = this.#state === 'open' && this.#queue.length === 0 ? this.#write(bytes) : 0;
    if (this.#queue.length + bytes.length - sent > queuedBytesMax) {
      this.#end('reset', `more than ${queuedBytesMax} octets wait for the neighbour`);
      return;
    }
    this.#queue.push(bytes, sent);
    this.#watch();
  }

  unsentBytes(): number {
    if (this.#state === 'closed') return 0;
    return this.#queue.length + Math.max(0, this.#handle.unacknowledged());
  }

  close(lingerMs: number): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'connecting' || lingerMs <= 0 || this.#sendError !== 0) {
      this.#end('reset', null);
      return;
    }
    if (this.#state === 'lingering') return;
    this.#state = 'lingering';
    this.#deadline = setTimeout(() => this.#giveUp(), lingerMs).unref();
    this.#flush();
    this.#watch();
  }

  /** There is something to read, room to write, or an end. */
  happened(): void {
    if (this.#state === 'connecting') this.#connect();
    else if (this.#state === 'open') this.#exchange();
    else if (this.#state === 'lingering') this.#linger();
  }

  #connect(): void {
    const error = -this.#handle.error();
    if (error === errorNumbers.notConnected) return;
    if (error === 0) this.#open();
    else this.#finish('reset', describeErrorNumber(error));
  }

  #open(): void {
    this.#state = 'open';
    this.#localAddress = this.#handle.address('local') ?? this.#localAddress;
    this.#remoteAddress = this.#handle.address('remote') ?? this.#remoteAddress;
    this.#events?.opened();
    if (this.#state !== 'open') return;
    this.#flush();
    this.#watch();
  }

  #exchange(): void {
    this.#flush();
    const length = this.#handle.receive(room);
    if (length > 0) this.#events?.received(room.slice(0, length));
    else if (length !== -errorNumbers.again) this.#endedByNeighbor(length);
    if (this.#state === 'open') this.#watch();
  }

  #endedByNeighbor(length: number): void {
    const error = length === 0 ? this.#sendError : length;
    const reason = error === 0 ? null : describeErrorNumber(-error);
    this.#finish(error === 0 ? 'fin' : 'reset', reason);
  }

  #linger(): void {
    this.#flush();
    const length = this.#hasNeighborEnded ? 0 : this.#handle.receive(room);
    if (length === 0) this.#hasNeighborEnded = true;
    const isBroken = this.#sendError !== 0 || (length < 0 && length !== -errorNumbers.again);
    if (isBroken) this.#finish('reset', null);
    else if (this.#hasNeighborEnded && this.#isShut) this.#finish('fin', null);
    else this.#watch();
  }

  /** The neighbour has everything and only says nothing: no reason for a reset. */
  #giveUp(): void {
    this.#deadline = null;
    this.#finish(this.unsentBytes() === 0 ? 'fin' : 'reset', null);
  }

  /** Octets taken. */
  #write(bytes: Uint8Array): number {
    const sent = this.#handle.send(bytes, 0);
    if (sent >= 0) return sent;
    if (sent !== -errorNumbers.again) {
      this.#sendError = sent;
      this.#queue.clear();
      return bytes.length;
    }
    return 0;
  }

  #flush(): void {
    for (let first = this.#queue.first(); first !== null; first = this.#queue.first()) {
      const sent = this.#write(first);
      if (this.#sendError !== 0) return;
      this.#queue.drop(sent);
      if (sent < first.length) return;
    }
    if (this.#state !== 'lingering' || this.#isShut) return;
    this.#isShut = true;
    this.#handle.shut();
  }

  #watch(): void {
    if (this.#state === 'closed' || this.#state === 'connecting') return;
    const reads = this.#hasNeighborEnded ? watching.nothing : watching.reading;
    const writes = this.#queue.length > 0 ? watching.writing : watching.nothing;
    const wanted = (reads + writes) as Watching;
    if (wanted === this.#watched) return;
    this.#watched = wanted;
    this.#handle.watch(wanted);
  }

  /** Called from outside: they hear of it when their own call has returned. */
  #end(how: 'reset' | 'fin', reason: string | null): void {
    const events = this.#events;
    this.#events = null;
    this.#finish(how, null);
    queueMicrotask(() => events?.closed(reason));
  }

  #finish(how: 'reset' | 'fin', reason: string | null): void {
    this.#state = 'closed';
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
    this.#queue.clear();
    this.#handle.close(how);
    const events = this.#events;
    this.#events = null;
    events?.closed(reason);
  }
}
