// One instance's way to the other routers of its segment: a raw socket on its interface, adverts
// out, adverts in. Here packets are checked, counted and complained about; what they mean is the
// machine's.
import { err, ok, type Result } from 'neverthrow';
import type { VrrpInstance } from '../../config/vrrp.js';
import { familyOf, type IpAddress } from '../../net/address.js';
import type { Log } from '../../ports/log.js';
import {
  type Datagram,
  type DatagramSocket,
  type Departure,
  describePacketError,
  type PacketError,
  type Packets,
} from '../../ports/packets.js';
import { authenticate, authenticationProtocol } from './authentication-header.js';
import { virtualRouterIdOf } from './channel.js';
import type { VrrpSettings } from './effect.js';
import {
  type Advertisement,
  advertisedAddressesMax,
  type ChecksumForm,
  encodeAdvertisement,
  vrrpProtocol,
  withoutChecksum,
} from './packet.js';
import { type Received, receive } from './receipt.js';
import { describeVrrpPacketError, ttlRequired, type VrrpPacketError } from './refusal.js';
import { signatureBytes } from './signature.js';
import { Signing } from './signing.js';
import { counterOf, type VrrpCounters } from './statistics.js';

export type SegmentOptions = {
  readonly packets: Packets;
  readonly log: Log;
  readonly counters: VrrpCounters;
  /** Asked anew for every packet: a reload changes them. */
  readonly settings: () => VrrpSettings;
  /** Whether the list of addresses in an advert of this sender is to be compared with ours. */
  readonly comparesList: (source: IpAddress) => boolean;
  readonly heard: (advertisement: Received) => void;
  /** The calendar's time, since 1970. */
  readonly epochMs: () => number;
};

/** Of IPv4 there is room for both. */
const addressesPerSignature = { ipv4: 0, ipv6: Math.ceil(signatureBytes / 16) } as const;

type Made = {
  readonly instance: VrrpInstance;
  readonly source: IpAddress;
  readonly priority: number;
  readonly form: ChecksumForm;
  readonly message: Uint8Array;
};

export class Segment {
  readonly #options: SegmentOptions;
  readonly #signing: Signing;
  #socket: DatagramSocket | null = null;
  #identification = 0;
  /** Of authentication headers, sent or heard. */
  #sequence = 0;
  /** null: as configured; else as a peer of old was found to have it. */
  #foundChecksum: ChecksumForm | null = null;
  /** The last message to each destination, and what it was made of. */
  readonly #made = new Map<IpAddress, Made>();
  /** What is wrong now and has been logged; cleared when it is right again. */
  readonly #complaints = new Set<string>();

  constructor(options: SegmentOptions) {
    this.#options = options;
    this.#signing = new Signing(options.epochMs);
  }

