// UDP_CHECK, DNS_CHECK and PING_CHECK, and what the flows below them do, against a real resolver,
// the kernel's ping and nftables, in a network namespace that has nothing but its loopback.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { checkout } from '../../scripts/lab/checkout.js';
import { Namespaces, type Started, waitFor } from '../../scripts/lab/namespaces.js';
import type { DnsCheck } from '../../src/config/checkers/dns.js';
import type { PingCheck } from '../../src/config/checkers/ping.js';
import type { RequiredReply, UdpCheck } from '../../src/config/checkers/udp.js';
import { type Endpoint, ipAddress } from '../../src/net/address.js';
import { tcpCheck } from '../health/examples.js';
import { NamespaceChild } from '../host/namespace-child.js';
import type { ProbeAnswer, ProbeRequest } from './check-child.js';

const isRoot = process.getuid?.() === 0;
const skip = isRoot ? false : 'needs root for network namespaces';
const program = join(checkout, 'build', 'test', 'scenarios', 'check-child.js');
const timeoutMs = 300;
const patienceMs = 20_000;

const endpoint = (address: string, port: number): Endpoint => {
  return { address: ipAddress(address), port };
};

const common = tcpCheck({ connectTimeoutMs: timeoutMs });

function dns(target: Endpoint, name: string, parts: Partial<DnsCheck> = {}): DnsCheck {
  return { ...common, type: 'DNS_CHECK', target, name, recordType: 'A', ...parts };
}

function udp(target: Endpoint, reply: RequiredReply | null): UdpCheck {
  const payload = { type: 'octets', digits: '6869' } as const;
  return { ...common, type: 'UDP_CHECK', target, payload, reply };
}

function ping(address: string, parts: Partial<PingCheck> = {}): PingCheck {
  return { ...common, type: 'PING_CHECK', target: endpoint(address, 0), ...parts };
}

class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'datagram-checks-'));
  readonly namespaces = new Namespaces();
  readonly child: NamespaceChild<ProbeRequest>;

  constructor() {
    this.namespaces.add('a');
    this.namespaces.run('a', 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=0');
    this.nft('add table inet lab');
    this.nft('add chain inet lab in { type filter hook input priority 0; }');
    this.child = new NamespaceChild(this.namespaces.fullName('a'), program);
  }

  nft(rule: string): void {
    this.namespaces.run('a', 'nft', rule);
  }

  ask(request: ProbeRequest): Promise<ProbeAnswer> {
    return this.child.ask(request) as Promise<ProbeAnswer>;
  }

  attempt(checker: DnsCheck | UdpCheck | PingCheck): Promise<ProbeAnswer> {
    return this.ask({ call: 'attempt', checker });
  }

  /** A resolver that knows two zones and asks nobody else. */
  resolver(at: readonly Endpoint[]): Started {
    const file = join(this.folder, 'unbound.conf');
    const interfaces = at.map(({ address, port }) => `  interface: ${address}@${port}`);
    writeFileSync(
      file,
      `server:
${interfaces.join('\n')}
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  directory: "${this.folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  module-config: "iterator"
  local-zone: "." always_nxdomain
  local-zone: "example.test." static
  local-data: "www.example.test. A 192.0.2.80"
  local-zone: "closed.test." always_refuse
remote-control:
  control-enable: no
`,
    );
    const log = join(this.folder, 'unbound.log');
    return this.namespaces.start('a', log, ['unbound', '-d', '-c', file]);
  }

  async remove(): Promise<void> {
    await this.child.end();
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true });
  }
}

function lab(t: Test): Lab {
  const made = new Lab();
  t.teardown(() => made.remove());
  return made;
}

function took(answer: ProbeAnswer, ms: number): boolean {
  return answer.elapsedMs >= ms - 2 && answer.elapsedMs < ms + 5_000;
}

t.test('DNS_CHECK against unbound, and against who answers badly', { skip }, async (t) => {
  const made = lab(t);
  const places = [endpoint('127.0.0.53', 53), endpoint('::1', 53)];
  const unbound = made.resolver(places);
  for (const place of places) {
    await waitFor('the resolver answers', patienceMs, async () => {
      return (await made.attempt(dns(place, 'www.example.test'))).type === 'succeeded';
    });
    const rcodes: readonly [string, number][] = [
      ['absent.test', 3],
      ['www.closed.test.', 5],
    ];
    for (const [name, rcode] of rcodes) {
      const reason = `read error occurred (rcode = ${rcode})`;
      t.match(await made.attempt(dns(place, name)), { type: 'failed', reason });
    }
    const noData = dns(place, 'www.example.test', { recordType: 'AAAA' });
    t.match(await made.attempt(noData), { type: 'succeeded' }, 'an empty answer is one');
  }
  process.kill(unbound.pid, 'SIGSTOP');
  const stopped = await made.attempt(dns(endpoint('127.0.0.53', 53), 'www.example.test'));
  t.match(stopped, { type: 'failed', reason: 'read timeout from socket' });
  t.ok(took(stopped, timeoutMs));
  process.kill(unbound.pid, 'SIGCONT');

  const bad = (how: 'servfail' | 'strangely' | 'at_last', port: number) => {
    return made.ask({ call: 'answer', at: endpoint('127.0.0.1', port), how });
  };
  await bad('servfail', 1001);
  await bad('strangely', 1002);
  await bad('at_last', 1003);
  const asked = (port: number) => made.attempt(dns(endpoint('127.0.0.1', port), 'www.test'));
  t.match(await asked(1001), { reason: 'read error occurred (rcode = 2)' });
  const strange = await asked(1002);
  t.match(strange, { type: 'failed', reason: 'read timeout from socket' });
  t.ok(took(strange, timeoutMs));
  t.match(await asked(1003), { type: 'succeeded' });
  t.match(await asked(1004), { reason: 'socket error (Connection refused)' });
});

