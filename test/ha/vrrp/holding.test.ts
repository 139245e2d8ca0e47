import { err, ok, type Result } from 'neverthrow';
import t from 'tap';
import { Holding } from '../../../src/ha/vrrp/holding.js';
import type { AddressOwner, AddressOwnerError } from '../../../src/ports/address-owner.js';
import { SimulatedClock } from '../../sim/clock.js';
import { secondAddress, virtualAddress } from './instance.js';

type Outcome = Result<void, AddressOwnerError>;

/** An owner that answers when the test says so. */
class SlowOwner implements AddressOwner {
  readonly calls: string[] = [];
  readonly #answers: ((outcome: Outcome) => void)[] = [];

  lease(addresses: readonly unknown[], durationMs: number | null): Promise<Outcome> {
    return this.#call(`lease ${addresses.length} for ${durationMs}`);
  }

  release(addresses: readonly unknown[]): Promise<Outcome> {
    return this.#call(`release ${addresses.length}`);
  }

  announce(addresses: readonly unknown[]): Promise<Outcome> {
    return this.#call(`announce ${addresses.length}`);
  }

  held(): Promise<Result<readonly never[], AddressOwnerError>> {
    return Promise.resolve(ok([]));
  }

  async answer(outcome: Outcome = ok(undefined)): Promise<void> {
    this.#answers.shift()?.(outcome);
    await new Promise(setImmediate);
  }

  /** Answers everything, and everything that follows from it. */
  async answerAll(): Promise<void> {
    while (this.#answers.length > 0) await this.answer();
  }

  #call(call: string): Promise<Outcome> {
    this.calls.push(call);
    return new Promise((resolve) => this.#answers.push(resolve));
  }
}

function world(): {
  owner: SlowOwner;
  clock: SimulatedClock;
  holding: Holding;
  failures: string[];
} {
  const owner = new SlowOwner();
  const clock = new SimulatedClock();
  const failures: string[] = [];
  const holding = new Holding(owner, clock, (reason) => failures.push(reason));
  return { owner, clock, holding, failures };
}

const one = [virtualAddress];
const two = [virtualAddress, secondAddress];

t.test('calls go out in order, the first at once', async (t) => {
  const { owner, holding } = world();
  holding.hold(one, 2900);
  const announced = holding.announce(one);
  t.strictSame(owner.calls, ['lease 1 for 2900']);
  await owner.answerAll();
  t.strictSame(owner.calls, ['lease 1 for 2900', 'announce 1']);
  t.ok(await announced);
  holding.release(one);
  let isSettled = false;
  const settled = holding.settled().then(() => {
    isSettled = true;
  });
  t.notOk(isSettled);
  await owner.answerAll();
  await settled;
  t.equal(owner.calls.at(-1), 'release 1');
});

t.test('a slow owner gets the newest renewal, for the time that is left', async (t) => {
  const { owner, clock, holding } = world();
  holding.hold(one, 2900);
  clock.advance(1000);
  holding.hold(one, 3900);
  clock.advance(1000);
  holding.hold(two, 4900);
  clock.advance(500);
  await owner.answerAll();
  t.strictSame(owner.calls, ['lease 1 for 2900', 'lease 2 for 2400']);
});

t.test('a renewal that comes after its deadline is none', async (t) => {
  const { owner, clock, holding } = world();
  holding.hold(one, 2900);
  clock.advance(1000);
  holding.hold(one, 3900);
  clock.advance(3000);
  t.ok(holding.isExpired);
  await owner.answerAll();
  t.strictSame(owner.calls, ['lease 1 for 2900']);
});

t.test('what is held anew after a release is not released', async (t) => {
  const { owner, holding } = world();
  holding.hold(one, 2900);
  holding.hold(one, 2900);
  holding.release(one);
  holding.hold(two, 2900);
  await owner.answerAll();
  // The second lease was still waiting: it would bring back for a moment what may have run out.
  t.strictSame(owner.calls, ['lease 1 for 2900', 'release 1', 'lease 2 for 2900']);
});

t.test('what has gone meanwhile is not announced', async (t) => {
  const { owner, holding } = world();
  holding.hold(one, 2900);
  const announced = holding.announce(one);
  holding.release(one);
  await owner.answerAll();
  t.strictSame(owner.calls, ['lease 1 for 2900', 'release 1']);
  t.notOk(await announced);
});

t.test('an announcement that fails says so', async (t) => {
  const { owner, holding, failures } = world();
  const announced = holding.announce(one);
  await owner.answer(err({ type: 'address_owner.failed', reason: 'gone' }));
  t.notOk(await announced);
  t.strictSame(failures, ['gone']);
});

t.test('expiry', (t) => {
  const { clock, holding } = world();
  t.notOk(holding.isExpired, 'nothing held');
  holding.hold(one, 2900);
  clock.advance(2899);
  t.notOk(holding.isExpired);
  clock.advance(1);
  t.ok(holding.isExpired);
  holding.release(one);
  t.notOk(holding.isExpired, 'released');
  holding.hold(one, null);
  clock.advance(1_000_000);
  t.notOk(holding.isExpired, 'not leased');
  t.end();
});

t.test('a failure is told once until it changes', async (t) => {
  const { owner, holding, failures } = world();
  const outcomes = ['full', 'full', 'gone', null, 'gone'];
  for (const reason of outcomes) {
    holding.release(one);
    await owner.answer(
      reason === null ? ok(undefined) : err({ type: 'address_owner.failed', reason }),
    );
  }
  t.strictSame(failures, ['full', 'gone', 'gone']);
});
