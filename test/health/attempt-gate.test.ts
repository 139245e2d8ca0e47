import t from 'tap';
import { AttemptGate } from '../../src/health/attempt-gate.js';
import { SimulatedClock } from '../sim/clock.js';

function stage(underWayMax: number) {
  const clock = new SimulatedClock();
  const lines: string[] = [];
  const gate = new AttemptGate(clock, { write: (_level, line) => lines.push(line) }, underWayMax);
  const begun: string[] = [];
  const enter = (name: string, isWanted = true, intervalMs = 1000): void =>
    gate.enter(clock.nowMs(), intervalMs, () => {
      if (isWanted) begun.push(name);
      return isWanted;
    });
  return { clock, lines, gate, begun, enter };
}

t.test('no more than so many are under way; the others follow in their order', (t) => {
  const { gate, begun, enter } = stage(2);
  for (const name of ['a', 'b', 'c', 'd', 'e']) enter(name, name !== 'c');
  t.same(begun, ['a', 'b']);
  t.match(gate.measures, { started: 2, underWay: 2, waiting: 3, late: 0 });
  gate.leave();
  t.same(begun, ['a', 'b', 'd'], 'c is not wanted any more and takes no place');
  gate.leave();
  gate.leave();
  t.match(gate.measures, { started: 4, underWay: 1, waiting: 0 });
  t.end();
});

t.test('what begins late is counted and said once a minute', (t) => {
  const { clock, lines, gate, enter } = stage(1);
  enter('a');
  for (let number = 0; number < 5; number++) enter(`b${number}`);
  for (let number = 0; number < 3; number++) {
    clock.advance(90);
    gate.leave();
  }
  t.match(gate.measures, { late: 2, worstLatenessMs: 270 }, 'the first had a tenth of its second');
  t.same(lines, [
    '1 checks began up to 0.180 s late (1 are under way, 3 wait): longer intervals would be kept',
  ]);
  clock.advance(61_000);
  gate.leave();
  t.match(lines[1], /^2 checks began up to 61\.270 s late/);
  t.end();
});
