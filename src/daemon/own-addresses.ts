// The kernel's addresses as the speakers of routing protocols ask for them: which link-local
// address is beside one of ours. Looked at anew whenever the kernel has news.
import type { BgpNeighbor } from '../config/bgp.js';
import { familyOf, type IpAddress } from '../net/address.js';
import { parsePrefix, prefixContains } from '../net/prefix.js';
import type { Kernel, KernelAddress } from '../ports/kernel.js';
import { describeKernelError } from '../ports/kernel.js';
import type { Log } from '../ports/log.js';

const linkLocal = parsePrefix('fe80::/10')._unsafeUnwrap();

export class OwnAddresses {
  readonly #kernel: Kernel;
  readonly #log: Log;
  #addresses: readonly KernelAddress[] = [];
  #stopWatching: (() => void) | null = null;

  constructor(kernel: Kernel, log: Log) {
    this.#kernel = kernel;
    this.#log = log;
  }

  /** May be called again. */
  async start(): Promise<void> {
    if (this.#stopWatching !== null) return;
    const watching = this.#kernel.watch(() => void this.#look());
    if (watching.isOk()) this.#stopWatching = watching.value;
    else this.#log.write('error', describeKernelError(watching.error));
    await this.#look();
  }

  stop(): void {
    this.#stopWatching?.();
  }

  /** RFC 2545 section 3: only where the neighbour is on the link of our address. */
  linkLocalBeside(ours: IpAddress, { address }: Pick<BgpNeighbor, 'address'>): IpAddress | null {
    if (familyOf(ours) !== 'ipv6' || prefixContains(linkLocal, ours)) return null;
    const own = this.#addresses.find(
      ({ prefix }) => prefix.address === ours && prefixContains(prefix, address),
    );
    if (own === undefined) return null;
    const beside = this.#addresses.find(
      ({ linkIndex, prefix }) =>
        linkIndex === own.linkIndex && prefixContains(linkLocal, prefix.address),
    );
    return beside?.prefix.address ?? null;
  }

  async #look(): Promise<void> {
    const addresses = await this.#kernel.addresses();
    if (addresses.isOk()) this.#addresses = addresses.value;
  }
}
