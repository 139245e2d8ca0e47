// Frames larger than a packet buffer arrive when a sender leaves segmentation to hardware that is
// not there (TSO over veth and virtio). They are counted; the operator is told once what to do.
import type { Clock, Timer } from '../ports/clock.js';
import type { Log } from '../ports/log.js';

const intervalMs = 5_000;

export type OversizeWorld = {
  readonly clock: Clock;
  readonly log: Log;
  /** Frames dropped as truncated since the start; null: the data plane is not open. */
  readonly truncated: () => number | null;
};

export class OversizeWatch {
  readonly #world: OversizeWorld;
  #timer: Timer;

  constructor(world: OversizeWorld) {
    this.#world = world;
    this.#timer = this.#again();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #again(): Timer {
    return this.#world.clock.setTimer(intervalMs, () => {
      const count = this.#world.truncated() ?? 0;
      if (count === 0) this.#timer = this.#again();
      else this.#world.log.write('warning', sentence(count));
    });
  }
}

function sentence(count: number): string {
  return (
    `${count} frames were cut short, as when a sender hands over segments larger than the MTU: ` +
    'on its interface, run ethtool -K INTERFACE tso off gso off ' +
    '(the count goes on as drop_truncated)'
  );
}
