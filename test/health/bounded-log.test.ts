import t from 'tap';
import { BoundedLog } from '../../src/health/bounded-log.js';
import { SimulatedClock } from '../sim/clock.js';

t.test('a flood is counted, and what comes slowly is all there', (t) => {
  const clock = new SimulatedClock();
  const lines: string[] = [];
  const log = new BoundedLog({ write: (_severity, line) => lines.push(line) }, clock);
  for (let number = 0; number < 10_000; number++) log.write('info', `line ${number}`);
  t.equal(lines.length, 1000);
  clock.advance(1000);
  t.equal(lines.length, 1001);
  t.equal(lines.at(-1), '9000 lines about servers and checks are left out: more than 100 a second');
  for (let number = 0; number < 150; number++) log.write('info', `later ${number}`);
  t.equal(lines.length, 1101, 'a second has made room for a hundred');
  clock.advance(1000);
  t.match(lines.at(-1), /^50 lines/);
  for (let number = 0; number < 500; number++) {
    clock.advance(10);
    log.write('info', 'slowly');
  }
  t.equal(lines.filter((line) => line === 'slowly').length, 500);
  clock.advance(60_000);
  t.equal(lines.at(-1), 'slowly', 'nothing more to say');
  t.end();
});
