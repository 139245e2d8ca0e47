// The host's answers on a real kernel: two network namespaces on one segment, a process of ours in
// each. The processes run what `npm run build` made.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { checkout } from '../../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../../scripts/lab/namespaces.js';
import type { Link } from '../../src/ports/kernel.js';
import { NamespaceChild } from './namespace-child.js';
import type { ChildRequest } from './netns-child.js';

const isRoot = process.getuid?.() === 0;
const program = join(checkout, 'build', 'test', 'host', 'netns-child.js');
const timeoutMs = 30_000;
const vip = '192.0.2.100/32';
const forever = 0xffffffff;

type Child = NamespaceChild<ChildRequest>;

class Segment {
  readonly namespaces = new Namespaces();
  readonly children: Child[] = [];

  constructor() {
    for (const name of ['net', 'a', 'b']) this.namespaces.add(name);
    for (const bridge of ['br0', 'br1']) this.namespaces.addBridge('net', bridge);
    for (const name of ['a', 'b']) {
      for (const index of [0, 1]) this.namespaces.connect(name, `eth${index}`, 'net', `br${index}`);
    }
  }

  child(name: 'a' | 'b'): Child {
    const child: Child = new NamespaceChild(this.namespaces.fullName(name), program);
    this.children.push(child);
    return child;
  }

  /** The kernel's own view, by iproute2: seconds that each address has left. */
  lifetimes(name: 'a' | 'b', device: string): Map<string, number> {
    const [link] = JSON.parse(this.namespaces.ip(name, '-j', 'address', 'show', 'dev', device)) as [
      { addr_info: { local: string; prefixlen: number; valid_life_time: number }[] },
    ];
    return new Map(
      link.addr_info.map(({ local, prefixlen, valid_life_time }) => [
        `${local}/${prefixlen}`,
        valid_life_time,
      ]),
    );
  }

  async remove(): Promise<void> {
    await Promise.all(this.children.map((child) => child.end()));
    await this.namespaces.remove();
  }
}

function segment(t: Test): Segment {
  const made = new Segment();
  t.teardown(() => made.remove());
  return made;
}

const skip = isRoot ? false : 'needs root for network namespaces';

t.test('addresses come, are renewed, expire and go', { skip }, async (t) => {
  const wires = segment(t);
  const child = wires.child('a');
  const put = (prefix: string, validSeconds: number | null, on = 'eth0') =>
    child.ask({ call: 'put', interface: on, prefix, validSeconds });
  const left = (prefix: string) => wires.lifetimes('a', 'eth0').get(prefix) ?? 0;

  t.equal(await put(vip, 30), 'ok');
  t.ok(left(vip) > 0 && left(vip) <= 30);
  t.equal(await put(vip, 600), 'ok');
  t.ok(left(vip) > 30 && left(vip) <= 600, 'renewed');
  t.equal(await put(vip, null), 'ok');
  t.equal(left(vip), forever, 'no longer leased');
  t.match(await child.ask({ call: 'addresses' }), [{ prefix: { address: '127.0.0.1' } }]);
  t.equal(await put(vip, 1), 'ok');
  await waitFor('the kernel takes the address away', timeoutMs, () => left(vip) === 0);

  t.equal(await put(vip, 600), 'ok');
  const remove = (on: string) => child.ask({ call: 'remove', interface: on, prefix: vip });
  t.equal(await remove('eth0'), 'ok');
  t.equal(left(vip), 0);
  t.equal(await remove('eth0'), 'ok', 'not there');
  t.equal(await remove('eth9'), 'ok', 'nor the interface');
  t.equal(await put(vip, 3, 'eth9'), `cannot add ${vip} to eth9: No such device`);
  const ipv6 = '2001:db8::100/128';
  // Newer kernels add why, in words of their own.
  t.match(await put(ipv6, 3), /^cannot add 2001:db8::100\/128 to eth0: Permission denied/);
  wires.namespaces.run('a', 'sysctl', '-qw', 'net.ipv6.conf.eth0.disable_ipv6=0');
  t.equal(await put(ipv6, 600), 'ok');
  t.ok(left(ipv6) > 0 && left(ipv6) <= 600);
});

