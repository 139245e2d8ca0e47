// VMACs, sysctls, firewall rules and what an instance holds, from a configuration's text to a real
// kernel, and back to how the kernel was.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { checkout } from '../../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../../scripts/lab/namespaces.js';
import { JsonChild } from './child-process.js';
import type { SetupRequest } from './netns-setup-child.js';

const skip = process.getuid?.() === 0 ? false : 'needs root for network namespaces';
const program = join(checkout, 'build', 'test', 'host', 'netns-setup-child.js');
const timeoutMs = 20_000;
const knock = `
import socket, sys
family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
knocking = socket.socket(family, socket.SOCK_STREAM)
knocking.settimeout(0.7)
try:
    knocking.connect((sys.argv[1], 9))
except ConnectionRefusedError:
    sys.exit(0)
except OSError:
    pass
sys.exit(1)
`;

class Router {
  readonly namespaces = new Namespaces();
  readonly #children: JsonChild<SetupRequest>[] = [];
  #child: JsonChild<SetupRequest>;

  /** eth0 of the router `r` and of its neighbour `n` on one bridge. */
  constructor(t: Test) {
    t.teardown(async () => {
      await Promise.all(this.#children.map((child) => child.end()));
      await this.namespaces.remove();
    });
    for (const name of ['net', 'r', 'n']) this.namespaces.add(name);
    this.namespaces.addBridge('net', 'br0');
    for (const [name, host] of [
      ['r', 1],
      ['n', 2],
    ] as const) {
      for (const which of ['all', 'default']) {
        this.namespaces.run(name, 'sysctl', '-qw', `net.ipv6.conf.${which}.disable_ipv6=0`);
      }
      this.namespaces.connect(name, 'eth0', 'net', 'br0');
      this.namespaces.ip(name, 'address', 'add', `192.0.2.${host}/24`, 'dev', 'eth0');
      const ipv6 = `2001:db8::${host}/64`;
      this.namespaces.ip(name, 'address', 'add', ipv6, 'dev', 'eth0', 'nodad');
    }
    this.#child = this.#start();
  }

  #start(): JsonChild<SetupRequest> {
    const child = new JsonChild<SetupRequest>(this.namespaces.fullName('r'), program);
    this.#children.push(child);
    return child;
  }

  ask(request: SetupRequest): Promise<unknown> {
    return this.#child.ask(request);
  }

  /** SIGKILL, and a new process. */
  async crash(): Promise<void> {
    await this.#child.end();
    this.#child = this.#start();
  }

  ip(...words: string[]): string {
    const shown = this.namespaces.ip('r', ...words);
    return shown.replaceAll(/\s+/g, ' ').replaceAll(' tentative', '');
  }

  sysctl(name: string): string {
    return this.namespaces.run('r', 'cat', `/proc/sys/net/${name}`).trim();
  }

  nft(): string {
    return this.namespaces.run('r', 'nft', 'list', 'ruleset').replaceAll(/\s+/g, ' ');
  }

  /** Whether a host with the address says that nobody listens there. */
  answers(address: string): boolean {
    try {
      this.namespaces.run('n', 'python3', '-c', knock, address);
      return true;
    } catch {
      return false;
    }
  }

  neighbour(address: string): string {
    return this.namespaces.ip('n', 'neigh', 'show', address);
  }
}

const instance = (lines: string): string => `
vrrp_instance V {
  interface eth0
  virtual_router_id 51
  priority 100
${lines}
}
`;
const vmac = instance('use_vmac\nvirtual_ipaddress {\n192.0.2.100/24\n}');