t.test('UDP_CHECK: silence, echo, refusals of every kind', { skip }, async (t) => {
  const made = lab(t);
  const hi = { pattern: { type: 'octets', digits: '686X' }, lengthMin: 2, lengthMax: 2 } as const;
  for (const address of ['127.0.0.1', '::1']) {
    const [silent, echo, closed] = [2001, 2002, 2003].map((port) => endpoint(address, port));
    if (silent === undefined || echo === undefined || closed === undefined) return;
    await made.ask({ call: 'answer', at: silent, how: 'not' });
    await made.ask({ call: 'answer', at: echo, how: 'the_same' });
    const quiet = await made.attempt(udp(silent, null));
    t.match(quiet, { type: 'succeeded' });
    t.ok(took(quiet, timeoutMs));
    t.match(await made.attempt(udp(silent, hi)), { type: 'failed', reason: 'timeout' });
    t.match(await made.attempt(udp(echo, hi)), { type: 'succeeded' });
    t.match(await made.attempt(udp(echo, { ...hi, lengthMin: 3 })), { reason: /^reply data/ });
    t.match(await made.attempt(udp(closed, null)), { type: 'failed', reason: 'failed' });
    t.match(await made.attempt(udp(closed, hi)), { type: 'failed', reason: 'failed' });
  }
  made.nft('add rule inet lab in udp dport 2004 drop');
  made.nft('add rule inet lab in ip protocol udp udp dport 2005 reject with icmp host-unreachable');
  const dropped = endpoint('127.0.0.1', 2004);
  t.match(await made.attempt(udp(dropped, null)), { type: 'succeeded' });
  t.match(await made.attempt(udp(dropped, hi)), { type: 'failed', reason: 'timeout' });
  t.match(await made.attempt(udp(endpoint('127.0.0.1', 2005), null)), {
    type: 'failed',
    reason: 'failed (No route to host)',
  });
});

t.test('PING_CHECK, whether echo sockets are allowed or not', { skip }, async (t) => {
  const made = lab(t);
  made.namespaces.ip('a', 'link', 'add', 'far0', 'up', 'type', 'veth', 'peer', 'name', 'far1');
  made.nft('add rule inet lab in ip daddr 127.0.0.9 icmp type echo-request drop');
  made.nft('add rule inet lab in ip daddr 127.0.0.8 icmp type echo-request reject');
  for (const range of ['1 0', '0 2147483647']) {
    made.namespaces.run('a', 'sysctl', '-qw', `net.ipv4.ping_group_range=${range}`);
    for (const address of ['127.0.0.1', '::1']) {
      for (let count = 0; count < 3; count++) {
        t.match(await made.attempt(ping(address)), { type: 'succeeded' }, `${address} ${range}`);
      }
      const source = ipAddress(address);
      const from = ping(address, { source, sourceInterface: 'lo', mark: 3 });
      t.match(await made.attempt(from), { type: 'succeeded' });
    }
    const dropped = await made.attempt(ping('127.0.0.9'));
    t.match(dropped, { type: 'failed', reason: 'timeout' });
    t.ok(took(dropped, timeoutMs));
    const elsewhere = await made.attempt(ping('192.0.2.1'));
    t.match(elsewhere, { type: 'failed', reason: 'failed (Network is unreachable)' });
    const wrongWay = await made.attempt(ping('127.0.0.1', { sourceInterface: 'far0' }));
    t.match(wrongWay, { type: 'failed' });
    const rejected = await made.attempt(ping('127.0.0.8'));
    t.match(rejected, { type: 'failed', reason: 'failed' }, `rejected ${range}`);
  }
});

t.test('connections that are dropped, rejected or routed by their mark', { skip }, async (t) => {
  const made = lab(t);
  const target = endpoint('127.0.0.1', 3001);
  await made.ask({ call: 'listen', at: target });
  const settings = {
    protocol: 'tcp',
    target,
    source: null,
    sourcePort: null,
    sourceInterface: null,
    mark: 0,
    tls: null,
  } as const;
  const opened = (parts: object) => {
    return made.ask({ call: 'open', settings: { ...settings, ...parts }, timeoutMs });
  };
  made.namespaces.ip('a', 'rule', 'add', 'fwmark', '7', 'priority', '1', 'prohibit');
  // Before the table of local addresses, so that the rule above is asked at all.
  made.namespaces.ip('a', 'rule', 'add', 'priority', '2', 'lookup', 'local');
  made.namespaces.ip('a', 'rule', 'delete', 'priority', '0');
  t.match(await opened({}), { type: 'opened' });
  t.match(await opened({ mark: 6 }), { type: 'opened' });
  t.match(await opened({ mark: 7 }), { type: 'failed', reason: 'Permission denied' });
  made.nft('add rule inet lab in tcp dport 3002 drop');
  made.nft('add rule inet lab in tcp dport 3003 reject with icmp type admin-prohibited');
  made.nft('add rule inet lab in tcp dport 3004 reject with tcp reset');
  const dropped = await opened({ target: endpoint('127.0.0.1', 3002) });
  t.match(dropped, { type: 'timed_out' });
  t.ok(took(dropped, timeoutMs));
  const rejected = await opened({ target: endpoint('127.0.0.1', 3003) });
  t.match(rejected, { type: 'failed', reason: 'No route to host' });
  t.match(await opened({ target: endpoint('127.0.0.1', 3004) }), { type: 'refused' });
});
