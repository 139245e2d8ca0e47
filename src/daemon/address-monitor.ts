// -a: a line in keepalived's words for every address that appears or goes.
import type { KernelAddress, Link } from '../ports/kernel.js';
import type { Log } from '../ports/log.js';

export class AddressMonitor {
  readonly #log: Log;
  #known: ReadonlySet<string> = new Set();

  constructor(log: Log) {
    this.#log = log;
  }

  /** What there is now; the first call reports everything. */
  see(links: readonly Link[], addresses: readonly KernelAddress[]): void {
    const names = new Map(links.map(({ index, name }) => [index, name]));
    const now = new Set(
      addresses.map(({ linkIndex, prefix }) => {
        return `${prefix.address} ${names.get(linkIndex) ?? `#${linkIndex}`}`;
      }),
    );
    for (const gone of this.#known) if (!now.has(gone)) this.#say(gone, 'removed from');
    for (const fresh of now) if (!this.#known.has(fresh)) this.#say(fresh, 'added to');
    this.#known = now;
  }

  #say(entry: string, what: string): void {
    const [address, device] = entry.split(' ', 2);
    this.#log.write('info', `Netlink reflector reports IP ${address} ${what} ${device}`);
  }
}
