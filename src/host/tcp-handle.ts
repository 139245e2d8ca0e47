// The door to native/sockets/tcp_socket.c: one TCP socket of ours, connected, accepted or
// listening. Numbers are 0 or more, or -errno; a closed socket answers -EBADF.
import type { AddressFamily, IpAddress } from '../net/address.js';
import { addonAs } from './sockets.js';

/** In the order of enum ks_tcp_option. */
const options = [
  'sentHops',
  'hopsMin',
  'trafficClass',
  'reuseAddress',
  'noDelay',
  'saveSyn',
] as const;
export type TcpOption = (typeof options)[number];

export const watching = { nothing: 0, reading: 1, writing: 2, both: 3 } as const;
export type Watching = (typeof watching)[keyof typeof watching];

/** Of the numbers below. */
export const errorNumbers = {
  again: 11,
  noMemory: 12,
  tooManyFilesOfSystem: 23,
  tooManyFiles: 24,
  noFamily: 97,
  noBuffers: 105,
  notConnected: 107,
} as const;

declare const handleBrand: unique symbol;
type NativeTcp = { readonly [handleBrand]: 'tcp' };

type TcpFunctions = {
  openTcp(ipVersion: 4 | 6, happened: () => void): NativeTcp | number;
  setTcp(socket: NativeTcp, option: number, value: number): number;
  bindTcpDevice(socket: NativeTcp, name: string): number;
  signTcp(socket: NativeTcp, address: string, key: Uint8Array): number;
  bindTcp(socket: NativeTcp, address: string, port: number, link: string): number;
  connectTcp(socket: NativeTcp, address: string, port: number, link: string): number;
  listenTcp(socket: NativeTcp, backlog: number): number;
  acceptTcp(listener: NativeTcp, happened: () => void): NativeTcp | number;
  tcpSynHops(socket: NativeTcp): number;
  tcpLink(socket: NativeTcp): string | number;
  tcpAddress(socket: NativeTcp, isRemote: boolean): string | number;
  tcpError(socket: NativeTcp): number;
  sendTcp(socket: NativeTcp, bytes: Uint8Array, offset: number): number;
  receiveTcp(socket: NativeTcp, room: Uint8Array): number;
  tcpUnacknowledged(socket: NativeTcp): number;
  shutTcp(socket: NativeTcp): number;
  watchTcp(socket: NativeTcp, events: number): number;
  closeTcp(socket: NativeTcp, isReset: boolean): void;
};

let loaded: TcpFunctions | null = null;

function native(): TcpFunctions {
  loaded ??= addonAs<TcpFunctions>();
  return loaded;
}

export class TcpHandle {
  readonly #socket: NativeTcp;

  private constructor(socket: NativeTcp) {
    this.#socket = socket;
  }

  /** It watches for reading at first, and does not keep the process alive. */
  static open(family: AddressFamily, happened: () => void): TcpHandle | number {
    const socket = native().openTcp(family === 'ipv4' ? 4 : 6, happened);
    return typeof socket === 'number' ? socket : new TcpHandle(socket);
  }

  accept(happened: () => void): TcpHandle | number {
    const socket = native().acceptTcp(this.#socket, happened);
    return typeof socket === 'number' ? socket : new TcpHandle(socket);
  }

  set(option: TcpOption, value: number): number {
    return native().setTcp(this.#socket, options.indexOf(option), value);
  }

  bindDevice(name: string): number {
    return native().bindTcpDevice(this.#socket, name);
  }

  /** An empty key takes the neighbour's away. */
  sign(neighbor: IpAddress, key: Uint8Array): number {
    return native().signTcp(this.#socket, neighbor, key);
  }

  /** `link`: the scope of a link-local address, or ''. */
  bind(address: IpAddress, port: number, link: string): number {
    return native().bindTcp(this.#socket, address, port, link);
  }

  /** 0 also while the connection is being made. */
  connect(address: IpAddress, port: number, link: string): number {
    return native().connectTcp(this.#socket, address, port, link);
  }

  listen(backlog: number): number {
    return native().listenTcp(this.#socket, backlog);
  }

  /** Of an accepted connection, when the listener has `saveSyn`. */
  synHops(): number {
    return native().tcpSynHops(this.#socket);
  }

  /** Of an accepted connection: the link that it came over; null: not known. */
  link(): string | null {
    const name = native().tcpLink(this.#socket);
    return typeof name === 'number' || name === '' ? null : name;
  }

  /** null when there is none any more. */
  address(end: 'local' | 'remote'): IpAddress | null {
    const text = native().tcpAddress(this.#socket, end === 'remote');
    return typeof text === 'number' ? null : (text as IpAddress);
  }

  /** 0 when it is connected. */
  error(): number {
    return native().tcpError(this.#socket);
  }

  /** Octets taken behind `offset`. */
  send(bytes: Uint8Array, offset: number): number {
    return native().sendTcp(this.#socket, bytes, offset);
  }

  /** Octets put into `room`; 0 is the end. */
  receive(room: Uint8Array): number {
    return native().receiveTcp(this.#socket, room);
  }

  unacknowledged(): number {
    return native().tcpUnacknowledged(this.#socket);
  }

  /** A FIN behind what is queued. */
  shut(): number {
    return native().shutTcp(this.#socket);
  }

  watch(events: Watching): void {
    native().watchTcp(this.#socket, events);
  }

  close(end: 'reset' | 'fin'): void {
    native().closeTcp(this.#socket, end === 'reset');
  }
}
