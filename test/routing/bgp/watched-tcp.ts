// TCP of one host with a reader of our own beside it: what leaves in UPDATEs and what has come, as
// another implementation would read it. Says when a promise of the protocol is broken.

import type { Result } from 'neverthrow';
import { addressFromBytes, type IpAddress } from '../../../src/net/address.js';
import { formatPrefix } from '../../../src/net/prefix.js';
import type {
  TcpListener,
  TcpListenOptions,
  TcpSession,
  TcpSessionError,
  TcpSessionEvents,
  TcpSessions,
  TcpTarget,
} from '../../../src/ports/tcp-sessions.js';

const types = { open: 1, update: 2, notification: 3, keepalive: 4, routeRefresh: 5 } as const;

type Talk = {
  readonly remote: IpAddress;
  sent: Uint8Array;
  received: Uint8Array;
  /** What a NOTIFICATION was sent after. */
  hasNotified: boolean;
  readonly routes: Map<string, Uint8Array>;
  readonly endsOfRib: Set<string>;
  isAlive: boolean;
};

export class WatchedTcp implements TcpSessions {
  readonly #tcp: TcpSessions;
  readonly #mayLeave: (prefix: string) => boolean;
  readonly #talks = new Set<Talk>();
  violation: string | null = null;
  updatesSent = 0;
  messagesSent = 0;
  readonly notificationsSent: string[] = [];

  constructor(tcp: TcpSessions, mayLeave: (prefix: string) => boolean) {
    this.#tcp = tcp;
    this.#mayLeave = mayLeave;
  }

  /** What neighbours have announced to us over connections that live, and not withdrawn. */
  get learnt(): ReadonlyMap<string, Uint8Array> {
    const all = new Map<string, Uint8Array>();
    for (const { isAlive, routes } of this.#talks) {
      if (isAlive) for (const [prefix, attributes] of routes) all.set(prefix, attributes);
    }
    return all;
  }

  /** The same of one neighbour. */
  learntFrom(neighbor: IpAddress): ReadonlyMap<string, Uint8Array> {
    const own = [...this.#talks].filter(({ isAlive, remote }) => isAlive && remote === neighbor);
    return new Map(own.flatMap(({ routes }) => [...routes]));
  }

  get endsOfRib(): ReadonlySet<string> {
    const alive = [...this.#talks].filter(({ isAlive }) => isAlive);
    return new Set(alive.flatMap(({ endsOfRib }) => [...endsOfRib]));
  }

  /** The process is killed, and what it knew with it. */
  forget(): void {
    for (const talk of this.#talks) this.#end(talk);
  }

  connect(target: TcpTarget, events: TcpSessionEvents): Result<TcpSession, TcpSessionError> {
    const talk = this.#talk(target.address);
    const watched = { ...this.#watch(talk, events), opened: events.opened };
    return this.#tcp.connect(target, watched).map((session) => this.#tap(session, talk));
  }

  listen(
    options: TcpListenOptions,
    accepted: (session: TcpSession) => Omit<TcpSessionEvents, 'opened'> | null,
  ): Result<TcpListener, TcpSessionError> {
    return this.#tcp.listen(options, (session) => {
      const talk = this.#talk(session.remoteAddress);
      const events = accepted(this.#tap(session, talk));
      return events === null ? null : this.#watch(talk, events);
    });
  }

  #talk(remote: IpAddress): Talk {
    const talk: Talk = {
      remote,
      sent: new Uint8Array(0),
      received: new Uint8Array(0),
      hasNotified: false,
      routes: new Map(),
      endsOfRib: new Set(),
      isAlive: true,
    };
    this.#talks.add(talk);
    return talk;
  }

  #watch(talk: Talk, events: Omit<TcpSessionEvents, 'opened'>): Omit<TcpSessionEvents, 'opened'> {
    return {
      received: (bytes) => {
        talk.received = this.#read(join(talk.received, bytes), (type, body) => {
          if (type === types.update) this.#learn(talk, body);
        });
        events.received(bytes);
      },
      closed: (reason) => {
        this.#end(talk);
        events.closed(reason);
      },
    };
  }

  #end(talk: Talk): void {
    talk.isAlive = false;
    this.#talks.delete(talk);
  }

  #tap(session: TcpSession, talk: Talk): TcpSession {
    return {
      get localAddress() {
        return session.localAddress;
      },
      get remoteAddress() {
        return session.remoteAddress;
      },
      unsentBytes: () => session.unsentBytes(),
      close: (lingerMs) => {
        this.#end(talk);
        session.close(lingerMs);
      },
      send: (bytes) => {
        talk.sent = this.#read(join(talk.sent, bytes), (type, body) =>
          this.#leave(talk, type, body),
        );
        session.send(bytes);
      },
    };
  }

  #leave(talk: Talk, type: number, body: Uint8Array): void {
    this.messagesSent += 1;
    if (talk.hasNotified) this.violation ??= `a message of type ${type} after a NOTIFICATION`;
    if (type === types.notification) {
      talk.hasNotified = true;
      this.notificationsSent.push(`${body[0]}/${body[1]}`);
    }
    if (type !== types.update) return;
    this.updatesSent += 1;
    for (const prefix of readUpdate(body).announced) {
      if (!this.#mayLeave(prefix)) this.violation ??= `${prefix} was announced`;
    }
  }

  #learn(talk: Talk, body: Uint8Array): void {
    const update = readUpdate(body);
    for (const prefix of update.withdrawn) talk.routes.delete(prefix);
    for (const prefix of update.announced) talk.routes.set(prefix, update.attributes);
    if (update.endOfRib !== null) talk.endsOfRib.add(update.endOfRib);
  }

  /** What is left of `bytes` behind whole messages. */
  #read(bytes: Uint8Array, seen: (type: number, body: Uint8Array) => void): Uint8Array {
    let rest = bytes;
    for (;;) {
      if (rest.length < 19) return rest;
      const octets = ((rest[16] ?? 0) << 8) | (rest[17] ?? 0);
      if (octets < 19) return new Uint8Array(0);
      if (rest.length < octets) return rest;
      seen(rest[18] ?? 0, rest.subarray(19, octets));
      rest = rest.slice(octets);
    }
  }
}

