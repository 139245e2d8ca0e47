import t from 'tap';
import { NeighborLog } from '../../../src/routing/bgp/neighbor-log.js';
import { SimulatedClock } from '../../sim/clock.js';

t.test('a neighbour that flaps does not fill the log, and what is left out is counted', (t) => {
  const clock = new SimulatedClock();
  const lines: string[] = [];
  const log = new NeighborLog({ write: (_level, line) => lines.push(line) }, clock, 'n');
  for (let index = 0; index < 100; index += 1) log.write('notice', `line ${index}`);
  t.equal(lines.length, 30);
  t.equal(lines[0], 'n: line 0');
  clock.advance(60_000);
  t.equal(lines.at(-1), 'n: 70 lines are left out: more than 10 a minute');
  for (let index = 0; index < 100; index += 1) log.write('notice', 'more');
  t.equal(lines.filter((line) => line === 'n: more').length, 10);
  log.close();
  t.match(lines.at(-1), /n: 90 lines are left out/);
  const { length } = lines;
  clock.advance(120_000);
  t.equal(lines.length, length, 'nothing is said twice');
  t.end();
});
