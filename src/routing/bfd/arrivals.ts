// Where BFD packets arrive: a socket for each family and port that a session needs, shared by all
// of them; and what is thrown away, counted by reason and logged at a bounded rate.
import type { BfdSettings } from '../../config/bfd.js';
import { type AddressFamily, familyOf } from '../../net/address.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { HopDatagram, HopDatagrams } from '../../ports/hop-datagrams.js';
import type { Log } from '../../ports/log.js';
import { describePacketError } from '../../ports/packets.js';
import { multihopPort, singleHopPort } from './departure.js';
import type { DropReason } from './packet.js';

const retryMs = 1_000;
/** Lines about dropped packets: one, then no more for so long. */
const quietMs = 10_000;

export type ArrivalsOptions = {
  readonly clock: Clock;
  readonly datagrams: HopDatagrams;
  readonly log: Log;
  readonly received: (datagram: HopDatagram, isMultihop: boolean) => void;
};

type Kind = { readonly family: AddressFamily; readonly isMultihop: boolean };

export class Arrivals {
  readonly #options: ArrivalsOptions;
  readonly #open = new Map<string, { close(): void }>();
  readonly #told = new Map<string, string>();
  readonly #strays = new Map<DropReason, number>();
  #kinds: ReadonlyMap<string, Kind> = new Map();
  #retry: Timer | null = null;
  #saidMs = Number.NEGATIVE_INFINITY;
  #unsaid = 0;

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** Listens for these sessions and for nothing else. */
  configure(sessions: readonly BfdSettings[]): void {
    const kinds = sessions.map(({ neighbor, isMultihop }) => ({
      family: familyOf(neighbor),
      isMultihop,
    }));
    this.#kinds = new Map(kinds.map((kind) => [`${kind.family} ${kind.isMultihop}`, kind]));
    for (const [name, listener] of this.#open) {
      if (this.#kinds.has(name)) continue;
      listener.close();
      this.#open.delete(name);
    }
    this.#listen();
  }

  drop(reason: DropReason, datagram: HopDatagram, isStray: boolean): void {
    if (isStray) this.#strays.set(reason, (this.#strays.get(reason) ?? 0) + 1);
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - this.#saidMs < quietMs) {
      this.#unsaid += 1;
      return;
    }
    const { source, sourcePort, hops } = datagram;
    const from = `${source} port ${sourcePort} over ${datagram.interface}, ${hops} hops left`;
    const others = this.#unsaid === 0 ? '' : `, and ${this.#unsaid} others since the last line`;
    const what = reason.replaceAll('_', ' ');
    this.#options.log.write('info', `BFD packet from ${from}, dropped: ${what}${others}`);
    this.#saidMs = nowMs;
    this.#unsaid = 0;
  }

  strays(): Readonly<Partial<Record<DropReason, number>>> {
    return Object.fromEntries(this.#strays);
  }

  close(): void {
    this.#retry?.cancel();
    this.#kinds = new Map();
    for (const listener of this.#open.values()) listener.close();
    this.#open.clear();
  }

  #listen(): void {
    this.#retry?.cancel();
    this.#retry = null;
    const { datagrams, received, clock } = this.#options;
    for (const [name, { family, isMultihop }] of this.#kinds) {
      if (this.#open.has(name)) continue;
      const port = isMultihop ? multihopPort : singleHopPort;
      const opened = datagrams.listen({ family, port }, (one) => received(one, isMultihop));
      if (opened.isOk()) {
        this.#open.set(name, opened.value);
        this.#told.delete(name);
        continue;
      }
      this.#tellOnce(name, `BFD hears nothing: ${describePacketError(opened.error)}`);
      this.#retry ??= clock.setTimer(retryMs, () => this.#listen());
    }
  }

  #tellOnce(name: string, line: string): void {
    if (this.#told.get(name) === line) return;
    this.#told.set(name, line);
    this.#options.log.write('error', line);
  }
}
