// One instance's way to the other routers of its segment: a raw socket on its interface, adverts
// out, adverts in. Here packets are checked, counted and complained about; what they mean is the
// machine's.
import { err, ok, type Result } from 'neverthrow';
import { familyOf, type IpAddress } from '../../net/address.js';
import { ByteWriter } from '../../net/bytes.js';
import type { Log } from '../../ports/log.js';
import {
  type Datagram,
  type DatagramSocket,
  describePacketError,
  type PacketError,
  type Packets,
} from '../../ports/packets.js';
import type { VrrpSettings } from './machine.js';
import {
  type Advertisement,
  advertisedAddressesMax,
  decodeAdvertisement,
  describeVrrpPacketError,
  encodeAdvertisement,
  type VrrpPacketError,
  vrrpGroup,
  vrrpProtocol,
} from './packet.js';
import { counterOf, type VrrpCounters } from './statistics.js';

export type SegmentOptions = {
  readonly packets: Packets;
  readonly log: Log;
  readonly counters: VrrpCounters;
  /** Asked anew for every packet: a reload changes them. */
  readonly settings: () => VrrpSettings;
  readonly heard: (advertisement: Advertisement) => void;
};

/** The IPv4 header without options, which the codec wants to see. */
const headerBytes = 20;
const vrrpTtl = 255;

export class Segment {
  readonly #options: SegmentOptions;
  #socket: DatagramSocket | null = null;
  /** What is wrong now and has been logged; cleared when it is right again. */
  readonly #complaints = new Set<string>();

  constructor(options: SegmentOptions) {
    this.#options = options;
  }

  open(): Result<void, PacketError> {
    this.close();
    const opened = this.#options.packets.openDatagrams(
      {
        family: 'ipv4',
        interface: this.#options.settings().instance.interface,
        protocols: [vrrpProtocol],
        groups: [vrrpGroup],
        receiveBufferBytes: null,
      },
      (datagram) => this.#receive(datagram),
    );
    if (opened.isErr()) return err(opened.error);
    this.#socket = opened.value;
    return ok(undefined);
  }

  close(): void {
    this.#socket?.close();
    this.#socket = null;
  }

  /** False when the advert did not leave. */
  send(priority: number): boolean {
    if (this.#socket === null) return false;
    const { instance, sourceAddress } = this.#options.settings();
    const datagram = encodeAdvertisement(
      {
        source: sourceAddress,
        virtualRouterId: instance.virtualRouterId,
        priority,
        advertIntervalMs: instance.advertIntervalMs,
        authentication: instance.authentication,
        addresses: this.#advertised(),
      },
      0,
    );
    const sent = this.#socket.send(datagram.subarray(headerBytes), {
      source: sourceAddress,
      destination: vrrpGroup,
      hops: vrrpTtl,
      protocol: vrrpProtocol,
    });
    if (sent.isErr()) {
      this.#complain('send', describePacketError(sent.error));
      return false;
    }
    this.#complaints.delete('send');
    this.#options.counters.advertsSent += 1;
    if (priority === 0) this.#options.counters.priorityZeroSent += 1;
    return true;
  }

  #receive(datagram: Datagram): void {
    // A socket that was closed may still hand out what it had queued.
    if (this.#socket === null) return;
    const { counters } = this.#options;
    const decoded = decodeAdvertisement(withHeader(datagram), this.#options.settings().instance);
    if (decoded.isErr()) {
      this.#refuse(decoded.error);
      return;
    }
    this.#clearRefusals();
    counters.advertsReceived += 1;
    if (decoded.value.priority === 0) counters.priorityZeroReceived += 1;
    this.#compareAddresses(decoded.value);
    this.#options.heard(decoded.value);
  }

  #refuse(error: VrrpPacketError): void {
    const counter = counterOf[error.type];
    if (counter === null) return;
    this.#options.counters[counter] += 1;
    this.#complain(error.type, describeVrrpPacketError(error));
  }

  /**
   * Different addresses are a mistake of the operator, not a reason for two masters: still
   * accepted.
   */
  #compareAddresses({ source, addresses }: Advertisement): void {
    const own = new Set(this.#advertised());
    if (addresses.length === own.size && addresses.every((address) => own.has(address))) {
      this.#complaints.delete('addresses');
      return;
    }
    this.#options.counters.addressListErrors += 1;
    const listed = addresses.join(', ');
    this.#complain('addresses', `${source} advertises other addresses than ours: ${listed}`);
  }

  #complain(subject: string, line: string): void {
    if (this.#complaints.has(subject)) return;
    this.#complaints.add(subject);
    this.#options.log.write('warning', `(${this.#options.settings().instance.name}) ${line}`);
  }

  #clearRefusals(): void {
    for (const subject of this.#complaints) {
      if (subject.startsWith('vrrp.')) this.#complaints.delete(subject);
    }
  }

  #advertised(): readonly IpAddress[] {
    const addresses = this.#options.settings().instance.virtualAddresses;
    return addresses
      .map(({ prefix }) => prefix.address)
      .filter((address) => familyOf(address) === 'ipv4')
      .slice(0, advertisedAddressesMax);
  }
}

function withHeader({ source, destination, hops, protocol, payload, statedBytes }: Datagram) {
  return new ByteWriter()
    .u16(0x4500)
    .u16(headerBytes + statedBytes)
    .u32(0)
    .u8(hops)
    .u8(protocol)
    .u16(0)
    .address(source)
    .address(destination)
    .bytes(payload)
    .finish();
}
