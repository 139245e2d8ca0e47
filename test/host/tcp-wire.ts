// Two namespaces on one link, each with HostTcpSessions in a process of its own, and the kernel's
// counters of what it dropped.
import { join } from 'node:path';
import { checkout } from '../../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../../scripts/lab/namespaces.js';
import { type IpAddress, ipAddress } from '../../src/net/address.js';
import type { TcpPeer, TcpTarget } from '../../src/ports/tcp-sessions.js';
import { NamespaceChild } from './namespace-child.js';
import type { SessionFacts, TcpRequest } from './tcp-sessions-child.js';

export const timeoutMs = 20_000;
const program = join(checkout, 'build', 'test', 'host', 'tcp-sessions-child.js');

export const addresses = {
  a: {
    ipv4: ipAddress('10.77.0.1'),
    other: ipAddress('10.77.0.3'),
    ipv6: ipAddress('2001:db8:77::1'),
    link: ipAddress('fe80::a'),
  },
  b: {
    ipv4: ipAddress('10.77.0.2'),
    other: ipAddress('10.77.0.4'),
    ipv6: ipAddress('2001:db8:77::2'),
    link: ipAddress('fe80::b'),
  },
} as const;

export type End = 'a' | 'b';
export type Facts = SessionFacts;

export function peer(address: IpAddress, over: Partial<TcpPeer> = {}): TcpPeer {
  return { address, password: null, sentHops: 64, hopsMin: null, interface: null, ...over };
}

export function target(address: IpAddress, over: Partial<TcpTarget> = {}): TcpTarget {
  return { ...peer(address), port: 179, source: null, ...over };
}

export class TcpWire {
  readonly namespaces = new Namespaces(`kt${process.pid.toString(36)}`);
  readonly #children = new Map<End, NamespaceChild<TcpRequest>>();

  constructor() {
    const { namespaces } = this;
    for (const name of ['a', 'b']) namespaces.add(name);
    const far = ['peer', 'name', 'eth0', 'netns', namespaces.fullName('b')];
    namespaces.ip('a', 'link', 'add', 'eth0', 'type', 'veth', ...far);
    for (const end of ['a', 'b'] as const) {
      const { ipv4, other, ipv6, link } = addresses[end];
      namespaces.ip(end, 'link', 'set', 'eth0', 'up');
      // The only link-local address is the one that peers know.
      namespaces.run(end, 'sysctl', '-qw', 'net.ipv6.conf.eth0.addr_gen_mode=1');
      for (const scope of ['all', 'default', 'eth0']) {
        namespaces.run(end, 'sysctl', '-qw', `net.ipv6.conf.${scope}.disable_ipv6=0`);
      }
      // A connection that nobody answers ends after three seconds.
      namespaces.run(end, 'sysctl', '-qw', 'net.ipv4.tcp_syn_retries=1');
      // Before that, the kernel knows that there is nobody.
      namespaces.run(end, 'sysctl', '-qw', 'net.ipv4.neigh.eth0.retrans_time_ms=100');
      for (const address of [ipv4, other]) {
        namespaces.ip(end, 'address', 'add', `${address}/24`, 'dev', 'eth0');
      }
      for (const address of [ipv6, link]) {
        namespaces.ip(end, 'address', 'add', `${address}/64`, 'dev', 'eth0', 'nodad');
      }
      this.#children.set(end, new NamespaceChild(namespaces.fullName(end), program));
    }
  }

  /** One more between the two, with an address at each end. */
  addLink(name: string, ends: Readonly<Record<End, string>>): void {
    const { namespaces } = this;
    const far = ['peer', 'name', name, 'netns', namespaces.fullName('b')];
    namespaces.ip('a', 'link', 'add', name, 'type', 'veth', ...far);
    for (const end of ['a', 'b'] as const) {
      namespaces.ip(end, 'link', 'set', name, 'up');
      namespaces.ip(end, 'address', 'add', ends[end], 'dev', name);
    }
  }

  async ask(end: End, request: TcpRequest): Promise<unknown> {
    return this.#child(end).ask(request);
  }

  async facts(end: End, session: string): Promise<SessionFacts | null> {
    return (await this.ask(end, { call: 'facts', session })) as SessionFacts | null;
  }

  /** Waits until the session of that end is as asked. */
  async until(
    end: End,
    session: string,
    what: string,
    holds: (facts: SessionFacts) => boolean,
  ): Promise<SessionFacts> {
    let last: SessionFacts | null = null;
    await waitFor(`${session} of ${end} ${what}`, timeoutMs, async () => {
      last = await this.facts(end, session);
      return last !== null && holds(last);
    });
    if (last === null) throw new Error('assertion: it holds of something');
    return last;
  }

  /** A counter of /proc/net/netstat, such as TCPMD5Failure. */
  dropped(end: End, name: string): number {
    const text = this.namespaces.run(end, 'cat', '/proc/net/netstat');
    const [names = [], values = []] = text
      .split('\n')
      .filter((line) => line.startsWith('TcpExt:'))
      .map((line) => line.split(' '));
    return Number(values[names.indexOf(name)] ?? Number.NaN);
  }

  async untilDropped(end: End, name: string, before: number): Promise<void> {
    await waitFor(`${name} of ${end} grows`, timeoutMs, () => this.dropped(end, name) > before);
  }

  signal(end: End, signal: NodeJS.Signals): void {
    this.#child(end).signal(signal);
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => child.end()));
    await this.namespaces.remove();
  }

  #child(end: End): NamespaceChild<TcpRequest> {
    const child = this.#children.get(end);
    if (child === undefined) throw new Error('assertion: both ends have one');
    return child;
  }
}
