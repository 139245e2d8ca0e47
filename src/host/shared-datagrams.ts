// One socket for many who listen on the same interface: each is told what is for its channel, and
// the kernel copies a datagram once. 250 virtual routers with a socket each would be given 250
// copies of every advert.
import type { Result } from 'neverthrow';
import type {
  Datagram,
  DatagramChannel,
  DatagramSocket,
  Departure,
  PacketError,
} from '../ports/packets.js';

type Received = (datagram: Datagram) => void;

export type BufferedSocket = DatagramSocket & {
  /** As much as the system allows. */
  readonly enlargeReceiveBuffer: (bytes: number) => void;
  /** The answer to those who send through what they have closed. */
  readonly refuseClosed: (departure: Departure) => Result<void, PacketError>;
};

export type SharedEvents = {
  /** Nobody listens any more, and the socket is closed. */
  readonly emptied: () => void;
  /** A datagram for a number that nobody listens to. */
  readonly unclaimed: (number: number) => void;
};

/** What a kernel gives a socket that asks for nothing. */
const usualBufferBytes = 212_992;
/** Adverts of all of them may arrive at the same moment, at some 800 bytes of memory each. */
const bufferBytesPerListener = 4_096;

export class SharedDatagrams {
  readonly #listeners = new Map<number, Set<Received>>();
  readonly #numberOf: DatagramChannel['numberOf'];
  readonly #events: SharedEvents;
  #socket: BufferedSocket | null = null;
  #listenersCount = 0;
  #bufferBytes: number;

  constructor(
    numberOf: DatagramChannel['numberOf'],
    receiveBufferBytes: number | null,
    events: SharedEvents,
  ) {
    this.#numberOf = numberOf;
    this.#bufferBytes = receiveBufferBytes ?? usualBufferBytes;
    this.#events = events;
  }

  attach(socket: BufferedSocket): void {
    this.#socket = socket;
  }

  deliver(datagram: Datagram): void {
    const number = this.#numberOf(datagram);
    const sets = number === null ? this.#listeners.values() : [this.#listeners.get(number) ?? []];
    const receivers = [...sets].flatMap((set) => [...set]);
    if (number !== null && receivers.length === 0) this.#events.unclaimed(number);
    const [first, ...others] = receivers;
    first?.(datagram);
    for (const received of others) received({ ...datagram, payload: datagram.payload.slice() });
  }

  listen(number: number, receiveBufferBytes: number | null, received: Received): DatagramSocket {
    let isClosed = false;
    // A function of its own: the same callback may listen twice. Whoever hears a datagram first may
    // close the others.
    const mine: Received = (datagram) => {
      if (!isClosed) received(datagram);
    };
    const set = this.#listeners.get(number) ?? new Set();
    this.#listeners.set(number, set.add(mine));
    this.#listenersCount += 1;
    this.#makeRoom(receiveBufferBytes ?? 0);
    return {
      send: (payload, departure) => this.#send(payload, departure, isClosed),
      close: () => {
        if (isClosed) return;
        isClosed = true;
        this.#leave(number, mine);
      },
    };
  }

  #send(payload: Uint8Array, departure: Departure, isClosed: boolean): Result<void, PacketError> {
    const socket = this.#socket;
    if (socket === null) throw new Error('assertion: a shared socket is attached first');
    return isClosed ? socket.refuseClosed(departure) : socket.send(payload, departure);
  }

  #makeRoom(wantedBytes: number): void {
    const bytes = Math.max(wantedBytes, this.#listenersCount * bufferBytesPerListener);
    if (bytes <= this.#bufferBytes) return;
    this.#bufferBytes = bytes;
    this.#socket?.enlargeReceiveBuffer(bytes);
  }

  #leave(number: number, received: Received): void {
    const set = this.#listeners.get(number);
    set?.delete(received);
    if (set?.size === 0) this.#listeners.delete(number);
    this.#listenersCount -= 1;
    if (this.#listenersCount > 0) return;
    this.#socket?.close();
    this.#events.emptied();
  }
}
