// UDP between simulated nodes: what is sent to an address arrives at its node, late or not at all.
import { err, ok } from 'neverthrow';
import type { IpAddress } from '../../src/net/address.js';
import type { Clock } from '../../src/ports/clock.js';
import type {
  HopDatagram,
  HopDatagrams,
  HopListenerOptions,
  HopSenderOptions,
} from '../../src/ports/hop-datagrams.js';
import type { PacketError } from '../../src/ports/packets.js';
import type { Random } from '../../src/ports/random.js';
import { between, chance } from './random.js';

type Received = (datagram: HopDatagram) => void;
type Seen = { readonly atMs: number; readonly from: IpAddress; readonly datagram: HopDatagram };

export class SimulatedHops {
  readonly clock: Clock;
  readonly #random: Random;
  readonly #nodes = new Map<IpAddress, SimulatedHopNode>();
  lossPercent = 0;
  delayMsMax = 0;
  /** Taken from the hops of everything. */
  routers = 0;
  /** Whether nothing gets from the one to the other. */
  isCut: (from: IpAddress, to: IpAddress) => boolean = () => false;
  /** Everything that was sent, lost or not. */
  readonly sent: Seen[] = [];

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.#random = random;
  }

  attach(address: IpAddress): SimulatedHopNode {
    const node = new SimulatedHopNode(this, address);
    this.#nodes.set(address, node);
    return node;
  }

  /** Its process is gone: nobody takes what arrives. */
  detach(address: IpAddress): void {
    this.#nodes.delete(address);
  }

  carry(datagram: HopDatagram, port: number): void {
    const { source, destination } = datagram;
    this.sent.push({ atMs: this.clock.nowMs(), from: source, datagram });
    if (this.isCut(source, destination) || chance(this.#random, this.lossPercent)) return;
    const arrived = { ...datagram, hops: datagram.hops - this.routers };
    this.clock.setTimer(between(this.#random, 0, this.delayMsMax), () =>
      this.#nodes.get(destination)?.deliver(arrived, port),
    );
  }
}

export class SimulatedHopNode implements HopDatagrams {
  readonly address: IpAddress;
  readonly #hops: SimulatedHops;
  readonly #listeners = new Map<number, Received>();
  readonly #ports = new Set<number>();
  interface = 'eth0';
  /** What every call of the system answers; null: it works. */
  failure: string | null = null;

  constructor(hops: SimulatedHops, address: IpAddress) {
    this.#hops = hops;
    this.address = address;
  }

  get sourcePorts(): ReadonlySet<number> {
    return this.#ports;
  }

  listen({ port }: HopListenerOptions, received: Received) {
    if (this.failure !== null) return err(failed(`open UDP port ${port}`, this.failure));
    if (this.#listeners.has(port)) {
      return err(failed(`open UDP port ${port}`, 'Address already in use'));
    }
    this.#listeners.set(port, received);
    return ok({ close: () => void this.#listeners.delete(port) });
  }

  openSender(options: HopSenderOptions) {
    const { source, sourcePort, destination, destinationPort, hops } = options;
    const action = `open UDP port ${sourcePort}`;
    if (this.failure !== null) return err(failed(action, this.failure));
    if (this.#ports.has(sourcePort)) return err(failed(action, 'Address already in use'));
    this.#ports.add(sourcePort);
    const from = { source: source ?? this.address, sourcePort, interface: this.interface };
    return ok({
      send: (payload: Uint8Array) => {
        if (this.failure !== null) return err(failed(`send to ${destination}`, this.failure));
        const datagram = { ...from, destination, hops, payload: payload.slice() };
        this.#hops.carry(datagram, destinationPort);
        return ok(undefined);
      },
      close: () => void this.#ports.delete(sourcePort),
    });
  }

  deliver(datagram: HopDatagram, port: number): void {
    this.#listeners.get(port)?.(datagram);
  }
}

function failed(action: string, reason: string): PacketError {
  return { type: 'packets.failed', action, reason };
}