t.test('links are seen, changes are told, renewals are not', { skip }, async (t) => {
  const wires = segment(t);
  const child = wires.child('a');
  const links = async () => (await child.ask({ call: 'links' })) as Link[];
  const eth0 = async () => (await links()).find(({ name }) => name === 'eth0');
  const mac = wires.namespaces.run('a', 'cat', '/sys/class/net/eth0/address').trim();
  const expected = { name: 'eth0', mac, mtuBytes: 1500, isUp: true };
  await waitFor('all carriers', timeoutMs, async () => (await links()).every(({ isUp }) => isUp));
  t.match(await eth0(), expected);

  t.equal(await child.ask({ call: 'watch' }), 'ok');
  const put = { call: 'put', interface: 'eth0', prefix: vip } as const;
  await child.ask({ ...put, validSeconds: 100 });
  await waitFor('the new address is told', timeoutMs, () => child.events.length === 1);
  for (let renewal = 1; renewal <= 5; renewal++) {
    await child.ask({ ...put, validSeconds: 100 + renewal });
  }
  await child.ask({ call: 'remove', interface: 'eth0', prefix: vip });
  await waitFor('the removal is told', timeoutMs, () => child.events.length > 1);
  t.equal(child.events.length, 2, 'notifications come in order, so nothing was told between');
  wires.namespaces.ip('a', 'link', 'set', 'eth0', 'down');
  await waitFor('the interface is told', timeoutMs, () => child.events.length > 2);
  t.match(await eth0(), { ...expected, isUp: false });
});

t.test('an announcement reaches the neighbours', { skip }, async (t) => {
  const wires = segment(t);
  const { namespaces } = wires;
  const child = wires.child('a');
  namespaces.run('b', 'sysctl', '-qw', 'net.ipv4.conf.all.arp_accept=1');
  namespaces.run('b', 'sysctl', '-qw', 'net.ipv4.conf.eth0.arp_accept=1');
  namespaces.ip('b', 'address', 'add', '192.0.2.2/24', 'dev', 'eth0');
  for (const name of ['a', 'b']) {
    namespaces.run(name, 'sysctl', '-qw', 'net.ipv6.conf.eth0.disable_ipv6=0');
  }
  const sixth = '2001:db8::100';
  namespaces.ip('b', 'address', 'add', '2001:db8::2/64', 'dev', 'eth0', 'nodad');
  const stale = ['neigh', 'replace', sixth, 'lladdr', '02:00:00:00:00:99', 'dev', 'eth0'];
  namespaces.ip('b', ...stale, 'nud', 'stale');
  const mac = namespaces.run('a', 'cat', '/sys/class/net/eth0/address').trim();
  const isRouter = () => namespaces.ip('b', 'neigh', 'show', sixth).includes('router');
  const knows = (address: string) => namespaces.ip('b', 'neigh', 'show', address).includes(mac);
  await waitFor('the neighbour forgets another MAC address', timeoutMs, async () => {
    const prefix = `${sixth}/128`;
    t.equal(await child.ask({ call: 'announce', interface: 'eth0', prefix }), 'ok');
    return knows(sixth);
  });
  t.notOk(isRouter());
  namespaces.run('a', 'sysctl', '-qw', 'net.ipv6.conf.eth0.forwarding=1');
  await waitFor('the neighbour knows a router', timeoutMs, async () => {
    const prefix = `${sixth}/128`;
    t.equal(await child.ask({ call: 'announce', interface: 'eth0', prefix }), 'ok');
    return isRouter();
  });
  t.equal(await child.ask({ call: 'announce', interface: 'lo', prefix: vip }), 'ok', 'to nobody');
  await waitFor('the neighbour knows the address', timeoutMs, async () => {
    t.equal(await child.ask({ call: 'announce', interface: 'eth0', prefix: vip }), 'ok');
    const neighbours = namespaces.ip('b', 'neigh', 'show', 'dev', 'eth0');
    return neighbours.includes('192.0.2.100') && neighbours.includes(mac);
  });
  t.equal(
    await child.ask({ call: 'announce', interface: 'eth9', prefix: vip }),
    'cannot read the address of eth9: No such device',
  );
});

t.test('a server that does not answer times out', { skip }, async (t) => {
  const wires = segment(t);
  const { namespaces } = wires;
  const child = wires.child('a');
  namespaces.ip('a', 'address', 'add', '192.0.2.1/24', 'dev', 'eth0');
  const absent = ['192.0.2.9', 'lladdr', '02:00:00:00:00:99', 'dev', 'eth0'];
  namespaces.ip('a', 'neigh', 'replace', ...absent, 'nud', 'permanent');
  const connect = (address: string) => child.ask({ call: 'connect', address, timeoutMs: 100 });
  t.strictSame(await connect('192.0.2.9'), { type: 'timed_out' });
  t.strictSame(await connect('198.51.100.1'), {
    type: 'failed',
    reason: 'Network is unreachable',
  });
});
