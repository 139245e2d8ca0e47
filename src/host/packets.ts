// Raw datagrams of both families and Ethernet frames, over our own addon. A socket of several
// protocols is one of the kernel's per protocol.
import { err, ok, type Result } from 'neverthrow';
import { type IpAddress, ipAddress } from '../net/address.js';
import type {
  Datagram,
  DatagramSocket,
  DatagramSocketOptions,
  Departure,
  FrameSender,
  PacketError,
  Packets,
} from '../ports/packets.js';
import { type BufferedSocket, SharedDatagrams } from './shared-datagrams.js';
import {
  type DatagramEvent,
  type DatagramHandle,
  describeErrorNumber,
  describeSocketsError,
  interfaceIndex,
  interfaceSender,
  openDatagramHandle,
  sendFrame,
} from './sockets.js';

/** A datagram for a channel that nobody listens to, on a shared socket made with `options`. */
type Unclaimed = (options: DatagramSocketOptions, number: number) => void;

type Device = { readonly name: string; readonly index: number };

export class HostPackets implements Packets {
  readonly #failed: (error: PacketError) => void;
  readonly #unclaimed: Unclaimed;
  readonly #shared = new Map<string, SharedDatagrams>();

  /** `failed` hears of receive errors, which no call can return; `unclaimed` of what nobody has. */
  constructor(failed: (error: PacketError) => void = () => {}, unclaimed: Unclaimed = () => {}) {
    this.#failed = failed;
    this.#unclaimed = unclaimed;
  }

  openDatagrams(
    options: DatagramSocketOptions,
    received: (datagram: Datagram) => void,
  ): Result<DatagramSocket, PacketError> {
    const device = deviceOf(options);
    if (device.isErr()) return err(device.error);
    if (options.channel === undefined) return this.#open(options, device.value, received);
    // By index: an interface that comes back under its name is another one.
    const { family, protocols, groups, channel, receiveBufferBytes } = options;
    const key = JSON.stringify([family, device.value, protocols, groups]);
    const known = this.#shared.get(key);
    if (known !== undefined) {
      return ok(known.listen(channel.number, receiveBufferBytes, received));
    }
    const shared = new SharedDatagrams(channel.numberOf, receiveBufferBytes, {
      emptied: () => this.#shared.delete(key),
      unclaimed: (number) => this.#unclaimed(options, number),
    });
    const opened = this.#open(options, device.value, (datagram) => shared.deliver(datagram));
    if (opened.isErr()) return err(opened.error);
    shared.attach(opened.value);
    this.#shared.set(key, shared);
    return ok(shared.listen(channel.number, receiveBufferBytes, received));
  }

  #open(
    options: DatagramSocketOptions,
    device: Device | null,
    received: (datagram: Datagram) => void,
  ): Result<HostDatagramSocket, PacketError> {
    const socket = new HostDatagramSocket(options, received, this.#failed);
    const opened = socket.open(device);
    if (opened.isOk()) return ok(socket);
    socket.close();
    return err(opened.error);
  }

  frameSender(interfaceName: string): Result<FrameSender | null, PacketError> {
    return interfaceSender(interfaceName).mapErr((error) =>
      packetError(`read the address of ${interfaceName}`, describeSocketsError(error)),
    );
  }

  sendFrame(interfaceName: string, frame: Uint8Array): Result<void, PacketError> {
    // Looked up each time: an interface that comes back has another index.
    return interfaceIndex(interfaceName)
      .andThen((index) => sendFrame(index, frame))
      .mapErr((error) =>
        packetError(`send a frame on ${interfaceName}`, describeSocketsError(error)),
      );
  }
}

class HostDatagramSocket implements BufferedSocket {
  readonly #options: DatagramSocketOptions;
  readonly #received: (datagram: Datagram) => void;
  readonly #failed: (error: PacketError) => void;
  readonly #handles = new Map<number, DatagramHandle>();
  /** The error that was told last, until something arrives. */
  #toldErrorNumber = 0;

  constructor(
    options: DatagramSocketOptions,
    received: (datagram: Datagram) => void,
    failed: (error: PacketError) => void,
  ) {
    this.#options = options;
    this.#received = received;
    this.#failed = failed;
  }

