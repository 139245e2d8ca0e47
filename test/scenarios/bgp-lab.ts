// A link with two or more nodes of BGP on it, in namespaces of this run: who is who, and an end
// that removes everything.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Namespaces } from '../../scripts/lab/namespaces.js';

export class BgpLab {
  readonly namespaces = new Namespaces(`kb${process.pid.toString(36)}`);
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-bgp-'));
  readonly #nodes: readonly string[];

  /** Each has eth0 on one segment. */
  constructor(nodes: readonly string[]) {
    this.#nodes = nodes;
    const { namespaces } = this;
    // FRR is a user of its own.
    chmodSync(this.folder, 0o755);
    namespaces.add('net');
    namespaces.addBridge('net', 'segment');
    for (const node of nodes) {
      namespaces.add(node);
      for (const scope of ['all', 'default', 'lo']) {
        namespaces.run(node, 'sysctl', '-qw', `net.ipv6.conf.${scope}.disable_ipv6=0`);
      }
      // The only link-local address is the one that neighbours know.
      namespaces.run(node, 'sysctl', '-qw', 'net.ipv6.conf.default.addr_gen_mode=1');
      namespaces.connect(node, 'eth0', 'net', 'segment');
      for (const address of [`${this.ipv4(node)}/24`]) {
        namespaces.ip(node, 'address', 'add', address, 'dev', 'eth0');
      }
      for (const address of [this.ipv6(node), this.linkLocal(node)]) {
        namespaces.ip(node, 'address', 'add', `${address}/64`, 'dev', 'eth0', 'nodad');
      }
      namespaces.ip(node, 'address', 'add', `${this.loopback(node)}/32`, 'dev', 'lo');
    }
    // Loopback addresses are two hops away, as routers count.
    for (const node of nodes) {
      for (const other of nodes.filter((entry) => entry !== node)) {
        const via = ['via', this.ipv4(other)];
        namespaces.ip(node, 'route', 'add', `${this.loopback(other)}/32`, ...via);
      }
    }
  }

  ipv4(node: string): string {
    return `10.98.0.${this.#number(node)}`;
  }

  ipv6(node: string): string {
    return `2001:db8:98::${this.#number(node)}`;
  }

  linkLocal(node: string): string {
    return `fe80::98:${this.#number(node)}`;
  }

  loopback(node: string): string {
    return `10.99.0.${this.#number(node)}`;
  }

  /** The ends of all logs, for a story that failed. */
  logs(lines = 25): string {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith('.log'))
      .map((name) => {
        const text = readFileSync(join(this.folder, name), 'utf8').trimEnd().split('\n');
        return [`--- ${name}`, ...text.slice(-lines)].join('\n');
      })
      .join('\n');
  }

  async remove(): Promise<void> {
    await this.namespaces.remove();
    // FRR's files are its own user's.
    rmSync(this.folder, { recursive: true, force: true });
  }

  #number(node: string): number {
    return this.#nodes.indexOf(node) + 1;
  }
}
