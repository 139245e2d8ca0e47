// IPv6 on real wires: neighbour discovery and echo towards kernels, routes over a gateway, FNAT.
import { once } from 'node:events';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import type { DataplaneClient } from '../../src/dataplane/client.js';
import type { Change } from '../../src/dataplane/state.js';
import { ipAddress } from '../../src/net/address.js';
import { address, local, prefixOf, server, service, tcp } from './examples.js';
import { connect, node, options, sumOf, Wires } from './wires.js';

const isRoot = process.getuid?.() === 0;
const vipText = '2001:db8:1::100';
const vip = prefixOf(`${vipText}/128`);
const near = tcp(`${vipText}:80`);
const far = tcp(`${vipText}:81`);

const serverScript = `
  require('node:http').createServer((request, response) => response.end('hello'))
    .listen({ host: '::', port: 8086, ipv6Only: true });
`;

/** Exits 0 when the echo reply comes within a second; the kernel sums up and checks. */
const pingScript = `
import socket, sys
icmp = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
icmp.settimeout(1)
icmp.sendto(bytes([128, 0, 0, 0, 0, 7, 0, 7]) + b'keelson!', (sys.argv[1], 0))
while True:
    message, (source, *_) = icmp.recvfrom(2048)
    if source == sys.argv[1] and message[0] == 129 and message[8:] == b'keelson!':
        break
`;

t.test('IPv6 between two kernels', { skip: !isRoot && 'needs root' }, async (t) => {
  const wires = new Wires();
  t.teardown(() => wires.remove());
  const gateway = prepare(wires);
  const started = wires.start();
  const dataplane = await connect(t, wires);
  (await dataplane.open(options))._unsafeUnwrap();
  t.same(
    (await dataplane.apply(changesOver(gateway)))._unsafeUnwrap(),
    [],
    'every change is taken',
  );
  await checkLease(t, wires, dataplane);
  await checkDetection(t, wires);
  await checkTraffic(t, wires, dataplane, gateway);
  checkCompanion(t, wires);
  const [worker] = (await dataplane.statistics())._unsafeUnwrap().workers;
  t.equal(sumOf(worker), worker?.rx, 'every packet has one verdict');
  dataplane.disconnect();
  const ended = once(started.child, 'exit');
  await wires.namespaces.stop(started.pid);
  t.same(await ended, [0, null], 'SIGTERM ends it');
});

/** Both kernels get IPv6; the server also a network behind it. Its link-local address. */
function prepare(wires: Wires): string {
  for (const [index, name] of (['client', 'server'] as const).entries()) {
    enableIpv6(wires, name, 'eth0');
    addAddress(wires, name, `2001:db8:${index + 1}::10/64`, 'eth0');
    wires.namespaces.ip(name, 'route', 'add', 'default', 'via', `2001:db8:${index + 1}::1`);
  }
  enableIpv6(wires, 'server', 'lo');
  addAddress(wires, 'server', '2001:db8:9::9/128', 'lo');
  const log = join(wires.folder, 'server6.log');
  wires.namespaces.start('server', log, [...node, '-e', serverScript]);
  const shown = wires.namespaces.ip('server', '-6', 'address', 'show', 'dev', 'eth0');
  return /inet6 (fe80::[0-9a-f:]+)/.exec(shown)?.[1] ?? '';
}

function enableIpv6(wires: Wires, name: string, device: string): void {
  wires.namespaces.run(name, 'sysctl', '-qw', `net/ipv6/conf/${device}/disable_ipv6=0`);
}

function addAddress(wires: Wires, name: string, prefix: string, device: string): void {
  wires.namespaces.ip(name, '-6', 'address', 'add', prefix, 'dev', device, 'nodad');
}

function changesOver(gateway: string): readonly Change[] {
  return [
    { verb: 'add_address', address: address('2001:db8:1::1/64', 'dpdk0') },
    { verb: 'add_address', address: address('2001:db8:2::1/64', 'dpdk1') },
    {
      verb: 'add_route',
      route: {
        destination: prefixOf('2001:db8:9::/64'),
        gateway: ipAddress(gateway),
        device: 'dpdk1',
        owner: 'config',
      },
    },
    ...[near, far].flatMap((key): Change[] => [
      { verb: 'add_service', service: service(key) },
      { verb: 'add_local_address', localAddress: local(key, '2001:db8:2::200') },
    ]),
    { verb: 'add_server', server: server(near, '2001:db8:2::10:8086') },
    { verb: 'add_server', server: server(far, '2001:db8:9::9:8086') },
  ];
}

