import t from 'tap';
import { OversizeWatch } from '../../src/dataplane/oversize-watch.js';
import { SimulatedClock } from '../sim/clock.js';

t.test('one line, when the first frame was cut short, with the word that helps', (t) => {
  const clock = new SimulatedClock();
  const lines: string[] = [];
  let count: number | null = null;
  new OversizeWatch({
    clock,
    log: { write: (_level, line) => lines.push(line) },
    truncated: () => count,
  });
  clock.advance(20_000);
  count = 0;
  clock.advance(20_000);
  t.same(lines, [], 'nothing to say');
  count = 7;
  clock.advance(60_000);
  t.equal(lines.length, 1);
  t.match(lines[0], /^7 frames were cut short.*ethtool -K INTERFACE tso off gso off/);
  t.end();
});

t.test('a stopped watch is silent', (t) => {
  const clock = new SimulatedClock();
  const lines: string[] = [];
  const log = { write: (_level: string, line: string) => lines.push(line) };
  new OversizeWatch({ clock, log, truncated: () => 1 }).stop();
  clock.advance(60_000);
  t.same(lines, []);
  t.end();
});
