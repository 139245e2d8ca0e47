import t from 'tap';
import { SimulatedClock } from './clock.js';
import { between, integer, pick, seededRandom } from './random.js';

t.test('timers run in order of time, then of setting', (t) => {
  const clock = new SimulatedClock();
  const ran: string[] = [];
  const note = (name: string) => () => ran.push(`${name} ${clock.nowMs()}`);
  clock.setTimer(20, note('late'));
  clock.setTimer(10, note('first'));
  clock.setTimer(10, () => {
    note('second')();
    clock.setTimer(0, note('child'));
  });
  clock.setTimer(10, note('third'));
  clock.setTimer(5, note('cancelled')).cancel();
  clock.advance(15);
  t.strictSame(ran, ['first 10', 'second 10', 'third 10', 'child 10']);
  t.equal(clock.nowMs(), 15);
  clock.advance(5);
  t.equal(ran.at(-1), 'late 20');
  t.throws(() => clock.setTimer(-1, () => undefined), /assertion/);
  t.end();
});

t.test('a seed is a sequence', (t) => {
  const [one, same, other] = [seededRandom(1), seededRandom(1), seededRandom(2)];
  const numbers = Array.from({ length: 1000 }, one);
  t.equal(Array.from({ length: 1000 }, same).join(), numbers.join());
  t.not(other(), numbers[0]);
  t.ok(numbers.every((number) => number >= 0 && number < 1));
  const mean = numbers.reduce((sum, number) => sum + number) / numbers.length;
  t.ok(Math.abs(mean - 0.5) < 0.05, `mean ${mean}`);
  const rolls = new Set(Array.from({ length: 200 }, () => integer(one, 1, 6)));
  t.strictSame([...rolls].sort(), [1, 2, 3, 4, 5, 6]);
  t.ok(between(one, 5, 6) >= 5);
  t.equal(pick(one, ['only']), 'only');
  t.end();
});
