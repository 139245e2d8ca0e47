// A neighbour without a state machine: sends what a test says, and keeps what it hears.
import type { IpAddress } from '../../../src/net/address.js';
import type { TcpSession } from '../../../src/ports/tcp-sessions.js';
import { encodeKeepalive } from '../../../src/routing/bgp/message/header.js';
import type { Open } from '../../../src/routing/bgp/message/message.js';
import { encodeOpen } from '../../../src/routing/bgp/message/open.js';
import { encodeRouteRefresh } from '../../../src/routing/bgp/message/route-refresh.js';
import type { SimulatedTcp, SimulatedTcpHost } from '../../sim/tcp-sessions.js';
import { open } from './session-settings.js';
import { readUpdate } from './watched-tcp.js';

const names = ['?', 'OPEN', 'UPDATE', 'NOTIFICATION', 'KEEPALIVE', 'REFRESH'];

export class RawPeer {
  readonly host: SimulatedTcpHost;
  /** "OPEN", "UPDATE 3 -1", "NOTIFICATION 6/7", "REFRESH 1". */
  heard: string[] = [];
  session: TcpSession | null = null;
  isOpen = false;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(net: SimulatedTcp, address: IpAddress) {
    this.host = net.host(address);
  }

  connect(address: IpAddress): void {
    this.#rest = new Uint8Array(0);
    const target = {
      address,
      port: 179,
      password: null,
      sentHops: 1,
      hopsMin: null,
      interface: null,
    };
    this.session = this.host
      .connect(
        { ...target, source: null },
        {
          opened: () => {
            this.isOpen = true;
          },
          received: (bytes) => this.#read(bytes),
          closed: () => {
            this.isOpen = false;
          },
        },
      )
      ._unsafeUnwrap();
  }

  send(bytes: Uint8Array): void {
    if (this.isOpen) this.session?.send(bytes);
  }

  open(changes: Partial<Open> = {}): void {
    this.send(encodeOpen(open(changes)));
  }

  keepalive(): void {
    this.send(encodeKeepalive());
  }

  refresh(): void {
    this.send(encodeRouteRefresh({ family: 'ipv4', phase: 'request' }));
  }

  /** What it has heard since it was asked last. */
  news(): string[] {
    const { heard } = this;
    this.heard = [];
    return heard;
  }

  #read(bytes: Uint8Array): void {
    const whole = new Uint8Array(this.#rest.length + bytes.length);
    whole.set(this.#rest);
    whole.set(bytes, this.#rest.length);
    let at = 0;
    while (whole.length - at >= 19) {
      const octets = ((whole[at + 16] ?? 0) << 8) | (whole[at + 17] ?? 0);
      if (whole.length - at < octets) break;
      this.heard.push(wordsOf(whole[at + 18] ?? 0, whole.subarray(at + 19, at + octets)));
      at += octets;
    }
    this.#rest = whole.slice(at);
  }
}

function wordsOf(type: number, body: Uint8Array): string {
  const name = names[type] ?? '?';
  if (type === 3) return `${name} ${body[0]}/${body[1]}`;
  if (type === 5) return `${name} ${body[2]}`;
  if (type !== 2) return name;
  const { announced, withdrawn, endOfRib } = readUpdate(body);
  return endOfRib === null ? `${name} ${announced.length} -${withdrawn.length}` : 'END';
}
