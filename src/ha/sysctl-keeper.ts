// Sysctls that are changed for a while: what they were is remembered and comes back at the end.
import type { Log } from '../ports/log.js';
import { describeSysctlError, type SysctlName, type Sysctls } from '../ports/sysctls.js';
import type { SysctlSetting } from './link-plan.js';

type Held = SysctlSetting & { readonly before: string };

export class SysctlKeeper {
  readonly #sysctls: Sysctls;
  readonly #log: Log;
  /** In the order in which they were changed. */
  readonly #held = new Map<string, Held>();

  constructor(sysctls: Sysctls, log: Log) {
    this.#sysctls = sysctls;
    this.#log = log;
  }

  /** Those that cannot be set are said, the others are set. */
  async hold(settings: readonly SysctlSetting[]): Promise<void> {
    for (const { name, value } of settings) {
      const current = await this.#sysctls.read(name);
      if (current.isErr()) {
        this.#log.write('warning', describeSysctlError(current.error));
        continue;
      }
      const key = name.join('/');
      const before = this.#held.get(key)?.before ?? current.value;
      this.#held.set(key, { name, value, before });
      if (current.value !== value) await this.#write(name, value);
    }
  }

  /** Those that are no longer wanted become what they were. */
  async keepOnly(wanted: readonly SysctlName[]): Promise<void> {
    const names = new Set(wanted.map((name) => name.join('/')));
    const gone = [...this.#held].filter(([key]) => !names.has(key)).toReversed();
    for (const [key, { name, value, before }] of gone) {
      this.#held.delete(key);
      const current = await this.#sysctls.read(name);
      // Gone with its interface, or someone else's by now.
      if (current.isErr() || current.value !== value || value === before) continue;
      await this.#write(name, before);
    }
  }

  async #write(name: SysctlName, value: string): Promise<void> {
    const written = await this.#sysctls.write(name, value);
    if (written.isErr()) this.#log.write('warning', describeSysctlError(written.error));
  }
}
