// A kernel interface or data plane that holds leased addresses on virtual time; it outlives
// processes.
import { ok, type Result } from 'neverthrow';
import { formatPrefix, type Prefix } from '../../src/net/prefix.js';
import type { AddressOwner, AddressOwnerError } from '../../src/ports/address-owner.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Random } from '../../src/ports/random.js';
import { between } from './random.js';

type Answer<T> = Promise<Result<T, AddressOwnerError>>;

export class SimulatedOwner implements AddressOwner {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #latencyMsMax: number;
  /** Infinity: until released. */
  readonly #deadlinesMs = new Map<string, number>();
  /** Every call in the order of arrival, e.g. "lease 10.0.0.100/32 2900". */
  readonly calls: string[] = [];

  constructor(clock: Clock, random: Random, latencyMsMax: number) {
    this.#clock = clock;
    this.#random = random;
    this.#latencyMsMax = latencyMsMax;
  }

  lease(addresses: readonly Prefix[], durationMs: number | null): Answer<void> {
    return this.#answer(`lease ${textOf(addresses)} ${durationMs}`, () => {
      const deadlineMs = durationMs === null ? Infinity : this.#clock.nowMs() + durationMs;
      for (const prefix of addresses) this.#deadlinesMs.set(formatPrefix(prefix), deadlineMs);
    });
  }

  release(addresses: readonly Prefix[]): Answer<void> {
    return this.#answer(`release ${textOf(addresses)}`, () => {
      for (const prefix of addresses) this.#deadlinesMs.delete(formatPrefix(prefix));
    });
  }

  announce(addresses: readonly Prefix[]): Answer<void> {
    return this.#answer(`announce ${textOf(addresses)}`, () => undefined);
  }

  held(addresses: readonly Prefix[]): Answer<readonly Prefix[]> {
    return Promise.resolve(ok(addresses.filter((prefix) => this.holds(prefix))));
  }

  holds(prefix: Prefix): boolean {
    return (this.#deadlinesMs.get(formatPrefix(prefix)) ?? 0) > this.#clock.nowMs();
  }

  #answer(call: string, applied: () => void): Answer<void> {
    this.calls.push(call);
    if (this.#latencyMsMax === 0) {
      applied();
      return Promise.resolve(ok(undefined));
    }
    return new Promise((resolve) => {
      this.#clock.setTimer(between(this.#random, 0, this.#latencyMsMax), () => {
        applied();
        resolve(ok(undefined));
      });
    });
  }
}

function textOf(addresses: readonly Prefix[]): string {
  return addresses.map(formatPrefix).join(' ');
}
