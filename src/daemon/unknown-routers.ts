// log_unknown_vrids: adverts on our interfaces of virtual routers that the file does not have. A
// number may be a mistake in the file of another node; a flood of them must not become one of
// lines, so each is said once a minute.
import type { VrrpInstance } from '../config/vrrp.js';
import type { AddressFamily } from '../net/address.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';

export type Unclaimed = {
  readonly interface: string;
  readonly family: AddressFamily;
  /** 0..255 */
  readonly virtualRouterId: number;
};

type Known = Pick<VrrpInstance, 'family' | 'virtualRouterId' | 'objects'>;

const silenceMs = 60_000;

export class UnknownRouters {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #log: Log;
  /** null: nobody wants to know. */
  #known: ReadonlySet<string> | null = null;
  /** When each was said last: as many as interfaces and numbers. */
  readonly #saidMs = new Map<string, number>();

  constructor(clock: Pick<Clock, 'nowMs'>, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  configure(isWanted: boolean, instances: readonly Known[]): void {
    this.#saidMs.clear();
    this.#known = isWanted
      ? new Set(
          instances.map(({ family, virtualRouterId, objects }) =>
            keyOf({ interface: objects.transmitsOn, family, virtualRouterId }),
          ),
        )
      : null;
  }

  /** An advert for none who listen; they may be known and not listen now. */
  heard(unclaimed: Unclaimed): void {
    if (this.#known === null) return;
    const key = keyOf(unclaimed);
    if (this.#known.has(key)) return;
    const nowMs = this.#clock.nowMs();
    if (nowMs - (this.#saidMs.get(key) ?? Number.NEGATIVE_INFINITY) < silenceMs) return;
    this.#saidMs.set(key, nowMs);
    const where = `received on interface(${unclaimed.interface})`;
    this.#log.write('info', `Unknown VRID(${unclaimed.virtualRouterId}) ${where}. ignoring...`);
  }
}

function keyOf({ interface: name, family, virtualRouterId }: Unclaimed): string {
  return `${name} ${family} ${virtualRouterId}`;
}
