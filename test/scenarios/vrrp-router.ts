// A node of a cluster: one process with a VRRP speaker for each instance, whose clock is its own;
// sync groups as the daemon keeps them. It can be killed, stopped, stood still and reloaded.
import type { VrrpInstance } from '../../src/config/vrrp.js';
import { SyncGroups } from '../../src/daemon/sync-groups.js';
import { AnnouncementQueues } from '../../src/ha/vrrp/announcement-queues.js';
import { type VrrpFact, VrrpSpeaker } from '../../src/ha/vrrp/speaker.js';
import type { IpAddress } from '../../src/net/address.js';
import { SimulatedOwner } from '../sim/address-owner.js';
import { driftingClock } from '../sim/drift.js';
import { SimulatedProcess } from '../sim/process.js';
import type { WirePort } from '../sim/wire.js';
import type { World } from '../sim/world.js';

export class SimulatedRouter {
  readonly port: WirePort;
  readonly #world: World;
  readonly #rate: number;
  readonly #owners = new Map<string, SimulatedOwner>();
  readonly #latencyMsMax: number;
  #instances: readonly VrrpInstance[];
  #process: SimulatedProcess | null = null;
  #speakers = new Map<string, VrrpSpeaker>();
  #facts = new Map<string, VrrpFact>();
  /** Changes of state of any instance. */
  changes = 0;

  constructor(
    world: World,
    address: IpAddress,
    instances: readonly VrrpInstance[],
    { rate, latencyMsMax }: { readonly rate: number; readonly latencyMsMax: number },
  ) {
    this.#world = world;
    this.#rate = rate;
    this.#latencyMsMax = latencyMsMax;
    this.#instances = instances;
    this.port = world.wire.attach(address);
  }

  get address(): IpAddress {
    return this.port.address;
  }

  get instances(): readonly VrrpInstance[] {
    return this.#instances;
  }

  get isRunning(): boolean {
    return this.#process?.isRunning ?? false;
  }

  state(instance: string): VrrpFact['state'] {
    return this.#process === null ? 'INIT' : (this.#facts.get(instance)?.state ?? 'INIT');
  }

  start(): void {
    if (this.#process !== null) return;
    this.#tell('starts');
    const process = new SimulatedProcess();
    this.#process = process;
    this.#facts = new Map();
    const groups = new SyncGroups();
    groups.configure(this.#instances);
    const clock = process.clock(driftingClock(this.#world.clock, this.#rate));
    const announcements = new AnnouncementQueues(clock);
    this.#speakers = new Map(
      this.#instances.map((instance) => {
        const speaker = new VrrpSpeaker({
          instance,
          sourceAddress: this.address,
          clock,
          epochMs: () => clock.nowMs(),
          packets: process.packets(this.port),
          owner: process.owner(this.#ownerOf(instance)),
          announcements,
          log: { write: (_level, line) => this.#tell(`log: ${line}`) },
          report: (fact) => this.#report(fact, groups),
        });
        return [instance.name, speaker];
      }),
    );
    for (const speaker of this.#speakers.values()) speaker.start({ resumes: false });
  }

  kill(): void {
    if (this.#process === null) return;
    this.#tell('is killed');
    this.#process.kill();
    this.#process = null;
  }

  async stopGracefully(): Promise<void> {
    const process = this.#process;
    if (process === null || !process.isRunning) return;
    this.#tell('stops');
    await Promise.all([...this.#speakers.values()].map((speaker) => speaker.stop()));
    if (this.#process === process) this.kill();
  }

  stall(durationMs: number): void {
    const process = this.#process;
    if (process === null || !process.isRunning) return;
    this.#tell(`stands still for ${durationMs.toFixed(0)} ms`);
    process.stop();
    this.#world.clock.setTimer(durationMs, () => process.continue(false));
  }

  reload(instances: readonly VrrpInstance[]): void {
    this.#tell('reloads');
    this.#instances = instances;
    this.#process?.reach('packet', () => {
      for (const instance of instances) this.#speakers.get(instance.name)?.reconfigure(instance);
    });
  }

  #report(fact: VrrpFact, groups: SyncGroups): void {
    if (this.#facts.get(fact.instance)?.state !== fact.state) this.changes += 1;
    this.#facts.set(fact.instance, fact);
    const order = groups.follow(fact);
    const instance = this.#instances.find(({ name }) => name === fact.instance);
    if (order === null || instance === undefined) return;
    for (const { name } of groups.othersOf(instance)) this.#speakers.get(name)?.followGroup(order);
  }

  #ownerOf({ name }: VrrpInstance): SimulatedOwner {
    const known = this.#owners.get(name);
    if (known !== undefined) return known;
    const owner = new SimulatedOwner(this.#world.clock, this.#world.random, this.#latencyMsMax);
    this.#owners.set(name, owner);
    return owner;
  }

  #tell(what: string): void {
    this.#world.tell(`${this.address} ${what}`);
  }
}
