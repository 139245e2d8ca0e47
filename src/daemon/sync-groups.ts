// Which instances share a sync group, and whom a change of state concerns: a member that becomes
// MASTER or leaves it takes the others along.
import type { VrrpInstance } from '../config/vrrp.js';
import type { VrrpFact } from '../ha/vrrp/speaker.js';

export class SyncGroups {
  readonly #states = new Map<string, VrrpFact['state']>();
  #instances: readonly VrrpInstance[] = [];

  configure(instances: readonly VrrpInstance[]): void {
    this.#instances = instances;
  }

  othersOf({ name, syncGroup }: VrrpInstance): readonly VrrpInstance[] {
    if (syncGroup === null) return [];
    return this.#instances.filter((one) => one.syncGroup === syncGroup && one.name !== name);
  }

  /** What the others of the group must do now; null: nothing. */
  follow({ instance, state }: VrrpFact): 'master' | 'backup' | null {
    const before = this.#states.get(instance);
    this.#states.set(instance, state);
    if (state === before) return null;
    if (state === 'MASTER') return 'master';
    return state === 'BACKUP' && before === 'MASTER' ? 'backup' : null;
  }
}
