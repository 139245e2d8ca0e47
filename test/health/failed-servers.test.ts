import fc from 'fast-check';
import t from 'tap';
import { FailedServers } from '../../src/health/failed-servers.js';
import { failedServersOf } from '../../src/health/quorum.js';
import { targetsOf } from '../../src/health/targets.js';
import { configOf, realServer, virtualServer } from '../dataplane/examples.js';
import { tcpCheck } from './examples.js';

const web = virtualServer('192.0.2.1:80', [
  realServer('10.0.1.2:80', { checkers: [tcpCheck(), tcpCheck()] }),
  realServer('10.0.1.3:80', { checkers: [tcpCheck()] }),
]);
const targets = targetsOf(configOf({ virtualServers: [web] }));
const [first = '', second = ''] = targets.map(({ id }) => id);
const serverKey = '192.0.2.1 80 TCP 10.0.1.2:80';

t.test('a server goes down with its first checker and comes up with its last', (t) => {
  const down = new Set<string>();
  const failed = new FailedServers(targets, down);
  t.same(failed.record(first, false), { serverKey, isUp: false });
  down.add(first);
  t.equal(failed.record(first, false), null, 'no news');
  t.equal(failed.record(second, false), null, 'down already');
  down.add(second);
  t.equal(failed.record(first, true), null, 'still down');
  down.delete(first);
  t.same(failed.record(second, true), { serverKey, isUp: true });
  t.equal(failed.record('long gone', false), null);
  t.same([...failed.keys], []);
  t.end();
});

t.test('verdict by verdict it knows what a look at all of them would show', (t) => {
  const id = fc.constantFrom(...targets.map((target) => target.id), 'unknown');
  fc.assert(
    fc.property(fc.array(fc.tuple(id, fc.boolean())), (verdicts) => {
      const down = new Set<string>();
      const failed = new FailedServers(targets, down);
      for (const [target, isUp] of verdicts) {
        failed.record(target, isUp);
        if (isUp) down.delete(target);
        else if (failed.has(target)) down.add(target);
        t.same([...failed.keys].sort(), [...failedServersOf(targets, down)].sort());
      }
    }),
  );
  t.same([...new FailedServers(targets, new Set([second])).keys], [serverKey]);
  t.end();
});
