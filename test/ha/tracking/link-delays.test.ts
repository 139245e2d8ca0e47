import t from 'tap';
import { SettledLinks } from '../../../src/ha/tracking/link-delays.js';
import { SimulatedClock } from '../../sim/clock.js';

function stage() {
  const clock = new SimulatedClock();
  const turns: number[] = [];
  const links = new SettledLinks(clock, () => turns.push(clock.nowMs()));
  links.configure([{ interface: 'eth0', downMs: 500, upMs: 1000 }]);
  return { clock, turns, links };
}

t.test('a change counts when it has lasted', (t) => {
  const { clock, turns, links } = stage();
  t.equal(links.see('eth0', true), true);
  t.equal(links.see('eth0', false), true);
  clock.advance(400);
  t.equal(links.see('eth0', false), true, 'a second look does not begin anew');
  clock.advance(100);
  t.same(turns, [500]);
  t.equal(links.see('eth0', false), false);
  t.equal(links.see('eth0', true), false);
  clock.advance(999);
  t.equal(links.see('eth0', false), false, 'it went again');
  clock.advance(5000);
  t.same(turns, [500]);
  links.see('eth0', true);
  clock.advance(1000);
  t.equal(links.see('eth0', true), true);
  t.end();
});

t.test('without a delay, at first sight and after a stop nothing waits', (t) => {
  const { clock, turns, links } = stage();
  t.equal(links.see('eth1', true), true);
  t.equal(links.see('eth1', false), false);
  t.equal(links.see('eth0', false), false, 'down from the start');
  links.configure([{ interface: 'eth0', downMs: 500, upMs: 0 }]);
  t.equal(links.see('eth0', true), true, 'no delay for up');
  links.see('eth0', false);
  links.configure([]);
  t.equal(links.see('eth0', false), false, 'the delay is gone');
  links.configure([{ interface: 'eth0', downMs: 500, upMs: 0 }]);
  links.see('eth0', true);
  links.see('eth0', false);
  links.stop();
  clock.advance(5000);
  t.same(turns, []);
  t.end();
});
