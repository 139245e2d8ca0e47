import fc from 'fast-check';
import t from 'tap';
import { type Command, parseArguments } from '../../src/cli/dpip/arguments.js';
import { helpText } from '../../src/cli/dpip/help.js';
import {
  formatAddress,
  formatLink,
  formatNeighbor,
  formatRoutes,
  shownRoutes,
} from '../../src/cli/dpip/print.js';
import { show } from '../../src/cli/dpip/run.js';
import type { NeighborStatus, PortStatus } from '../../src/dataplane/dataplane.js';
import type { Change } from '../../src/dataplane/state.js';
import { ipAddress } from '../../src/net/address.js';
import { parseMacAddress } from '../../src/net/mac.js';
import { address, local, prefixOf, route, service, tcp, twoPorts } from '../dataplane/examples.js';
import { SimulatedClock } from '../sim/clock.js';
import { SimulatedDataplane } from '../sim/dataplane.js';

const mac = parseMacAddress('52:8b:e7:4c:f6:96')._unsafeUnwrap();
const plain = { isCounted: false, isVerbose: false };

const port: PortStatus = {
  name: 'dpdk0',
  device: 'net_af_packet0,iface=eth0',
  kniName: 'dpdk0.kni',
  mac,
  mtuBytes: 1500,
  isUp: true,
  speedMbps: 10_000,
  isFullDuplex: true,
  isPromiscuous: true,
  rxQueues: 1,
  txQueues: 2,
  isHashed: true,
  misdirected: 4,
  socket: 0,
  packets: { rx: 2902, tx: 788 },
  bytes: { rx: 1_254_581, tx: 134_362 },
  errors: { rx: 1, tx: 2 },
  missed: 8488,
  noBuffer: 3,
};

const neighbor: NeighborStatus = {
  address: ipAddress('10.66.1.2'),
  mac,
  state: 'REACHABLE',
  device: 'dpdk1',
  isStatic: false,
};

function parsed(line: string): Command {
  return parseArguments(line.split(' '))._unsafeUnwrap();
}

t.test('objects, devices and options in any place', (t) => {
  const place = { runtimeDirectory: undefined, instance: undefined };
  const query = {
    object: 'link',
    device: null,
    family: null,
    scope: null,
    isCounted: false,
    isVerbose: false,
  };
  const cases: readonly [string, unknown][] = [
    ['link show', query],
    ['link', query],
    ['link list', query],
    ['-s link show dpdk0', { ...query, device: 'dpdk0', isCounted: true }],
    ['link show -v -s dev dpdk0', { ...query, device: 'dpdk0', isCounted: true, isVerbose: true }],
    ['neigh show dev dpdk1', { ...query, object: 'neigh', device: 'dpdk1' }],
    ['route show', { ...query, object: 'route' }],
    ['addr show -s', { ...query, object: 'addr', isCounted: true }],
    ['-6 addr show', { ...query, object: 'addr', family: 'ipv6' }],
    ['neigh show -4', { ...query, object: 'neigh', family: 'ipv4' }],
    [
      'route show dev dpdk0 scope link',
      { ...query, object: 'route', device: 'dpdk0', scope: 'link' },
    ],
  ];
  for (const [line, wanted] of cases) {
    t.same(parsed(line), { type: 'show', place, query: wanted }, line);
  }
  t.match(parsed('--instance=lb1 link show'), { place: { instance: 'lb1' } });
  t.end();
});

t.test('help and version', (t) => {
  for (const line of ['-h', 'link show --help']) t.same(parsed(line), { type: 'help' });
  for (const line of ['-v', '-V', '--version']) t.same(parsed(line), { type: 'version' });
  t.match(helpText, 'dpip [OPTIONS] neigh show [dev DEVICE]');
  t.end();
});

