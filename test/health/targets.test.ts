import t from 'tap';
import type { Checker } from '../../src/config/checkers/checkers.js';
import { targetsOf } from '../../src/health/targets.js';
import { configOf, realServer, virtualServer } from '../dataplane/examples.js';
import { tcpCheck } from './examples.js';

t.test('one target per checker, with an id of its own', (t) => {
  const checkers = [tcpCheck(), tcpCheck({ connectTimeoutMs: 1 })];
  const servers = [
    realServer('10.0.1.2:80', { checkers }),
    realServer('10.0.1.3:80', { checkers }),
    realServer('10.0.1.4:80'),
  ];
  const targets = targetsOf(
    configOf({
      virtualServers: [
        virtualServer('192.0.2.1:80', servers),
        virtualServer('192.0.2.1:80', servers, { protocol: 'UDP' }),
      ],
    }),
  );
  t.equal(targets.length, 8);
  t.equal(new Set(targets.map(({ id }) => id)).size, 8);
  t.match(targets[1], {
    id: '192.0.2.1 80 TCP 10.0.1.2:80 TCP_CHECK 1',
    serverKey: '192.0.2.1 80 TCP 10.0.1.2:80',
    checker: { connectTimeoutMs: 1 },
  });
  t.end();
});

t.test('a real server listed twice is monitored once', (t) => {
  const twice = realServer('10.0.1.2:80', { checkers: [tcpCheck()] });
  const config = configOf({ virtualServers: [virtualServer('192.0.2.1:80', [twice, twice])] });
  t.equal(targetsOf(config).length, 1);
  t.end();
});

t.test('a checker of another kind in front changes no id', (t) => {
  const server = (checkers: readonly Checker[]) => realServer('10.0.1.2:80', { checkers });
  const file = { type: 'FILE_CHECK', name: 'f', weight: 1, isReversed: false } as const;
  const idsOf = (checkers: readonly Checker[]): string[] => {
    const service = virtualServer('192.0.2.1:80', [server(checkers)]);
    return targetsOf(configOf({ virtualServers: [service] })).map(({ id }) => id);
  };
  const before = idsOf([tcpCheck(), tcpCheck()]);
  const after = idsOf([{ ...file, startsDown: false }, tcpCheck(), tcpCheck()]);
  t.same(after.slice(1), before);
  t.end();
});
