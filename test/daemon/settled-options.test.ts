import t from 'tap';
import { operationsDefaults } from '../../src/config/operations.js';
import { AddressMonitor } from '../../src/daemon/address-monitor.js';
import { LateTimerLog } from '../../src/daemon/late-timer-log.js';
import { parseOptions } from '../../src/daemon/options.js';
import { pidFilesOf, settledOptions } from '../../src/daemon/settled-options.js';
import { parseMacAddress } from '../../src/net/mac.js';
import { parsePrefix } from '../../src/net/prefix.js';
import { sampleConfig } from './sample-config.js';

const options = (...words: string[]) => {
  const command = parseOptions(words, {})._unsafeUnwrap();
  if (command.type !== 'run') throw new Error('assertion: expected a run');
  return command.options;
};
const operations = (parts: Partial<typeof operationsDefaults>) => ({
  ...operationsDefaults,
  ...parts,
});

t.test('the file settles what the command line leaves open', (t) => {
  const file = operations({ netNamespace: 'blue', instance: 'a/b' });
  t.match(settledOptions(options(), file), {
    namespace: 'blue',
    place: { runtimeDirectory: '/run/keelson/blue', instance: 'a_b' },
  });
  t.match(settledOptions(options('-s', 'red', '-i', 'one', '--runtime-dir', '/r'), file), {
    namespace: 'red',
    place: { runtimeDirectory: '/r', instance: 'one' },
  });
  t.match(settledOptions(options(), operationsDefaults), {
    namespace: null,
    place: { runtimeDirectory: '/run/keelson', instance: null },
  });
  t.end();
});

t.test("pid files go where keepalived's are", (t) => {
  const files = (words: readonly string[], parts: Partial<typeof operationsDefaults> = {}) => {
    const config = { ...sampleConfig, operations: operations(parts) };
    return pidFilesOf(settledOptions(options(...words), config.operations), config);
  };
  t.same(files([]), [
    '/run/keelson/keepalived.pid',
    '/run/keepalived.pid',
    '/run/vrrp.pid',
    '/run/checkers.pid',
  ]);
  t.same(files(['-P', '-p', '/a', '-r', '/b']), ['/run/keelson/keepalived.pid', '/a', '/b']);
  t.same(files(['-C'], { usesPidDirectory: true }), [
    '/run/keelson/keepalived.pid',
    '/run/keepalived/keepalived.pid',
    '/run/keepalived/checkers.pid',
  ]);
  t.same(files(['-P'], { instance: 'one', netNamespace: 'blue' }), [
    '/run/keelson/blue/keepalived_one.pid',
    '/run/keepalived/keepalived_one.pid',
    '/run/keepalived/vrrp_one.pid',
  ]);
  t.same(files(['--runtime-dir', '/r']), ['/r/keepalived.pid', '/r/vrrp.pid', '/r/checkers.pid']);
  t.end();
});

t.test('-a: addresses that appear and go', (t) => {
  const lines: string[] = [];
  const monitor = new AddressMonitor({ write: (_level, line) => lines.push(line) });
  const mac = parseMacAddress('02:00:00:00:00:01')._unsafeUnwrap();
  const links = [{ index: 2, name: 'eth0', mac, mtuBytes: 1500, isUp: true }];
  const address = (text: string, linkIndex = 2) => {
    return { linkIndex, prefix: parsePrefix(text)._unsafeUnwrap() };
  };
  monitor.see(links, [address('192.0.2.1/24')]);
  monitor.see(links, [address('192.0.2.1/24'), address('fd00::5/64', 9)]);
  monitor.see(links, [address('fd00::5/64', 9)]);
  t.same(lines, [
    'Netlink reflector reports IP 192.0.2.1 added to eth0',
    'Netlink reflector reports IP fd00::5 added to #9',
    'Netlink reflector reports IP 192.0.2.1 removed from eth0',
  ]);
  t.end();
});

t.test('late timers are logged once a second, and counted', (t) => {
  const lines: string[] = [];
  let nowMs = 0;
  const log = new LateTimerLog({ write: (_level, line) => lines.push(line) }, () => nowMs);
  for (const lateMs of [250, 300, 400]) log.late(lateMs);
  nowMs = 1000;
  log.late(125.5);
  t.same(lines, [
    'A thread timer expired 0.250000 seconds ago',
    'A thread timer expired 0.125500 seconds ago (2 more since the last such line)',
  ]);
  lines.length = 0;
  for (const lateMs of [250, 300]) log.advertLeftLate('V_1', lateMs);
  nowMs = 2000;
  log.advertLeftLate('V_2', 3.04);
  t.same(
    lines,
    [
      '(V_1) advert left 250.0 ms late',
      '(V_2) advert left 3.0 ms late (1 more since the last such line)',
    ],
    'and so are adverts',
  );
  t.end();
});
