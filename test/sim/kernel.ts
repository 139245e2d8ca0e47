// Links and addresses of a simulated kernel; every change is told to who watches.
import { err, ok, type Result } from 'neverthrow';
import type { MacAddress } from '../../src/net/mac.js';
import { formatPrefix, type Prefix } from '../../src/net/prefix.js';
import type {
  AddressRequest,
  Kernel,
  KernelAddress,
  KernelError,
  Link,
} from '../../src/ports/kernel.js';

export class SimulatedKernel implements Kernel {
  readonly #links = new Map<string, Link>();
  readonly #addresses = new Map<string, KernelAddress>();
  readonly #watchers = new Set<() => void>();

  addLink(name: string, isUp = true): void {
    const index = this.#links.get(name)?.index ?? this.#links.size + 1;
    const mac = '02:00:00:00:00:01' as MacAddress;
    this.#links.set(name, { index, name, mac, mtuBytes: 1500, isUp });
    this.#changed();
  }

  /** "eth0 192.0.2.1/24" for every address, in the order they were put. */
  list(): string[] {
    const names = new Map([...this.#links.values()].map(({ index, name }) => [index, name]));
    return [...this.#addresses.values()].map(
      ({ linkIndex, prefix }) => `${names.get(linkIndex)} ${formatPrefix(prefix)}`,
    );
  }

  links(): Promise<Result<readonly Link[], KernelError>> {
    return Promise.resolve(ok([...this.#links.values()]));
  }

  addresses(): Promise<Result<readonly KernelAddress[], KernelError>> {
    return Promise.resolve(ok([...this.#addresses.values()]));
  }

  putAddress(request: AddressRequest): Promise<Result<void, KernelError>> {
    const link = this.#links.get(request.interface);
    const action = `add ${formatPrefix(request.prefix)} to ${request.interface}`;
    if (link === undefined) {
      return Promise.resolve(err({ type: 'kernel.failed', action, reason: 'No such device' }));
    }
    const key = `${link.index} ${formatPrefix(request.prefix)}`;
    this.#addresses.set(key, { linkIndex: link.index, prefix: request.prefix });
    this.#changed();
    return Promise.resolve(ok(undefined));
  }

  removeAddress(interfaceName: string, prefix: Prefix): Promise<Result<void, KernelError>> {
    const link = this.#links.get(interfaceName);
    this.#addresses.delete(`${link?.index} ${formatPrefix(prefix)}`);
    this.#changed();
    return Promise.resolve(ok(undefined));
  }

  watch(changed: () => void): Result<() => void, KernelError> {
    this.#watchers.add(changed);
    return ok(() => this.#watchers.delete(changed));
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