t.test('a VMAC comes, answers with its own address, and leaves nothing', { skip }, async (t) => {
  const router = new Router(t);
  const { namespaces } = router;
  namespaces.run('r', 'sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=1');
  const before = {
    links: router.ip('-o', 'link'),
    addresses: router.ip('-o', 'address'),
    filter: router.sysctl('ipv4/conf/eth0/arp_filter'),
  };
  t.equal(await router.ask({ call: 'prepare', text: vmac }), 'ok');
  t.match(
    router.ip('-d', 'link', 'show', 'vrrp.51'),
    /vrrp\.51@eth0: <[^>]*\bUP\b.* 00:00:5e:00:01:33 .* macvlan mode private/,
  );
  t.equal(router.sysctl('ipv4/conf/vrrp.51/rp_filter'), '0');
  t.equal(router.sysctl('ipv4/conf/all/rp_filter'), '0');
  t.equal(router.sysctl('ipv4/conf/eth0/rp_filter'), '1');
  t.equal(router.sysctl('ipv4/conf/eth0/arp_ignore'), '1');
  t.notOk(router.answers('192.0.2.100'), 'nobody has it');
  t.equal(await router.ask({ call: 'master' }), 'ok');
  t.match(router.ip('address', 'show', 'vrrp.51'), /inet 192\.0\.2\.100\/24 .*valid_lft [56]\dsec/);
  await waitFor('the VMAC answers', timeoutMs, () => router.answers('192.0.2.100'));
  t.match(router.neighbour('192.0.2.100'), /00:00:5e:00:01:33/);
  t.match(router.nft(), /igmp .*vrrp\.51/);

  await router.crash();
  t.match(router.ip('link'), /vrrp\.51/, 'a killed daemon leaves it');
  t.equal(await router.ask({ call: 'prepare', text: vmac }), 'ok');
  t.strictSame(await router.ask({ call: 'lines' }), [], 'taken over');
  t.equal(await router.ask({ call: 'backup' }), 'ok');
  t.notMatch(router.ip('address', 'show', 'vrrp.51'), /192\.0\.2\.100/, 'a stray address');

  t.equal(await router.ask({ call: 'stop' }), 'ok');
  t.strictSame(await router.ask({ call: 'lines' }), []);
  t.equal(router.ip('-o', 'link'), before.links);
  t.equal(router.ip('-o', 'address'), before.addresses);
  t.equal(router.nft().trim(), '');
});

t.test('sysctls and firewall are as before after a clean run', { skip }, async (t) => {
  const router = new Router(t);
  router.namespaces.run('r', 'sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=2');
  const names = ['all/rp_filter', 'default/rp_filter', 'eth0/rp_filter', 'lo/rp_filter'].concat([
    'eth0/arp_ignore',
    'eth0/arp_announce',
    'eth0/arp_filter',
    'eth0/promote_secondaries',
  ]);
  const values = () => names.map((name) => `${name} ${router.sysctl(`ipv4/conf/${name}`)}`);
  const before = values();
  const text = vmac.replace('use_vmac', 'use_vmac\npromote_secondaries');
  t.equal(await router.ask({ call: 'prepare', text }), 'ok');
  t.not(values().join(), before.join());
  t.equal(await router.ask({ call: 'stop' }), 'ok');
  t.strictSame(values(), before);
});

t.test('no_accept drops packets, not neighbour discovery', { skip }, async (t) => {
  const router = new Router(t);
  const lines = (word: string) =>
    instance(
      `${word}\nvirtual_ipaddress {\n192.0.2.100\n}\n` +
        'virtual_ipaddress_excluded {\n2001:db8::100\n}',
    );
  t.equal(await router.ask({ call: 'prepare', text: lines('no_accept') }), 'ok');
  t.equal(await router.ask({ call: 'master' }), 'ok');
  await waitFor('the router answers for itself', timeoutMs, () => router.answers('192.0.2.1'));
  for (const vip of ['192.0.2.100', '2001:db8::100']) {
    t.notOk(router.answers(vip), vip);
    const known = /lladdr ([0-9a-f:]{17})/.exec(router.neighbour(vip))?.[1];
    t.ok(known !== undefined, `${vip} has a neighbour entry: ${router.neighbour(vip)}`);
  }
  t.ok(router.answers('2001:db8::1'));
  t.equal(await router.ask({ call: 'prepare', text: lines('accept') }), 'ok');
  for (const vip of ['192.0.2.100', '2001:db8::100']) t.ok(router.answers(vip), vip);
  t.equal(router.nft().trim(), '');
  t.equal(await router.ask({ call: 'prepare', text: lines('no_accept'), nft: 'nft-absent' }), 'ok');
  t.strictSame(await router.ask({ call: 'lines' }), [
    'error no firewall rules for VRRP: there is no nft program; install the package nftables',
  ]);
});

