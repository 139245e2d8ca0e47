// One broadcast segment: whatever a port sends arrives at all others, or at the one it is for; or
// is late, twice there, lost or cut off. Multicast is not heard by its sender.
import { err, ok, type Result } from 'neverthrow';
import { addressBytes, type IpAddress } from '../../src/net/address.js';
import { macFromBytes } from '../../src/net/mac.js';
import type { Clock } from '../../src/ports/clock.js';
import type {
  Datagram,
  DatagramSocket,
  DatagramSocketOptions,
  Departure,
  FrameSender,
  PacketError,
  Packets,
} from '../../src/ports/packets.js';
import type { Random } from '../../src/ports/random.js';
import { between, chance } from './random.js';

type Received = (datagram: Datagram) => void;

export class SimulatedWire {
  readonly clock: Clock;
  readonly #random: Random;
  readonly #ports: WirePort[] = [];
  readonly #missed = new Map<string, number>();
  lossPercent = 0;
  delayMsMax = 0;
  duplicatePercent = 0;
  /** Nothing arrives anywhere. */
  isCut = false;
  /** Whether a partition lies between two ports. */
  isApart: (left: IpAddress, right: IpAddress) => boolean = () => false;
  lastLossMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.#random = random;
  }

  attach(address: IpAddress): WirePort {
    const port = new WirePort(this, address);
    this.#ports.push(port);
    return port;
  }

  carry(datagram: Datagram, sender: WirePort): void {
    const addressee = this.#ports.find(({ address }) => address === datagram.destination);
    for (const port of this.#ports) {
      if (port === sender || (addressee !== undefined && port !== addressee)) continue;
      const isApart = this.isCut || this.isApart(sender.address, port.address);
      if (isApart || !port.isUp || chance(this.#random, this.lossPercent)) {
        this.#lose(sender, port);
        continue;
      }
      this.#deliverLater(datagram, sender, port);
      if (chance(this.#random, this.duplicatePercent)) this.#deliverLater(datagram, sender, port);
    }
  }

  #deliverLater(datagram: Datagram, sender: WirePort, port: WirePort): void {
    const copy = { ...datagram, payload: datagram.payload.slice() };
    this.clock.setTimer(between(this.#random, 0, this.delayMsMax), () => {
      if (!port.isUp) {
        this.#lose(sender, port);
        return;
      }
      this.#missed.set(pairOf(sender.address, port.address), 0);
      port.deliver(copy);
    });
  }

  /** How many datagrams in a row, up to now, did not arrive. */
  missedInARow(sender: IpAddress, receiver: IpAddress): number {
    return this.#missed.get(pairOf(sender, receiver)) ?? 0;
  }

  /** A receiver that begins to listen has missed nothing yet. */
  forgetMisses(receiver: IpAddress): void {
    for (const pair of this.#missed.keys()) {
      if (pair.endsWith(`>${receiver}`)) this.#missed.delete(pair);
    }
  }

  #lose(sender: WirePort, receiver: WirePort): void {
    const pair = pairOf(sender.address, receiver.address);
    this.#missed.set(pair, (this.#missed.get(pair) ?? 0) + 1);
    this.lastLossMs = this.clock.nowMs();
  }
}

/** A network interface on the wire; several sockets may be open on it. */
export class WirePort implements Packets {
  readonly address: IpAddress;
  readonly #wire: SimulatedWire;
  readonly #receivers = new Set<Received>();
  /** All that left. */
  readonly datagrams: Datagram[] = [];
  readonly frames: Uint8Array[] = [];
  isUp = true;

  constructor(wire: SimulatedWire, address: IpAddress) {
    this.#wire = wire;
    this.address = address;
  }

  openDatagrams(
    options: DatagramSocketOptions,
    received: Received,
  ): Result<DatagramSocket, PacketError> {
    const action = `open a socket on ${options.interface}`;
    if (!this.isUp) return err(networkIsDown(action));
    const receive: Received = (datagram) => received(datagram);
    this.#receivers.add(receive);
    return ok({
      send: (payload, departure) => this.#send(payload, departure),
      close: () => {
        this.#receivers.delete(receive);
      },
    });
  }

  frameSender(): Result<FrameSender | null, PacketError> {
    return ok({
      mac: macFromBytes(Uint8Array.of(2, 0, ...addressBytes(this.address).slice(-4))),
      isRouter: false,
    });
  }

  sendFrame(_interfaceName: string, frame: Uint8Array): Result<void, PacketError> {
    this.frames.push(frame);
    return ok(undefined);
  }

  deliver(datagram: Datagram): void {
    for (const receive of [...this.#receivers]) {
      receive({ ...datagram, payload: datagram.payload.slice() });
    }
  }

  #send(payload: Uint8Array, departure: Departure): Result<void, PacketError> {
    if (!this.isUp) return err(networkIsDown('send'));
    const datagram = { ...departure, payload, statedBytes: payload.length };
    this.datagrams.push(datagram);
    this.#wire.carry(datagram, this);
    return ok(undefined);
  }
}

function networkIsDown(action: string): PacketError {
  return { type: 'packets.failed', action, reason: 'Network is down' };
}

function pairOf(sender: IpAddress, receiver: IpAddress): string {
  return `${sender}>${receiver}`;
}