t.test('what cannot be done is said', (t) => {
  const cases: readonly [string, string][] = [
    ['vlan show', '"vlan" is not an object: use link, addr, route, neigh'],
    ['link set dpdk0 mtu 9000', '"set" is not supported for link: use show'],
    ['link show dpdk0 dpdk1', 'unexpected argument "dpdk1"'],
    ['neigh show dev', 'dev needs the name of a port'],
    ['-x link show', '-x is not supported'],
    ['--instance -s link show', '--instance needs a value'],
    ['-s', 'name an object to show'],
    ['-4 -6 addr show', 'give -4 or -6, not both'],
    ['route show scope site', 'scope is one of host, link, global'],
    ['route show scope', 'scope is one of host, link, global'],
  ];
  for (const [line, reason] of cases) {
    t.equal(parseArguments(line.split(' '))._unsafeUnwrapErr().reason, reason, line);
  }
  fc.assert(
    fc.property(fc.array(fc.string()), (argv) => {
      parseArguments(argv);
    }),
  );
  t.end();
});

t.test('link', (t) => {
  t.equal(
    formatLink(port, 1, plain),
    '1: dpdk0: socket 0 mtu 1500 rx-queue 1 tx-queue 2\n' +
      '    UP 10000 Mbps full-duplex promisc\n' +
      '    addr 52:8B:E7:4C:F6:96\n',
  );
  const down = { ...port, isUp: false, isFullDuplex: false, isPromiscuous: false, speedMbps: 0 };
  t.match(formatLink(down, 2, plain), '\n    DOWN 0 Mbps half-duplex\n');
  const counters = formatLink(port, 1, { ...plain, isCounted: true })
    .split('\n')
    .slice(3);
  t.same(counters, [
    '    ipackets            opackets            ibytes              obytes              ',
    '    2902                788                 1254581             134362              ',
    '    ierrors             oerrors             imissed             rx_nombuf           ',
    '    1                   2                   8488                3                   ',
    '',
  ]);
  t.match(
    formatLink(port, 1, { ...plain, isVerbose: true }),
    '\n    device net_af_packet0,iface=eth0 kni dpdk0.kni\n',
  );
  t.end();
});

t.test('addr', (t) => {
  const vip = { ...address('10.66.0.100/24'), owner: 'vrrp' as const };
  t.equal(
    formatAddress(vip, { used: 3, free: 1_032_173, missed: 0 }),
    'inet 10.66.0.100/24 scope global dpdk0\n' +
      '     valid_lft forever preferred_lft forever sa_used 3 sa_free 1032173 sa_miss 0\n',
  );
  t.equal(
    formatAddress(address('2001:db8::1/64'), undefined),
    'inet6 2001:db8::1/64 scope global dpdk0\n     valid_lft forever preferred_lft forever\n',
  );
  t.end();
});

/** Without the words that are the same in every line. */
function shortened(line: string): string {
  return line.replace(/ tos 0 scope (host|link|global) metric 0 proto auto$/, ', $1');
}

t.test('route: own addresses, connected networks, configured routes', (t) => {
  const text = formatRoutes(
    shownRoutes(
      [address('10.66.0.21/24'), address('10.66.0.22/24'), address('10.66.1.100/32', 'dpdk1')],
      [route('0.0.0.0/0', '10.66.0.2'), route('10.9.1.1/16', null, 'dpdk1')],
    ),
    new Map([
      ['dpdk0', 1500],
      ['dpdk1', 9000],
    ]),
  );
  t.same(text.trimEnd().split('\n').map(shortened), [
    'inet 10.66.0.21/32 via 0.0.0.0 src 0.0.0.0 dev dpdk0 mtu 1500, host',
    'inet 10.66.0.22/32 via 0.0.0.0 src 0.0.0.0 dev dpdk0 mtu 1500, host',
    'inet 10.66.1.100/32 via 0.0.0.0 src 0.0.0.0 dev dpdk1 mtu 9000, host',
    'inet 10.66.0.0/24 via 0.0.0.0 src 10.66.0.21 dev dpdk0 mtu 1500, link',
    'inet 0.0.0.0/0 via 10.66.0.2 src 0.0.0.0 dev dpdk0 mtu 1500, global',
    'inet 10.9.0.0/16 via 0.0.0.0 src 0.0.0.0 dev dpdk1 mtu 9000, link',
  ]);
  t.end();
});

