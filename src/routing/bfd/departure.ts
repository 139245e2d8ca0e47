// How the packets of one session leave: a socket with its own source port (RFC 5881 section 4),
// opened again when the interface or the address comes back. Says each trouble once.
import type { BfdSettings } from '../../config/bfd.js';
import { familyOf } from '../../net/address.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { HopDatagrams, HopSender } from '../../ports/hop-datagrams.js';
import type { Log } from '../../ports/log.js';
import { describePacketError, type PacketError } from '../../ports/packets.js';
import type { SourcePorts } from './source-ports.js';

export const singleHopPort = 3784;
export const multihopPort = 4784;
const reopenMs = 1_000;

export type DepartureOptions = {
  readonly settings: BfdSettings;
  readonly clock: Clock;
  readonly datagrams: HopDatagrams;
  readonly ports: SourcePorts;
  readonly log: Log;
};

export class Departure {
  readonly #options: DepartureOptions;
  #sourcePort: number;
  #sender: HopSender | null = null;
  #retry: Timer | null = null;
  #told: string | null = null;

  constructor(options: DepartureOptions) {
    this.#options = options;
    this.#sourcePort = options.ports.take();
    this.#open();
  }

  /** False: it did not leave. */
  send(bytes: Uint8Array): boolean {
    if (this.#sender === null) return false;
    const sent = this.#sender.send(bytes);
    if (sent.isOk()) {
      this.#told = null;
      return true;
    }
    this.#fail(sent.error);
    // The interface may be another one now, with another index.
    this.#sender.close();
    this.#sender = null;
    this.#openLater();
    return false;
  }

  close(): void {
    this.#retry?.cancel();
    this.#sender?.close();
    this.#sender = null;
    this.#options.ports.giveBack(this.#sourcePort);
  }

  #open(): void {
    const { settings, datagrams } = this.#options;
    const { neighbor, source, isMultihop, sentHops } = settings;
    const opened = datagrams.openSender({
      family: familyOf(neighbor),
      source,
      sourcePort: this.#sourcePort,
      interface: settings.interface,
      destination: neighbor,
      destinationPort: isMultihop ? multihopPort : singleHopPort,
      hops: sentHops,
    });
    if (opened.isOk()) {
      this.#sender = opened.value;
      return;
    }
    this.#fail(opened.error);
    this.#openLater();
  }

  /** Another program may have the port. */
  #openLater(): void {
    const { clock, ports } = this.#options;
    this.#retry?.cancel();
    this.#retry = clock.setTimer(reopenMs, () => {
      const former = this.#sourcePort;
      if (this.#told !== null) this.#sourcePort = ports.take();
      if (this.#sourcePort !== former) ports.giveBack(former);
      this.#open();
    });
  }

  #fail(error: PacketError): void {
    const line = `BFD to ${this.#options.settings.neighbor}: ${describePacketError(error)}`;
    if (line === this.#told) return;
    this.#told = line;
    this.#options.log.write('warning', line);
  }
}
