// The addon's UDP sockets (native/sockets/udp_socket.h), typed: beside sockets.ts, which loads it.
import { err, ok, type Result } from 'neverthrow';
import type { AddressFamily, IpAddress } from '../net/address.js';
import { addonAs, outcome, type SocketsError } from './sockets.js';

export type UdpEvent =
  | {
      readonly type: 'received';
      /** A copy, cut at 2048 octets. */
      readonly payload: Uint8Array;
      readonly source: string;
      readonly sourcePort: number;
      readonly destination: string;
      readonly interfaceIndex: number;
      readonly hops: number;
    }
  /** Nothing arrived; more may. */
  | { readonly type: 'failed'; readonly errorNumber: number };

export type UdpTarget = {
  readonly source: IpAddress | null;
  readonly sourcePort: number;
  readonly interface: string | null;
  readonly destination: IpAddress;
  readonly destinationPort: number;
  readonly hops: number;
};

export interface UdpSender {
  send(payload: Uint8Array): Result<void, SocketsError>;
  close(): void;
}

declare const udpBrand: unique symbol;
type NativeListener = { readonly [udpBrand]: 'listener' };
type NativeSender = { readonly [udpBrand]: 'sender' };

type UdpCallback = (
  payload: Uint8Array | null,
  source: string,
  sourcePort: number,
  destination: string,
  interfaceIndex: number,
  hops: number,
  errorNumber: number,
) => void;

/** Numbers that are negative are -errno. */
type NativeUdp = {
  openUdpListener(ipVersion: 4 | 6, port: number, received: UdpCallback): NativeListener | number;
  closeUdpListener(listener: NativeListener): void;
  openUdpSender(
    source: string,
    sourcePort: number,
    interfaceName: string,
    destination: string,
    port: number,
    hops: number,
  ): NativeSender | number;
  sendUdp(sender: NativeSender, payload: Uint8Array): number;
  closeUdpSender(sender: NativeSender): void;
  interfaceName(index: number): string | number;
};

/** On all addresses; it does not keep the process alive. */
export function openUdpListener(
  family: AddressFamily,
  port: number,
  heard: (event: UdpEvent) => void,
): Result<{ close(): void }, SocketsError> {
  const addon = native();
  const version = family === 'ipv4' ? 4 : 6;
  const listener = addon.openUdpListener(
    version,
    port,
    (payload, source, sourcePort, destination, interfaceIndex, hops, errorNumber) => {
      if (payload === null) heard({ type: 'failed', errorNumber });
      else {
        const facts = { source, sourcePort, destination, interfaceIndex, hops };
        heard({ type: 'received', payload, ...facts });
      }
    },
  );
  if (typeof listener === 'number') return refused(-listener);
  return ok({ close: () => addon.closeUdpListener(listener) });
}

export function openUdpSender(target: UdpTarget): Result<UdpSender, SocketsError> {
  const addon = native();
  const sender = addon.openUdpSender(
    target.source ?? '',
    target.sourcePort,
    target.interface ?? '',
    target.destination,
    target.destinationPort,
    target.hops,
  );
  if (typeof sender === 'number') return refused(-sender);
  return ok({
    send: (payload) => outcome(addon.sendUdp(sender, payload)),
    close: () => addon.closeUdpSender(sender),
  });
}

export function interfaceName(index: number): Result<string, SocketsError> {
  const name = native().interfaceName(index);
  return typeof name === 'number' ? refused(-name) : ok(name);
}

let loaded: NativeUdp | null = null;

function native(): NativeUdp {
  loaded ??= addonAs<NativeUdp>();
  return loaded;
}

function refused(errorNumber: number): Result<never, SocketsError> {
  return err({ type: 'sockets.refused', errorNumber });
}
