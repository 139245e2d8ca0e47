// Watches two hosts that share one virtual address and says when they break VRRP's promises: who
// may take the address while the other still holds it, and for how long.
import type { Prefix } from '../../src/net/prefix.js';
import type { Host, World } from './world.js';

export type WatchLimits = {
  /** What an advert, the calls under way and a release may take together. */
  readonly handoverMs: number;
  /** What a lease may outlive its owner's last advert, one more advert included. */
  readonly aftermathMs: number;
};

export class VrrpWatch {
  readonly #world: World;
  readonly #hosts: readonly [Host, Host];
  readonly #address: Prefix;
  readonly #limits: WatchLimits;
  readonly #heldSinceMs = new Map<Host, number>();
  /** When each host last became MASTER with reason; its addresses come a moment later. */
  readonly #electedMs = new Map<Host, number>();
  #bothSinceMs: number | null = null;
  #overlaps = 0;
  violation: string | null = null;

  constructor(world: World, hosts: readonly [Host, Host], address: Prefix, limits: WatchLimits) {
    this.#world = world;
    this.#hosts = hosts;
    this.#address = address;
    this.#limits = limits;
    const [left, right] = hosts;
    left.entered = (state) => this.#judgeElection(left, right, state);
    right.entered = (state) => this.#judgeElection(right, left, state);
  }

  get holders(): readonly Host[] {
    return this.#hosts.filter((host) => host.holds(this.#address));
  }

  /** How often both held the address for a moment, however rightly. */
  get overlaps(): number {
    return this.#overlaps;
  }

  look(): void {
    const [left, right] = this.#hosts;
    this.#judgeAcquisition(left, right);
    this.#judgeAcquisition(right, left);
    this.#judgeOverlap();
  }

  #judgeElection(host: Host, other: Host, state: Host['state']): void {
    if (state !== 'MASTER' || !this.#mayJoin(host, other)) return;
    this.#electedMs.set(host, this.#world.clock.nowMs());
  }

  #judgeAcquisition(host: Host, other: Host): void {
    const nowMs = this.#world.clock.nowMs();
    if (!host.holds(this.#address)) {
      this.#heldSinceMs.delete(host);
      return;
    }
    if (this.#heldSinceMs.has(host)) return;
    this.#heldSinceMs.set(host, nowMs);
    this.#world.tell(`${host.address} holds the address`);
    if (!other.holds(this.#address) || this.#mayJoin(host, other)) return;
    this.#violate(`${host.address} took the address that ${other.address} still held`);
  }

  #mayJoin(host: Host, other: Host): boolean {
    const nowMs = this.#world.clock.nowMs();
    const isPreempting = host.instance.preempts && host.instance.priority > other.instance.priority;
    const isElection = nowMs - (this.#heldSinceMs.get(other) ?? nowMs) <= this.#limits.handoverMs;
    const electedMs = this.#electedMs.get(host) ?? Number.NEGATIVE_INFINITY;
    const isElected = nowMs - electedMs <= this.#limits.handoverMs;
    const isLettingGo = other.state !== 'MASTER';
    if (isPreempting || isElection || isElected || isLettingGo) return true;
    const missed = this.#world.wire.missedInARow(other.address, host.address);
    const disturbedMs = Math.max(host.disturbedMs, other.disturbedMs);
    const isDisturbed = nowMs - disturbedMs < 2 * this.#limits.aftermathMs;
    return missed >= 3 || (missed >= 1 && isDisturbed);
  }

  #judgeOverlap(): void {
    const nowMs = this.#world.clock.nowMs();
    if (this.holders.length < 2) {
      this.#bothSinceMs = null;
      return;
    }
    if (this.#bothSinceMs === null) {
      this.#bothSinceMs = nowMs;
      this.#overlaps += 1;
    }
    const { handoverMs, aftermathMs } = this.#limits;
    const troubleMs = Math.max(
      this.#world.wire.lastLossMs,
      ...this.#hosts.map(({ disturbedMs }) => disturbedMs),
    );
    const areRunning = this.#hosts.every(({ isRunning }) => isRunning);
    const isCalm = areRunning && troubleMs < this.#bothSinceMs - handoverMs;
    const sinceMs = Math.max(this.#bothSinceMs, troubleMs);
    const allowedMs = isCalm ? handoverMs : aftermathMs + handoverMs;
    if (nowMs - sinceMs > allowedMs) this.#violate('both held the address too long');
  }

  #violate(what: string): void {
    this.#world.tell(`VIOLATION: ${what}`);
    this.violation ??= `at ${(this.#world.clock.nowMs() / 1000).toFixed(4)} s: ${what}`;
  }
}
