// Hosts on one wire, each with a kernel that holds addresses and a process that runs a VRRP
// speaker. Everything that can happen to such a cluster is a method here; time passes in `runUntil`
// only.
import { AnnouncementQueues } from '../../src/ha/vrrp/announcement-queues.js';
import { type VrrpFact, VrrpSpeaker, type VrrpSpeakerOptions } from '../../src/ha/vrrp/speaker.js';
import type { IpAddress } from '../../src/net/address.js';
import type { Prefix } from '../../src/net/prefix.js';
import type { Random } from '../../src/ports/random.js';
import { SimulatedOwner } from './address-owner.js';
import { SimulatedClock } from './clock.js';
import { SimulatedProcess } from './process.js';
import { chance, seededRandom } from './random.js';
import { SimulatedWire, type WirePort } from './wire.js';

type Instance = VrrpSpeakerOptions['instance'];

/** From a change of a link until processes hear of it. */
const notificationMs = 1;

export class World {
  readonly clock = new SimulatedClock();
  readonly random: Random;
  readonly wire: SimulatedWire;
  /** What happened, for the reader of a failed seed. */
  readonly story: string[] = [];

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.wire = new SimulatedWire(this.clock, this.random);
  }

  tell(line: string): void {
    this.story.push(`${(this.clock.nowMs() / 1000).toFixed(4)} ${line}`);
  }

  /** `looked` is called after each thing that happens, with all of its consequences in place. */
  async runUntil(untilMs: number, looked: () => void): Promise<void> {
    do {
      // Every promise that can go on has gone on before an immediate runs.
      await new Promise(setImmediate);
      looked();
    } while (this.clock.runNext(untilMs));
  }
}

export class Host {
  readonly port: WirePort;
  readonly owner: SimulatedOwner;
  readonly #world: World;
  #instance: Instance;
  #process: SimulatedProcess | null = null;
  #speaker: VrrpSpeaker | null = null;
  /** The last that was heard of the speaker, also after its death. */
  #fact: VrrpFact | null = null;
  /** The last time that something was done to the host or its process. */
  disturbedMs = 0;
  /** Called when the speaker enters a state, at that very moment. */
  entered: (state: VrrpFact['state']) => void = () => undefined;

  constructor(world: World, address: IpAddress, instance: Instance, latencyMsMax: number) {
    this.#world = world;
    this.#instance = instance;
    this.port = world.wire.attach(address);
    this.owner = new SimulatedOwner(world.clock, world.random, latencyMsMax);
  }

  get address(): IpAddress {
    return this.port.address;
  }

  get instance(): Instance {
    return this.#instance;
  }

  get state(): VrrpFact['state'] {
    return this.#fact?.state ?? 'INIT';
  }

  get isAlive(): boolean {
    return this.#process !== null;
  }

  get isRunning(): boolean {
    return this.#process?.isRunning ?? false;
  }

  holds(prefix: Prefix): boolean {
    return this.owner.holds(prefix);
  }

  /** Starts a process; it resumes when the lease of an earlier one is alive, as the daemon does. */
  async start(): Promise<void> {
    if (this.#process !== null) return;
    this.#disturb('starts');
    const process = new SimulatedProcess();
    this.#process = process;
    const { clock } = this.#world;
    const speaker = new VrrpSpeaker({
      instance: this.#instance,
      sourceAddress: this.address,
      clock: process.clock(clock),
      epochMs: () => clock.nowMs(),
      packets: process.packets(this.port),
      owner: process.owner(this.owner),
      announcements: new AnnouncementQueues(process.clock(clock)),
      log: { write: (_level, line) => this.#world.tell(`${this.address} log: ${line}`) },
      report: (fact) => {
        const isNew = this.#fact?.state !== fact.state;
        this.#fact = fact;
        if (isNew) this.entered(fact.state);
      },
    });
    this.#speaker = speaker;
    const addresses = this.#instance.virtualAddresses.map(({ prefix }) => prefix);
    const held = await this.owner.held(addresses);
    process.reach('answer', () => {
      speaker.interfaceChanged(this.port.isUp);
      this.#world.wire.forgetMisses(this.address);
      const isComplete = held.isOk() && held.value.length === addresses.length;
      speaker.start({ resumes: this.#instance.leases && isComplete });
    });
  }

  /** SIGKILL */
  kill(): void {
    if (this.#process === null) return;
    this.#disturb('is killed');
    this.#process.kill();
    this.#process = null;
    this.#speaker = null;
  }

  /** SIGTERM */
  async stopGracefully(): Promise<void> {
    const process = this.#process;
    if (process === null || !process.isRunning) return;
    this.#disturb('stops');
    await this.#speaker?.stop();
    if (this.#process === process) this.kill();
  }

  stall(durationMs: number): void {
    const process = this.#process;
    if (process === null || !process.isRunning) return;
    this.#disturb(`stands still for ${durationMs.toFixed(0)} ms`);
    process.stop();
    this.#world.clock.setTimer(durationMs, () => {
      this.#disturb('goes on');
      process.continue(chance(this.#world.random, 30));
    });
  }

  setLink(isUp: boolean): void {
    if (this.port.isUp === isUp) return;
    this.#disturb(isUp ? 'link up' : 'link down');
    this.port.isUp = isUp;
    this.#world.clock.setTimer(notificationMs, () => {
      const speaker = this.#speaker;
      this.#process?.reach('packet', () => {
        this.#world.wire.forgetMisses(this.address);
        speaker?.interfaceChanged(isUp);
      });
    });
  }

  /** SIGHUP with a changed file. */
  reload(instance: Instance): void {
    this.#disturb('reloads');
    this.#instance = instance;
    const speaker = this.#speaker;
    this.#process?.reach('packet', () => speaker?.reconfigure(instance));
  }

  #disturb(what: string): void {
    this.disturbedMs = this.#world.clock.nowMs();
    this.#world.tell(`${this.address} ${what}`);
  }
}
