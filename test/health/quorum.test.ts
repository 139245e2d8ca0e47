import t from 'tap';
import { failedServersOf, virtualServerState } from '../../src/health/quorum.js';
import { targetsOf } from '../../src/health/targets.js';
import { configOf, realServer, virtualServer } from '../dataplane/examples.js';
import { tcpCheck } from './examples.js';

const web = virtualServer('192.0.2.1:80', [
  realServer('10.0.1.2:80', { weight: 5, checkers: [tcpCheck(), tcpCheck()] }),
  realServer('10.0.1.3:80', { weight: 3, checkers: [tcpCheck()] }),
  realServer('10.0.1.4:80', { weight: 0 }),
]);
const targets = targetsOf(configOf({ virtualServers: [web] }));
const [first, second, third] = targets.map(({ id }) => id);

function failing(...ids: (string | undefined)[]): ReadonlySet<string> {
  return new Set(ids.filter((id) => id !== undefined));
}

t.test('a server is alive while all its checkers are up', (t) => {
  const cases: readonly [ReadonlySet<string>, string[]][] = [
    [failing(), []],
    [failing(first), ['192.0.2.1 80 TCP 10.0.1.2:80']],
    [failing(second), ['192.0.2.1 80 TCP 10.0.1.2:80']],
    [failing(first, second), ['192.0.2.1 80 TCP 10.0.1.2:80']],
    [failing(third), ['192.0.2.1 80 TCP 10.0.1.3:80']],
    [failing('long gone'), []],
  ];
  for (const [failed, expected] of cases) {
    t.same([...failedServersOf(targets, failed)], expected);
  }
  t.end();
});

t.test('the quorum needs weight', (t) => {
  t.same(virtualServerState(web, failing()), { aliveWeight: 8, hasQuorum: true });
  t.same(virtualServerState(web, failing(first)), { aliveWeight: 3, hasQuorum: true });
  t.same(virtualServerState(web, failing(first, third)), { aliveWeight: 0, hasQuorum: false });
  t.end();
});
