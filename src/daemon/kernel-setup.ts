// What the control thread puts into the kernel around the protocol loop: the interfaces of VMACs
// and ipvlans with their sysctls, the firewall, the static addresses, routes and rules. Made before
// the instances start, taken back after they have stopped.
import type { Config } from '../config/config.js';
import type { StaticGroup } from '../config/kernel-objects.js';
import type { VrrpInstance } from '../config/vrrp.js';
import { firewallProgram, firewallRemoval } from '../ha/firewall-program.js';
import { type KernelObject, keyOf, objectsOf } from '../ha/kernel-plan.js';
import {
  planLinks,
  reversePathSettings,
  type SysctlSetting,
  sharedLinkLocal,
  sysctlsOfLink,
} from '../ha/link-plan.js';
import { type KeeperWorld, ObjectKeeper } from '../ha/object-keeper.js';
import { SysctlKeeper } from '../ha/sysctl-keeper.js';
import type { TrackedFact } from '../ha/tracking/facts.js';
import type { Timer } from '../ports/clock.js';
import type { Firewall } from '../ports/firewall.js';
import { describeKernelError, type Kernel } from '../ports/kernel.js';
import type { KernelObjects, VirtualLink } from '../ports/kernel-objects.js';
import type { SysctlName, Sysctls } from '../ports/sysctls.js';

export type SetupWorld = KeeperWorld & {
  readonly kernel: Pick<Kernel, 'links' | 'addresses'>;
  readonly objects: KernelObjects;
  readonly sysctls: Sysctls;
  readonly firewall: Firewall;
  /** Hears which track_groups have what they need. */
  readonly tellGroups: (facts: readonly TrackedFact[]) => void;
};

/** Switches forward what goes to 224.0.0.0/24 everywhere, asked or not (RFC 4541 2.1.2). */
const igmpSilence: SysctlSetting = {
  name: ['net', 'ipv4', 'igmp_link_local_mcast_reports'],
  value: '0',
};

/** The protocol loop first sends its last adverts over an interface that is no longer wanted. */
const retireDelayMs = 1_000;

export class KernelSetup {
  readonly #world: SetupWorld;
  readonly #sysctls: SysctlKeeper;
  readonly #statics: ObjectKeeper;
  /** Interfaces that are ours now, by name. */
  readonly #links = new Map<string, VirtualLink>();
  #instances: readonly VrrpInstance[] = [];
  #silencesIgmp = false;
  #groups: readonly StaticGroup[] = [];
  readonly #toldGroups = new Map<string, number>();
  #firewallTable: string | null = null;
  #firewallProgram: string | null = null;
  #retiring: Timer | null = null;
  #stopWatching: (() => void) | null = null;