type ReadUpdate = {
  readonly announced: readonly string[];
  readonly withdrawn: readonly string[];
  readonly attributes: Uint8Array;
  readonly endOfRib: string | null;
};

/** RFC 4271 section 4.3, RFC 4760 sections 3 and 4, by somebody who did not write the codec. */
export function readUpdate(body: Uint8Array): ReadUpdate {
  const at = (offset: number): number => ((body[offset] ?? 0) << 8) | (body[offset + 1] ?? 0);
  const withdrawnEnd = 2 + at(0);
  const attributesEnd = withdrawnEnd + 2 + at(withdrawnEnd);
  const attributes = body.slice(withdrawnEnd + 2, attributesEnd);
  const withdrawn = prefixes(body.subarray(2, withdrawnEnd), 4);
  const announced = prefixes(body.subarray(attributesEnd), 4);
  let endOfRib = body.length === 4 ? 'ipv4' : null;
  for (let offset = 0; offset < attributes.length; ) {
    const isLong = ((attributes[offset] ?? 0) & 0x10) !== 0;
    const type = attributes[offset + 1];
    const head = isLong ? 4 : 3;
    const low = attributes[offset + head - 1] ?? 0;
    const octets = isLong ? ((attributes[offset + 2] ?? 0) << 8) | low : low;
    const value = attributes.subarray(offset + head, offset + head + octets);
    const size = value[1] === 2 ? 16 : 4;
    if (type === 14) announced.push(...prefixes(value.subarray(5 + (value[3] ?? 0)), size));
    if (type === 15) {
      withdrawn.push(...prefixes(value.subarray(3), size));
      if (value.length === 3) endOfRib = size === 16 ? 'ipv6' : 'ipv4';
    }
    offset += head + octets;
  }
  return { announced, withdrawn, attributes, endOfRib };
}

function prefixes(bytes: Uint8Array, size: number): string[] {
  const found: string[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const length = bytes[offset] ?? 0;
    const octets = Math.min(Math.ceil(length / 8), size);
    const address = new Uint8Array(size);
    address.set(bytes.subarray(offset + 1, offset + 1 + octets));
    found.push(formatPrefix({ address: addressFromBytes(address), length }));
    offset += 1 + octets;
  }
  return found;
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  const whole = new Uint8Array(left.length + right.length);
  whole.set(left);
  whole.set(right, left.length);
  return whole;
}