function pings(wires: Wires, name: string, target: string): boolean {
  return wires.succeeds(name, 'python3', '-c', pingScript, target);
}

async function checkLease(t: Test, wires: Wires, dataplane: DataplaneClient): Promise<void> {
  t.ok(pings(wires, 'client', '2001:db8:1::1'), 'a fixed address: found and answers');
  t.notOk(pings(wires, 'client', vipText), 'not held: no answer');
  (await dataplane.lease('VI_1', 'dpdk0', [vip], 3000))._unsafeUnwrap();
  await waitFor('the client asks again', 10_000, () => pings(wires, 'client', vipText));
  await waitFor('the lease runs out', 10_000, () => !pings(wires, 'client', vipText));
  (await dataplane.lease('VI_1', 'dpdk0', [vip], null))._unsafeUnwrap();
  const mac = portMac(wires);
  wires.namespaces.ip('client', 'neigh', 'replace', vipText, 'lladdr', '02:00:00:00:00:77', ...on);
  (await dataplane.announce('dpdk0', [vip]))._unsafeUnwrap();
  await waitFor('the announcement is believed', 10_000, () => {
    return neighborOf(wires, vipText).includes(mac);
  });
  t.match(neighborOf(wires, vipText), /router/, 'as a router');
  t.ok(pings(wires, 'client', vipText), 'and answered again');
}

const on = ['dev', 'eth0', 'nud', 'stale'] as const;

function portMac(wires: Wires): string {
  return /link\/ether (\S+)/.exec(wires.namespaces.ip('lb', 'link', 'show', 'eth0'))?.[1] ?? '';
}

function neighborOf(wires: Wires, target: string): string {
  return wires.namespaces.ip('client', '-6', 'neigh', 'show', target);
}

/** A host that takes an address of ours learns that it is a duplicate (RFC 4862). */
async function checkDetection(t: Test, wires: Wires): Promise<void> {
  const words = [`${vipText}/128`, 'dev', 'eth0'] as const;
  wires.namespaces.ip('client', '-6', 'address', 'add', ...words);
  await waitFor('the duplicate is detected', 10_000, () => {
    return /::100\/128.*dadfailed/.test(wires.namespaces.ip('client', '-6', 'address', 'show'));
  });
  wires.namespaces.ip('client', '-6', 'address', 'delete', ...words);
  t.ok(pings(wires, 'client', vipText), 'and lets it to us');
}

async function checkTraffic(
  t: Test,
  wires: Wires,
  dataplane: DataplaneClient,
  gateway: string,
): Promise<void> {
  await waitFor('the server answers', 10_000, () => {
    const words = ['-gsS', '-m', '1', `http://[2001:db8:2::10]:8086/`];
    return wires.succeeds('server', 'curl', ...words);
  });
  for (const [port, name] of [
    [80, 'a server on the link'],
    [81, 'a server behind a link-local gateway'],
  ] as const) {
    const words = ['curl', '-gsS', '-m', '5', `http://[${vipText}]:${port}/`];
    t.equal(wires.namespaces.run('client', ...words), 'hello', name);
  }
  const known = (await dataplane.neighbors())._unsafeUnwrap();
  const states = new Map(known.map(({ address, state }) => [`${address}`, state]));
  t.equal(states.get('2001:db8:2::10'), 'REACHABLE', 'the server is a neighbour');
  t.equal(states.get(gateway), 'REACHABLE', 'and the gateway');
  t.notOk(states.has('2001:db8:9::9'), 'what is behind it is none');
}

/** The kernel beside the data plane speaks through dpdk0.kni, with a link-local address, too. */
function checkCompanion(t: Test, wires: Wires): void {
  enableIpv6(wires, 'lb', 'dpdk0.kni');
  addAddress(wires, 'lb', '2001:db8:1::2/64', 'dpdk0.kni');
  t.ok(pings(wires, 'lb', '2001:db8:1::10'), 'the kernel reaches the client');
  t.ok(pings(wires, 'client', '2001:db8:1::2'), 'and the client the kernel');
}