  constructor(world: SetupWorld) {
    this.#world = world;
    this.#sysctls = new SysctlKeeper(world.sysctls, world.log);
    this.#statics = new ObjectKeeper(world, {
      restoresAll: true,
      tried: (missing) => this.#judgeGroups(missing),
    });
  }

  /** Everything that the instances need is there afterwards; failures are logged. */
  async prepare(config: Config, instances: readonly VrrpInstance[]): Promise<void> {
    this.#retiring?.cancel();
    this.#retiring = null;
    this.#instances = instances.filter(({ dpdkInterface }) => dpdkInterface === null);
    this.#silencesIgmp = config.firewall.silencesIgmp && instances.length > 0;
    const settings = await this.#settings();
    await this.#makeLinks();
    await this.#sysctls.hold(settings);
    await this.#runFirewall(config);
    await this.#reachStatics(config);
    await this.#takeLinksUp();
    await this.#shareLinkLocals();
  }

  /** The instances that no longer are have been told; what was theirs goes soon. */
  retire(): void {
    this.#retiring?.cancel();
    this.#retiring = this.#world.clock.setTimer(retireDelayMs, () => void this.#retireNow());
  }

  /** After the instances have let go of their addresses. */
  async stop(): Promise<void> {
    this.#retiring?.cancel();
    this.#stopWatching?.();
    this.#statics.stop();
    const cleared = await this.#statics.clear();
    if (cleared.isErr()) this.#warn(describeKernelError(cleared.error));
    this.#instances = [];
    this.#silencesIgmp = false;
    await this.#retireNow();
    if (this.#firewallTable === null) return;
    const hadRules = this.#firewallProgram !== null;
    const removed = await this.#world.firewall.run(firewallRemoval({ table: this.#firewallTable }));
    if (removed.isErr() && hadRules) this.#warn(`firewall rules stay: ${removed.error.reason}`);
    this.#firewallTable = null;
  }

  get #wantedLinks(): readonly VirtualLink[] {
    return this.#instances.flatMap(({ objects }) => objects.links);
  }

  async #makeLinks(): Promise<void> {
    const wanted = this.#wantedLinks;
    if (wanted.length === 0) return;
    const found = await this.#world.objects.foundLinks();
    if (found.isErr()) return this.#complain(describeKernelError(found.error));
    const plan = planLinks(found.value, wanted);
    const removed = await this.#world.objects.removeLinks(plan.removed);
    if (removed.isErr()) this.#warn(describeKernelError(removed.error));
    for (const link of plan.refused) {
      this.#complain(
        `cannot make ${link.kind.type} ${link.name}: there is another interface of that name; ` +
          'give use_vmac a name of its own, or set vmac_prefix',
      );
    }
    for (const link of plan.made) {
      const made = await this.#world.objects.makeLink(link);
      if (made.isErr()) this.#complain(describeKernelError(made.error));
      else this.#links.set(link.name, link);
    }
    for (const link of plan.kept) this.#links.set(link.name, link);
  }

  async #takeLinksUp(): Promise<void> {
    for (const { name } of this.#wantedLinks) {
      if (!this.#links.has(name)) continue;
      const up = await this.#world.objects.takeLinkUp(name);
      if (up.isErr()) this.#complain(describeKernelError(up.error));
    }
  }

  /** Goes with the interface. */
  async #shareLinkLocals(): Promise<void> {
    if (this.#wantedLinks.length === 0) return;
    const { kernel } = this.#world;
    const [links, addresses] = await Promise.all([kernel.links(), kernel.addresses()]);
    if (links.isErr()) return this.#complain(describeKernelError(links.error));
    if (addresses.isErr()) return this.#complain(describeKernelError(addresses.error));
    const placed = { links: links.value, addresses: addresses.value };
    for (const { objects } of this.#instances) {
      for (const link of objects.links) {
        const prefix = sharedLinkLocal(link, objects.addresses, placed);
        if (prefix === null || !this.#links.has(link.name)) continue;
        const put = await kernel.putAddress({ interface: link.name, prefix, validSeconds: null });
        if (put.isErr()) this.#complain(describeKernelError(put.error));
      }
    }
  }

  /** Read before the interfaces are made, which would inherit what is about to change. */
  async #settings(): Promise<readonly SysctlSetting[]> {
    const links = this.#wantedLinks;
    const reverse = links.length === 0 ? [] : await this.#reversePath();
    return [
      ...(this.#silencesIgmp ? [igmpSilence] : []),
      ...reverse,
      ...this.#instances.flatMap(({ objects }) =>
        objects.links.flatMap((link) => sysctlsOfLink(link, objects.addresses)),
      ),
      ...this.#instances
        .filter(({ objects }) => objects.promotesSecondaries)
        .map((instance) => ({
          name: ['net', 'ipv4', 'conf', instance.interface, 'promote_secondaries'],
          value: '1',
        })),
    ];
  }

  async #reversePath(): Promise<readonly SysctlSetting[]> {
    const { sysctls } = this.#world;
    const filterOf = async (device: string): Promise<number> => {
      const value = await sysctls.read(['net', 'ipv4', 'conf', device, 'rp_filter']);
      return Number(value.unwrapOr('0'));
    };
    const own = new Set(this.#wantedLinks.map(({ name }) => name));
    const others = (await sysctls.interfaces()).filter((name) => !own.has(name));
    const filters = new Map<string, number>();
    for (const device of ['default', ...others]) filters.set(device, await filterOf(device));
    return reversePathSettings(await filterOf('all'), filters);
  }

  /** At the first time also where nothing is wanted: a killed daemon may have left its rules. */
  async #runFirewall({ firewall }: Config): Promise<void> {
    const program = firewallProgram(this.#instances, { ...firewall, sendsBelow: true });
    if (program === this.#firewallProgram && this.#firewallTable !== null) return;
    if (program === null && this.#firewallTable === null && this.#instances.length === 0) return;
    const hadRules = this.#firewallProgram !== null;
    this.#firewallProgram = program;
    this.#firewallTable = firewall.table;
    if (program === null) {
      const removed = await this.#world.firewall.run(firewallRemoval(firewall));
      // Without nftables a killed daemon has left nothing either.
      if (removed.isErr() && hadRules) this.#warn(`firewall rules stay: ${removed.error.reason}`);
      return;
    }
    const run = await this.#world.firewall.run(program);
    if (run.isOk()) return;
    // Old kernels cannot send copies elsewhere.
    const simple = firewallProgram(this.#instances, { ...firewall, sendsBelow: false });
    const again = simple === program ? run : await this.#world.firewall.run(simple ?? '');
    if (again.isErr()) this.#complain(`no firewall rules for VRRP: ${again.error.reason}`);
  }

  async #reachStatics({ staticObjects }: Config): Promise<void> {
    const wanted = objectsOf(staticObjects);
    this.#groups = staticObjects.groups;
    this.#toldGroups.clear();
    const reached = await this.#statics.reach(wanted, null);
    if (reached.isErr()) this.#complain(describeKernelError(reached.error));
    const isWatched = wanted.some(({ isTracked }) => isTracked);
    if (!isWatched || this.#stopWatching !== null) return;
    const watching = this.#world.objects.watchObjects((news) => this.#statics.heard(news));
    if (watching.isOk()) this.#stopWatching = watching.value;
    else this.#warn(describeKernelError(watching.error));
  }

  #judgeGroups(missing: readonly KernelObject[]): void {
    const gone = new Set(missing.map(keyOf));
    const facts = this.#groups.map((group) => {
      const isWhole = !objectsOf(group).some((object) => gone.has(keyOf(object)));
      return { kind: 'static', name: group.name, value: isWhole ? 1 : 0 } as const;
    });
    const news = facts.filter(({ name, value }) => this.#toldGroups.get(name) !== value);
    for (const { name, value } of news) this.#toldGroups.set(name, value);
    if (news.length > 0) this.#world.tellGroups(news);
  }

  async #retireNow(): Promise<void> {
    this.#retiring = null;
    const wanted = new Set(this.#wantedLinks.map(({ name }) => name));
    const unwanted = [...this.#links.keys()].filter((one) => !wanted.has(one));
    for (const name of unwanted) this.#links.delete(name);
    const removed = await this.#world.objects.removeLinks(unwanted);
    if (removed.isErr()) this.#warn(describeKernelError(removed.error));
    await this.#sysctls.keepOnly(await this.#keptNames());
  }

  /** What was changed for the reverse path of VMACs stays so as long as there are any. */
  async #keptNames(): Promise<readonly SysctlName[]> {
    const names = (await this.#settings()).map(({ name }) => name);
    if (this.#wantedLinks.length === 0) return names;
    const devices = ['all', 'default', ...(await this.#world.sysctls.interfaces())];
    return [...names, ...devices.map((device) => ['net', 'ipv4', 'conf', device, 'rp_filter'])];
  }

  #warn(line: string): void {
    this.#world.log.write('warning', line);
  }

  #complain(line: string): void {
    this.#world.log.write('error', line);
  }
}
