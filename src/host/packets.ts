// IPv4 datagrams over npm's raw-socket, Ethernet frames over our own addon. For the main thread
// only: raw-socket does not load twice in a process, and importing this file loads it.
import { err, ok, type Result } from 'neverthrow';
import rawSocket, { type RawSocket } from 'raw-socket';
import { addressBytes, type IpAddress, parseIpAddress } from '../net/address.js';
import type {
  DatagramSocket,
  DatagramSocketOptions,
  PacketError,
  Packets,
} from '../ports/packets.js';
import { describeCause, describeSocketsError, interfaceIndex, sendFrame } from './sockets.js';

// linux/in.h and asm-generic/socket.h; raw-socket names only some of them.
const levelSocket = 1;
const levelIp = 0;
const optionPriority = 12;
const optionBindToDevice = 25;
const optionHeaderIncluded = 3;
const optionMulticastInterface = 32;
const optionMulticastLoop = 34;
const optionJoinGroup = 35;
const optionMulticastAll = 49;
/** TC_PRIO_CONTROL: a full transmit queue must not hold up an advertisement. */
const priorityControl = 7;
/** The longest IPv4 datagram: nothing is ever cut off. */
const datagramBytesMax = 65_535;
const earlyMax = 10_000;

export class HostPackets implements Packets {
  readonly #failed: (error: PacketError) => void;

  /** `failed` hears of receive errors, which no call can return. */
  constructor(failed: (error: PacketError) => void = () => {}) {
    this.#failed = failed;
  }

  openDatagrams(
    options: DatagramSocketOptions,
    received: (datagram: Uint8Array, source: IpAddress) => void,
  ): Result<DatagramSocket, PacketError> {
    const action = `open protocol ${options.protocol} on ${options.interface}`;
    const index = interfaceIndex(options.interface);
    if (index.isErr()) return failure(action, describeSocketsError(index.error));
    let socket: RawSocket;
    try {
      socket = rawSocket.createSocket({
        protocol: options.protocol,
        addressFamily: rawSocket.AddressFamily.IPv4,
        bufferSize: datagramBytesMax,
      });
    } catch (cause) {
      return failure(action, describeCause(cause));
    }
    const configured = configure(socket, options, index.value);
    if (configured.isErr()) {
      socket.close();
      return err(configured.error);
    }
    return ok(new RawDatagramSocket(socket, options.interface, received, this.#failed));
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

class RawDatagramSocket implements DatagramSocket {
  readonly #socket: RawSocket;
  readonly #interface: string;
  #isClosed = false;

  constructor(
    socket: RawSocket,
    interfaceName: string,
    received: (datagram: Uint8Array, source: IpAddress) => void,
    failed: (error: PacketError) => void,
  ) {
    this.#socket = socket;
    this.#interface = interfaceName;
    socket.on('message', (buffer, source) => {
      const sender = parseIpAddress(source);
      if (sender.isErr()) return;
      const datagram = new Uint8Array(buffer);
      // raw-socket calls from outside Node's callback scope and takes exceptions for receive
      // errors; in an immediate, promises run on and a broken invariant ends the process.
      setImmediate(() => {
        if (!this.#isClosed) received(datagram, sender.value);
      });
    });
    socket.on('error', (error) => {
      if (!this.#isClosed) failed(packetError(`receive on ${interfaceName}`, error.message));
    });
    socket.on('close', () => {
      this.#isClosed = true;
    });
  }

  /**
   * Through the native half at once: the queue of raw-socket costs a turn of the loop per packet.
   */
  send(datagram: Uint8Array, destination: IpAddress): Result<void, PacketError> {
    const action = `send to ${destination} on ${this.#interface}`;
    // raw-socket would open a new socket, bound to no interface.
    if (this.#isClosed) return failure(action, 'the socket is closed');
    try {
      const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
      this.#socket.wrap.send(bytes, 0, bytes.length, destination, () => {});
      return ok(undefined);
    } catch (cause) {
      return failure(action, describeCause(cause));
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }
}

function configure(
  socket: RawSocket,
  options: DatagramSocketOptions,
  index: number,
): Result<void, PacketError> {
  const on = options.interface;
  const device = Buffer.from(`${on}\0`);
  const steps: readonly (readonly [string, () => void])[] = [
    [`bind to ${on}`, () => setBytes(socket, levelSocket, optionBindToDevice, device)],
    [`send headers of our own on ${on}`, () => socket.setOption(levelIp, optionHeaderIncluded, 1)],
    [
      `set the priority on ${on}`,
      () => socket.setOption(levelSocket, optionPriority, priorityControl),
    ],
    [
      `keep multicast from ourselves on ${on}`,
      () => socket.setOption(levelIp, optionMulticastLoop, 0),
    ],
    [`hear joined groups only on ${on}`, () => socket.setOption(levelIp, optionMulticastAll, 0)],
    [
      `send multicast on ${on}`,
      () => setBytes(socket, levelIp, optionMulticastInterface, membership(null, index)),
    ],
    ...options.groups.map(
      (group) =>
        [
          `join ${group} on ${on}`,
          () => setBytes(socket, levelIp, optionJoinGroup, membership(group, index)),
        ] as const,
    ),
  ];
  for (const [action, step] of steps) {
    try {
      step();
    } catch (cause) {
      return failure(action, describeCause(cause));
    }
  }
  discardEarlyDatagrams(socket);
  return ok(undefined);
}

/** What arrived on other interfaces before the socket was bound to its own. */
function discardEarlyDatagrams(socket: RawSocket): void {
  const buffer = Buffer.alloc(1);
  try {
    for (let count = 0; count < earlyMax; count++) socket.wrap.recv(buffer, () => {});
  } catch {
    // Nothing is left.
  }
}

/** struct ip_mreqn: group, address (none), interface index in the machine's byte order. */
function membership(group: IpAddress | null, index: number): Uint8Array {
  const bytes = new Uint8Array(12);
  if (group !== null) bytes.set(addressBytes(group));
  bytes.set(new Uint8Array(Int32Array.of(index).buffer), 8);
  return bytes;
}

function setBytes(socket: RawSocket, level: number, option: number, value: Uint8Array): void {
  socket.setOption(level, option, Buffer.from(value), value.length);
}

function failure(action: string, reason: string): Result<never, PacketError> {
  return err(packetError(action, reason));
}

function packetError(action: string, reason: string): PacketError {
  return { type: 'packets.failed', action, reason };
}