  open(): Result<void, PacketError> {
    this.close();
    const { instance } = this.#options.settings();
    const { destination, authentication, family, receiveBufferBytes } = instance;
    const opened = this.#options.packets.openDatagrams(
      {
        family,
        interface: instance.objects.transmitsOn,
        protocols: [authentication.type === 'ah' ? authenticationProtocol : vrrpProtocol],
        groups: destination.type === 'group' ? [destination.group] : [],
        receiveBufferBytes,
        channel: { number: instance.virtualRouterId, numberOf: virtualRouterIdOf },
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

  /** False when the advert left to nobody. */
  send(priority: number): boolean {
    const socket = this.#socket;
    if (socket === null) return false;
    const { destination } = this.#options.settings().instance;
    const targets =
      destination.type === 'group'
        ? [destination.group]
        : destination.peers.map(({ address }) => address);
    const hops = destination.type === 'group' ? ttlRequired : destination.ttl;
    this.#sequence = (this.#sequence + 1) >>> 0;
    const signature = this.#signatureOf(priority);
    const hasLeft = targets.map((target) => {
      const message = this.#message(target, priority, signature);
      return this.#sendTo(socket, target, message, hops);
    });
    if (!hasLeft.includes(true)) return false;
    this.#options.counters.advertsSent += 1;
    if (priority === 0) this.#options.counters.priorityZeroSent += 1;
    return true;
  }

  #sendTo(
    socket: DatagramSocket,
    destination: IpAddress,
    message: Uint8Array,
    hops: number,
  ): boolean {
    const { instance, sourceAddress: source } = this.#options.settings();
    const { authentication } = instance;
    // 0 would let the kernel choose one, which an authentication header could not know.
    this.#identification = (this.#identification % 0xffff) + 1;
    const isSealed = authentication.type === 'ah';
    const departure: Departure = {
      source,
      destination,
      hops,
      protocol: isSealed ? authenticationProtocol : vrrpProtocol,
      identification: this.#identification,
    };
    const payload = isSealed
      ? authenticate(message, this.#sequence, authentication.password, departure)
      : message;
    const sent = socket.send(payload, departure);
    const subject = `send ${destination}`;
    if (sent.isErr()) this.#complain(subject, describePacketError(sent.error));
    else this.#complaints.delete(subject);
    return sent.isOk();
  }

  /** One advert is like the last: it is made anew when something of it has changed. */
  #message(destination: IpAddress, priority: number, signature: Uint8Array | null): Uint8Array {
    const { instance, sourceAddress: source } = this.#options.settings();
    const form = this.#checksumForm();
    if (signature !== null) {
      return encodeAdvertisement(this.#advertisement(priority), destination, form, signature);
    }
    const last = this.#made.get(destination);
    const isSame =
      last?.instance === instance &&
      last.source === source &&
      last.priority === priority &&
      last.form === form;
    if (isSame) return last.message;
    const message = encodeAdvertisement(this.#advertisement(priority), destination, form);
    this.#made.set(destination, { instance, source, priority, form, message });
    return message;
  }

  #advertisement(priority: number): Advertisement {
    const { instance, sourceAddress: source } = this.#options.settings();
    return { ...instance, source, priority, addresses: this.#advertised() };
  }

  /** null: adverts have none. */
  #signatureOf(priority: number): Uint8Array | null {
    const { instance, sourceAddress: source } = this.#options.settings();
    if (instance.signing?.active == null) return null;
    const message = withoutChecksum(this.#advertisement(priority));
    return this.#signing.sign(message, { ...instance, source }, instance.signing);
  }

  #checksumForm(): ChecksumForm {
    const { checksum } = this.#options.settings().instance;
    return checksum === 'detect' ? (this.#foundChecksum ?? 'rfc') : checksum;
  }

  #receive(datagram: Datagram): void {
    // A socket that was closed may still hand out what it had queued.
    if (this.#socket === null) return;
    const { counters, settings } = this.#options;
    const { instance, priority, sourceAddress } = settings();
    const expected = { ...instance, priority };
    const receiver = { expected, sourceAddress, sequence: this.#sequence, signing: this.#signing };
    const received = receive(datagram, receiver);
    if (received.isErr()) {
      this.#refuse(received.error);
      return;
    }
    this.#clearRefusals();
    counters.advertsReceived += 1;
    if (received.value.priority === 0) counters.priorityZeroReceived += 1;
    this.#learn(received.value);
    if (this.#options.comparesList(received.value.source)) this.#compareAddresses(received.value);
    this.#options.heard(received.value);
  }

  /** What the next advert of ours goes on from. */
  #learn({ source, sequence, checksum, advertIntervalMs, isSigned }: Received): void {
    const { instance } = this.#options.settings();
    if (instance.signing === null || isSigned) this.#complaints.delete('unsigned');
    else this.#complain('unsigned', `${source} does not sign its adverts, which are taken still`);
    if (sequence !== null) this.#sequence = sequence;
    if (instance.checksum === 'detect' && checksum !== (this.#foundChecksum ?? 'rfc')) {
      this.#foundChecksum = checksum;
      const whose = checksum === 'group' ? 'as keepalived 1.x' : 'as the RFC says';
      this.#complain(`checksum ${checksum}`, `${source} makes checksums ${whose}: so do we`);
    }
    if (instance.version === 2) return;
    if (advertIntervalMs === instance.advertIntervalMs) {
      this.#complaints.delete('interval');
      return;
    }
    const [own, other] = [instance.advertIntervalMs / 1000, advertIntervalMs / 1000];
    const line = `advertisement interval mismatch mine=${own} sec rcv'd=${other} sec`;
    this.#complain('interval', line);
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
  #compareAddresses({ source, addresses }: Received): void {
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
    const { virtualAddresses, family, signing } = this.#options.settings().instance;
    const takenBySignature = signing?.active == null ? 0 : addressesPerSignature[family];
    return virtualAddresses
      .map(({ prefix }) => prefix.address)
      .filter((address) => familyOf(address) === family)
      .slice(0, advertisedAddressesMax[family] - takenBySignature);
  }
}
