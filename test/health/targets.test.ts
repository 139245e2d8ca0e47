import t from 'tap';
import { failedServerKey } from '../../src/dataplane/desired.js';
import { serverKeyOf, targetsOf } from '../../src/health/targets.js';
import { configOf, endpointOf, realServer, virtualServer } from '../dataplane/examples.js';
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

t.test('the data plane and the checkers name a real server alike', (t) => {
  for (const name of ['192.0.2.1 80', 'group web']) {
    for (const protocol of ['TCP', 'UDP'] as const) {
      for (const endpoint of ['10.0.1.2:80', '2001:db8::1:80'].map(endpointOf)) {
        t.equal(
          serverKeyOf({ name, protocol }, endpoint),
          failedServerKey({ name, protocol }, endpoint),
        );
      }
    }
  }
  t.end();
});
