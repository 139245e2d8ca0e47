// A BGP neighbour that measures (RFC 4271): listens on port 179 for one session at a time, says
// what it is, and counts the IPv4 prefixes that it is told. Told "flood COUNT PER-UPDATE" on
// standard input, it announces as many routes of its own, as fast as the other one takes them;
// told "close", it ends the session without a word.
// One line of JSON for every event. Run as `node bgp-peer.js AS IDENTIFIER`.
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export type PeerEvent =
  | { readonly event: 'listening'; readonly atMs: number }
  | { readonly event: 'established'; readonly atMs: number }
  /** All that were told so far, whenever a burst has ended. */
  | {
      readonly event: 'told';
      readonly atMs: number;
      readonly prefixes: number;
      readonly updates: number;
      readonly octets: number;
    }
  | { readonly event: 'flooded'; readonly atMs: number; readonly updates: number }
  | { readonly event: 'closed'; readonly atMs: number };

const headerOctets = 19;
const messageOctetsMax = 4096;
const [openType, updateType, notificationType, keepaliveType] = [1, 2, 3, 4];
const holdSeconds = 90;
const keepaliveMs = 20_000;
const firstRoute = 0x0100_0000;
const routeOctets = 4;

function tell(event: PeerEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function message(type: number, body: Buffer): Buffer {
  const header = Buffer.alloc(headerOctets, 0xff);
  header.writeUInt16BE(headerOctets + body.length, 16);
  header.writeUInt8(type, 18);
  return Buffer.concat([header, body]);
}

/** Multiprotocol IPv4 unicast (RFC 4760) and four-octet AS numbers (RFC 6793). */
function open(localAs: number, identifier: readonly number[]): Buffer {
  const as = Buffer.alloc(4);
  as.writeUInt32BE(localAs);
  const capabilities = Buffer.from([1, 4, 0, 1, 0, 1, 65, 4, ...as]);
  const fixed = [4, localAs >> 8, localAs & 255, holdSeconds >> 8, holdSeconds & 255];
  const parameter = [capabilities.length + 2, 2, capabilities.length];
  return message(openType, Buffer.from([...fixed, ...identifier, ...parameter, ...capabilities]));
}

/** /24 after /24 from 1.0.0.0 on. */
function update(localAs: number, nextHop: readonly number[], from: number, count: number): Buffer {
  const path = Buffer.from([0x40, 2, 6, 2, 1, 0, 0, localAs >> 8, localAs & 255]);
  const attributes = Buffer.concat([
    Buffer.from([0x40, 1, 1, 0]),
    path,
    Buffer.from([0x40, 3, 4, ...nextHop]),
  ]);
  const body = Buffer.alloc(4 + attributes.length + count * routeOctets);
  body.writeUInt16BE(attributes.length, 2);
  attributes.copy(body, 4);
  for (let index = 0; index < count; index++) {
    const at = 4 + attributes.length + index * routeOctets;
    body.writeUInt32BE((24 << 24) | ((firstRoute >>> 8) + from + index), at);
  }
  return message(updateType, body);
}

class Session {
  readonly #socket: Socket;
  readonly #localAs: number;
  readonly #identifier: readonly number[];
  #unread = Buffer.alloc(0);
  #isEstablished = false;
  #prefixes = 0;
  #updates = 0;
  #octets = 0;

  constructor(socket: Socket, localAs: number, identifier: readonly number[]) {
    this.#socket = socket;
    this.#localAs = localAs;
    this.#identifier = identifier;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    const timer = setInterval(() => this.#keepAlive(), keepaliveMs);
    socket.on('close', () => {
      clearInterval(timer);
      if (this.#isEstablished) tell({ event: 'closed', atMs: now() });
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  async flood(count: number, perUpdate: number): Promise<void> {
    let updates = 0;
    for (let from = 0; from < count; from += perUpdate) {
      const routes = Math.min(perUpdate, count - from);
      updates += 1;
      const text = update(this.#localAs, this.#identifier, from, routes);
      if (this.#socket.write(text)) continue;
      await new Promise((resolve) => this.#socket.once('drain', resolve));
    }
    tell({ event: 'flooded', atMs: now(), updates });
  }

  #keepAlive(): void {
    this.#socket.write(message(keepaliveType, Buffer.alloc(0)));
  }

  #read(chunk: Buffer): void {
    const atMs = now();
    const before = this.#updates;
    this.#unread = Buffer.concat([this.#unread, chunk]);
    let start = 0;
    while (this.#unread.length - start >= headerOctets) {
      const length = this.#unread.readUInt16BE(start + 16);
      if (length < headerOctets || length > messageOctetsMax) {
        this.#socket.destroy();
        return;
      }
      if (this.#unread.length - start < length) break;
      this.#hear(this.#unread.subarray(start, start + length));
      start += length;
    }
    this.#unread = this.#unread.subarray(start);
    if (this.#updates === before) return;
    const counts = { prefixes: this.#prefixes, updates: this.#updates, octets: this.#octets };
    tell({ event: 'told', atMs, ...counts });
  }

  #hear(whole: Buffer): void {
    const type = whole.readUInt8(18);
    if (type === openType) {
      this.#socket.write(open(this.#localAs, this.#identifier));
      this.#keepAlive();
    } else if (type === keepaliveType && !this.#isEstablished) {
      this.#isEstablished = true;
      tell({ event: 'established', atMs: now() });
    } else if (type === updateType) this.#count(whole);
    else if (type === notificationType) this.#socket.end();
  }

  /** An End-of-RIB counts for nothing. */
  #count(whole: Buffer): void {
    const withdrawn = whole.readUInt16BE(headerOctets);
    const attributes = whole.readUInt16BE(headerOctets + 2 + withdrawn);
    const first = headerOctets + 4 + withdrawn + attributes;
    let prefixes = 0;
    for (let at = first; at < whole.length; at += 1 + Math.ceil(whole.readUInt8(at) / 8)) {
      prefixes += 1;
    }
    if (prefixes === 0) return;
    this.#prefixes += prefixes;
    this.#updates += 1;
    this.#octets += whole.length;
  }
}

function serve(localAs: number, identifier: readonly number[]): void {
  let last: Session | undefined;
  const server = createServer((socket) => {
    last = new Session(socket, localAs, identifier);
  });
  server.listen(179, '0.0.0.0', () => tell({ event: 'listening', atMs: now() }));
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [word, count, perUpdate] = line.split(' ');
    if (word === 'close') last?.close();
    if (word === 'flood') void last?.flood(Number(count), Number(perUpdate));
  });
}

const [localAs, identifier] = process.argv.slice(2);
if (localAs !== undefined && identifier !== undefined) {
  serve(Number(localAs), identifier.split('.').map(Number));
}