  /** After a failure the socket must be closed: some of it may be open. */
  open(device: Device | null): Result<void, PacketError> {
    const { family, protocols, groups, receiveBufferBytes } = this.#options;
    const where = placeOf(this.#options);
    for (const protocol of protocols) {
      const opened = openDatagramHandle(family, protocol, device, (event) => this.#hear(event));
      if (opened.isErr()) {
        return failure(`open protocol ${protocol}${where}`, describeSocketsError(opened.error));
      }
      const handle = opened.value;
      this.#handles.set(protocol, handle);
      for (const group of groups) {
        const joined = handle.join(group, device?.index ?? 0);
        if (joined.isErr()) {
          return failure(`join ${group}${where}`, describeSocketsError(joined.error));
        }
      }
      if (receiveBufferBytes === null) continue;
      const sized = handle.setReceiveBuffer(receiveBufferBytes);
      if (sized.isErr()) {
        const action = `set the receive buffer to ${receiveBufferBytes} bytes${where}`;
        return failure(action, describeSocketsError(sized.error));
      }
    }
    return ok(undefined);
  }

  send(payload: Uint8Array, departure: Departure): Result<void, PacketError> {
    const { source, destination, hops, protocol, identification } = departure;
    const handle = this.#handles.get(protocol);
    if (handle !== undefined) {
      const sent = handle.send(payload, source, destination, hops, identification);
      if (sent.isOk()) return ok(undefined);
      return this.#sendFailure(departure, describeSocketsError(sent.error));
    }
    if (this.#handles.size === 0) return this.refuseClosed(departure);
    return this.#sendFailure(departure, `it is not open for protocol ${protocol}`);
  }

  refuseClosed(departure: Departure): Result<never, PacketError> {
    return this.#sendFailure(departure, 'the socket is closed');
  }

  enlargeReceiveBuffer(bytes: number): void {
    for (const handle of this.#handles.values()) handle.setReceiveBuffer(bytes).unwrapOr(undefined);
  }

  close(): void {
    for (const handle of this.#handles.values()) handle.close();
    this.#handles.clear();
  }

  #sendFailure({ destination }: Departure, reason: string): Result<never, PacketError> {
    return failure(`send to ${destination}${placeOf(this.#options)}`, reason);
  }

  #hear(event: DatagramEvent): void {
    if (event.type === 'received') {
      this.#toldErrorNumber = 0;
      this.#received({
        source: addressOf(event.source),
        destination: addressOf(event.destination),
        hops: event.hops,
        protocol: event.protocol,
        payload: event.payload,
        statedBytes: event.statedBytes,
        identification: event.identification,
      });
      return;
    }
    if (this.#toldErrorNumber === event.errorNumber) return;
    this.#toldErrorNumber = event.errorNumber;
    const action = `receive${placeOf(this.#options)}`;
    this.#failed(packetError(action, describeErrorNumber(event.errorNumber)));
  }
}

/** null: none is asked for. */
function deviceOf(options: DatagramSocketOptions): Result<Device | null, PacketError> {
  const { interface: name, groups, protocols } = options;
  if (name === null && groups.length > 0) throw new Error('assertion: groups need an interface');
  if (name === null) return ok(null);
  const index = interfaceIndex(name);
  if (index.isOk()) return ok({ name, index: index.value });
  const action = `open protocol ${protocols.join(' and ')}${placeOf(options)}`;
  return failure(action, describeSocketsError(index.error));
}

function placeOf(options: DatagramSocketOptions): string {
  return options.interface === null ? '' : ` on ${options.interface}`;
}

/** The C library writes both families as RFC 5952 does, but for IPv4 inside of IPv6. */
function addressOf(text: string): IpAddress {
  return text.includes(':') && text.includes('.') ? ipAddress(text) : (text as IpAddress);
}

function failure(action: string, reason: string): Result<never, PacketError> {
  return err(packetError(action, reason));
}

function packetError(action: string, reason: string): PacketError {
  return { type: 'packets.failed', action, reason };
}
