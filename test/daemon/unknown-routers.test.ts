import t from 'tap';
import { UnknownRouters } from '../../src/daemon/unknown-routers.js';
import { instance } from '../ha/vrrp/instance.js';
import { SimulatedClock } from '../sim/clock.js';

t.test('routers that the file does not have are named, once a minute', (t) => {
  const clock = new SimulatedClock();
  const lines: string[] = [];
  const routers = new UnknownRouters(clock, { write: (_level, line) => lines.push(line) });
  const hear = (virtualRouterId: number, family: 'ipv4' | 'ipv6' = 'ipv4', name = 'eth0') => {
    routers.heard({ interface: name, family, virtualRouterId });
    return lines.splice(0);
  };
  const known = instance({ virtualRouterId: 51 });
  t.strictSame(hear(7), [], 'not before it is wanted');
  routers.configure(false, [known]);
  t.strictSame(hear(7), []);
  routers.configure(true, [known]);
  t.strictSame(hear(51), [], 'known, though it does not listen now');
  t.strictSame(hear(7), ['Unknown VRID(7) received on interface(eth0). ignoring...']);
  t.strictSame(hear(7), []);
  t.equal(hear(51, 'ipv6').length, 1);
  t.equal(hear(51, 'ipv4', 'eth1').length, 1);
  clock.setTimer(60_000, () => undefined);
  clock.runNext(60_000);
  t.equal(hear(7).length, 1);
  t.end();
});