t.test('routes of IPv6 are shorter lines', (t) => {
  const routes = shownRoutes(
    [address('2001:db8::100/64')],
    [route('::/0', '2001:db8::1'), route('2001:db8:9::/48', 'fe80::1', 'dpdk1')],
  );
  t.equal(
    formatRoutes(routes, new Map([['dpdk0', 1500]])),
    'inet6 2001:db8::100/128 dev dpdk0 mtu 1500 scope host\n' +
      'inet6 2001:db8::/64 src 2001:db8::100 dev dpdk0 mtu 1500 scope link\n' +
      'inet6 ::/0 via 2001:db8::1 dev dpdk0 mtu 1500 scope global\n' +
      'inet6 2001:db8:9::/48 via fe80::1 dev dpdk1 mtu 0 scope global\n',
  );
  t.match(formatAddress(address('fe80::1/64'), undefined), /^inet6 fe80::1\/64 scope link dpdk0\n/);
  t.end();
});

t.test('neigh', (t) => {
  t.equal(
    formatNeighbor(neighbor),
    'ip: 10.66.1.2      mac: 52:8b:e7:4c:f6:96   state: REACHABLE     dev: dpdk1  core: 0\n',
  );
  t.match(
    formatNeighbor({ ...neighbor, isStatic: true, address: ipAddress('192.168.100.100') }),
    /^ip: 192\.168\.100\.100 mac: .* core: 0 {2}static\n$/,
  );
  t.end();
});

t.test('asking the data plane', async (t) => {
  const dataplane = new SimulatedDataplane(new SimulatedClock());
  const asked = async (line: string): Promise<string> => {
    const command = parsed(line);
    if (command.type !== 'show') return 'not a query';
    return (await show(dataplane, command.query)).unwrapOr('refused');
  };
  for (const object of ['link', 'addr', 'route', 'neigh']) {
    t.equal(await asked(`${object} show`), 'refused', `${object} of what is not open`);
  }
  (await dataplane.open(twoPorts))._unsafeUnwrap();
  await dataplane.apply([
    { verb: 'add_address', address: address('10.66.0.21/24') },
    { verb: 'add_route', route: route('0.0.0.0/0', '10.66.0.1') },
    ...[tcp('192.0.2.1:80'), tcp('192.0.2.2:80')].flatMap((key): Change[] => [
      { verb: 'add_service', service: service(key) },
      { verb: 'add_local_address', localAddress: local(key, '10.66.0.21', 'dpdk0') },
      { verb: 'add_local_address', localAddress: local(key, '10.66.1.200') },
    ]),
  ]);
  await dataplane.lease('VI_1', 'dpdk1', [prefixOf('10.66.1.100/32')], 3000);
  dataplane.neighborList = [neighbor];
  const misses = { exhausted: 3, noShare: 0, notHeld: 0 };
  const source = { address: ipAddress('10.66.0.21'), device: 'dpdk0' };
  dataplane.counters = {
    ...dataplane.counters,
    localAddresses: [{ ...source, used: 1, free: 2, missed: 3, missedBy: misses }],
  };
  t.match(await asked('link show'), /1: dpdk0: .*\n2: dpdk1: /s);
  t.match(await asked('link show dpdk1'), /^2: dpdk1: /);
  t.equal(await asked('link show dpdk9'), 'refused');
  t.match(await asked('addr show'), /10\.66\.0\.21\/24 .*10\.66\.1\.100\/32 scope global dpdk1/s);
  t.notMatch(await asked('addr show'), 'sa_used');
  t.match(await asked('addr show dev dpdk0 -s'), /forever sa_used 1 sa_free 2 sa_miss 3\n$/);
  t.match(await asked('addr show dev dpdk1'), /1\.100\/32 .*\ninet 10\.66\.1\.200\/32 /s);
  t.equal((await asked('addr show')).split('\n').length, 7, 'each address once');
  t.equal((await asked('route show')).split('\n').length, 6);
  t.equal((await asked('route show dev dpdk1')).split('\n').length, 3);
  t.equal((await asked('route show scope global')).split('\n').length, 2);
  t.equal(await asked('-6 route show'), '');
  t.equal(await asked('-6 addr show'), '');
  t.equal(await asked('-6 neigh show'), '');
  t.equal(await asked('neigh show dev dpdk0'), '');
  t.equal(await asked('neigh show'), formatNeighbor(neighbor));
});
