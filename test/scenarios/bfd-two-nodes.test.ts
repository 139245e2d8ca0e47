// Two of our BFD nodes over a wire that loses, delays and is cut, as seeds have it: `SEED=42`
// replays one story. Never is one side Up for longer than its detection time while the other is
// Down.
import assert from 'node:assert/strict';
import t from 'tap';
import type { BfdSettings } from '../../src/config/bfd.js';
import { type BfdNode, BfdSimulation, settings } from '../routing/bfd/bfd-world.js';
import { between, chance, integer } from '../sim/random.js';

const seeds =
  process.env['SEED'] === undefined
    ? Array.from({ length: 200 }, (_, index) => index + 1)
    : [Number(process.env['SEED'])];
const storyMs = 60_000;
const delayMsMax = 4;

class Story {
  readonly #world: BfdSimulation;
  readonly #nodes: readonly [BfdNode, BfdNode];
  /** Since when each is Up while the other is not; null: that is not so. */
  readonly #alone: [number | null, number | null] = [null, null];
  /** The longest detection time that held while it was so. */
  readonly #boundsMs: [number, number] = [0, 0];

  constructor(seed: number) {
    const world = new BfdSimulation(seed);
    this.#world = world;
    const left = world.node('192.0.2.1');
    const right = world.node('192.0.2.2');
    this.#nodes = [left, right];
    this.#configure(0);
    this.#configure(1);
  }

  run(): void {
    const { clock } = this.#world;
    for (let nextMs = 0; clock.nowMs() < storyMs; ) {
      nextMs += between(this.#world.random, 200, 3_000);
      this.#play(nextMs);
      this.#change();
    }
    this.#calm();
    this.#play(clock.nowMs() + 10_000);
    for (const node of this.#nodes) assert.equal(node.fact().state, 'Up', 'at last');
  }

  #play(untilMs: number): void {
    while (this.#world.clock.runNext(untilMs)) this.#judge();
  }

  #judge(): void {
    const nowMs = this.#world.clock.nowMs();
    for (const side of [0, 1] as const) {
      const mine = this.#nodes[side].fact();
      const other = this.#nodes[side === 0 ? 1 : 0].fact();
      // One in Init is on its way: it speaks, and hears the other or is Down after its own time.
      const isDown = other.state === 'Down' || other.state === 'AdminDown';
      if (mine.state !== 'Up' || !isDown) {
        this.#alone[side] = null;
        this.#boundsMs[side] = 0;
        continue;
      }
      // From the packet that said more, a longer detection time may hold.
      this.#boundsMs[side] = Math.max(this.#boundsMs[side], mine.detectionMs ?? 0);
      const sinceMs = this.#alone[side] ?? nowMs;
      this.#alone[side] = sinceMs;
      const aloneMs = nowMs - sinceMs;
      const boundMs = this.#boundsMs[side] + delayMsMax + 1;
      assert.ok(aloneMs <= boundMs, `side ${side} is Up alone for ${aloneMs} ms, not ${boundMs}`);
    }
  }

  #change(): void {
    const { hops, random } = this.#world;
    hops.lossPercent = chance(random, 50) ? 0 : integer(random, 0, 60);
    hops.delayMsMax = between(random, 0, delayMsMax);
    const [left, right] = this.#nodes;
    const cut = integer(random, 0, 5);
    hops.isCut = (from) =>
      cut === 1 || (cut === 2 && from === left.address) || (cut === 3 && from === right.address);
    if (chance(random, 20)) this.#configure(integer(random, 0, 1) === 0 ? 0 : 1);
    // Started anew: another discriminator, while the other side still knows the former.
    if (chance(random, 10)) this.#restart(integer(random, 0, 1) === 0 ? 0 : 1);
  }

  #calm(): void {
    const { hops } = this.#world;
    hops.lossPercent = 0;
    hops.isCut = () => false;
  }

  #configure(side: 0 | 1): void {
    this.#nodes[side].configure({ session: this.#settings(side) });
  }

  #restart(side: 0 | 1): void {
    this.#nodes[side].configure({});
    this.#configure(side);
  }

  #settings(side: 0 | 1): BfdSettings {
    const { random } = this.#world;
    return settings(side === 0 ? '192.0.2.2' : '192.0.2.1', {
      minTxMs: integer(random, 10, 300),
      minRxMs: integer(random, 10, 300),
      multiplier: integer(random, 1, 5),
    });
  }
}

t.test('never Up on one side alone for longer than its detection time', async () => {
  for (const seed of seeds) {
    try {
      new Story(seed).run();
    } catch (error) {
      throw new Error(`SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
});