const routed = instance(`
virtual_ipaddress {
  192.0.2.100/24
}
virtual_routes {
  10.1.0.0/16 via 192.0.2.2 dev eth0 table 77 src 192.0.2.100
  10.2.0.0/16 via 192.0.2.2 dev eth0 no_track
}
virtual_rules {
  from 192.0.2.100 table 77 preference 60
}`);

t.test('routes and rules live with the addresses and come back', { skip }, async (t) => {
  const router = new Router(t);
  const text = `static_routes {\n10.9.0.0/16 via 192.0.2.2 dev eth0\n}\n${routed}`;
  const shown = () => [router.ip('route', 'show', 'table', 'all'), router.ip('rule')].join(' ');
  const has = (...words: readonly string[]) => words.every((word) => shown().includes(word));
  const virtual = ['10.1.0.0/16 via 192.0.2.2 dev eth0 table 77', '10.2.0.0/16', '60: from 192'];
  t.equal(await router.ask({ call: 'prepare', text }), 'ok');
  t.ok(has('10.9.0.0/16'), 'static ones are there at once');
  t.notOk(virtual.some((word) => has(word)));
  t.equal(await router.ask({ call: 'master' }), 'ok');
  t.ok(has(...virtual));

  router.ip('route', 'delete', '10.1.0.0/16', 'table', '77');
  router.ip('route', 'delete', '10.2.0.0/16');
  router.ip('route', 'delete', '10.9.0.0/16');
  router.ip('rule', 'delete', 'preference', '60');
  const back = ['10.1.0.0/16', '10.9.0.0/16', '60: from 192'];
  await waitFor('what was deleted comes back', timeoutMs, () => has(...back));
  t.notOk(has('10.2.0.0/16'), 'but for no_track');

  router.ip('link', 'set', 'eth0', 'down');
  router.ip('link', 'set', 'eth0', 'up');
  await waitFor('routes that the kernel dropped come back', timeoutMs, () => has(...back));

  t.equal(await router.ask({ call: 'backup' }), 'ok');
  t.notOk(
    virtual.some((word) => has(word)),
    shown(),
  );
  t.ok(has('10.9.0.0/16'));
  t.equal(await router.ask({ call: 'stop' }), 'ok');
  t.notOk(has('10.9.0.0/16'));
  t.strictSame(await router.ask({ call: 'lines' }), []);
});

t.test('a VMAC that is no longer wanted goes', { skip }, async (t) => {
  const router = new Router(t);
  t.equal(await router.ask({ call: 'prepare', text: vmac }), 'ok');
  const plain = vmac.replace('use_vmac', '');
  t.equal(await router.ask({ call: 'prepare', text: plain }), 'ok');
  t.match(router.ip('link'), /vrrp\.51/, 'a last advert may leave by it');
  await waitFor('it goes', timeoutMs, () => !router.ip('link').includes('vrrp.51'));
  t.equal(await router.ask({ call: 'stop' }), 'ok');
  router.ip('link', 'add', 'vrrp.51', 'type', 'bridge');
  t.equal(await router.ask({ call: 'prepare', text: vmac }), 'ok');
  t.match(await router.ask({ call: 'lines' }), [
    /^error cannot make macvlan vrrp\.51: there is another interface of that name; give use_vmac/,
  ]);
});
