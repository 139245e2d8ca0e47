// FRR's vrrpd as a node of a segment: zebra and vrrpd with folders of their own, and the macvlan
// that FRR wants made beforehand. FRR holds its addresses by letting that macvlan be up.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Namespaces, waitFor } from '../../scripts/lab/namespaces.js';

export type FrrOptions = {
  readonly namespaces: Namespaces;
  /** The name of its namespace; its interface is eth0. */
  readonly node: string;
  readonly logFile: string;
  readonly virtualAddress: string;
  readonly version: 2 | 3;
  readonly intervalMs: number;
};

const programs = '/usr/lib/frr';
const routerId = 51;
const startTimeoutMs = 20_000;
/** What FRR sends IPv6 adverts from; it takes whatever link-local address its macvlan has. */
const linkLocal = 'fe80::2:51/64';

export class FrrRouter {
  readonly #options: FrrOptions;
  readonly #device: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'keelson-frr-'));
  #zebra = 0;

  constructor(options: FrrOptions) {
    this.#options = options;
    const { namespaces, node, virtualAddress } = options;
    const isIpv6 = virtualAddress.includes(':');
    this.#device = isIpv6 ? 'vrrp6' : 'vrrp4';
    // It gives up root's rights before it makes its sockets.
    execFileSync('chown', ['frr:frr', this.#folder]);
    const mac = `00:00:5e:00:0${isIpv6 ? 2 : 1}:${routerId.toString(16)}`;
    const ip = (...words: string[]) => namespaces.ip(node, ...words);
    const kind = ['type', 'macvlan', 'mode', 'bridge'];
    ip('link', 'add', this.#device, 'link', 'eth0', 'address', mac, ...kind);
    if (isIpv6) {
      namespaces.run(node, 'sysctl', '-qw', `net.ipv6.conf.${this.#device}.disable_ipv6=0`);
      namespaces.run(node, 'sysctl', '-qw', `net.ipv6.conf.${this.#device}.addr_gen_mode=1`);
      ip('address', 'add', linkLocal, 'dev', this.#device, 'nodad');
    }
    const length = isIpv6 ? '64' : '32';
    const extra = isIpv6 ? ['nodad'] : [];
    ip('address', 'add', `${virtualAddress}/${length}`, 'dev', this.#device, ...extra);
    // Until vrrpd says otherwise.
    ip('link', 'set', this.#device, 'up', 'protodown', 'on');
  }

  /** The pid of its vrrpd. */
  async start(priority: number): Promise<number> {
    if (this.#zebra === 0) {
      this.#zebra = this.#run('zebra', '');
      await waitFor('zebra runs', startTimeoutMs, () => this.#answers('zebra', 'show version'));
    }
    const { virtualAddress, version, intervalMs } = this.#options;
    const family = virtualAddress.includes(':') ? 'ipv6' : 'ip';
    return this.#run(
      'vrrpd',
      `debug vrrp
interface eth0
 vrrp ${routerId} version ${version}
 vrrp ${routerId} priority ${priority}
 vrrp ${routerId} advertisement-interval ${intervalMs}
 vrrp ${routerId} ${family} ${virtualAddress}
exit
`,
    );
  }

  /** Without carrier its macvlan is none that answers. */
  holds(): boolean {
    const { namespaces, node } = this.#options;
    return / state UP /.test(namespaces.ip(node, 'link', 'show', 'dev', this.#device));
  }

  /** That stay when its vrrpd is gone. */
  get remainingPids(): readonly number[] {
    return [this.#zebra];
  }

  /** After its processes. */
  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(program: 'zebra' | 'vrrpd', config: string): number {
    const { namespaces, node, logFile } = this.#options;
    const folder = this.#folder;
    const file = join(folder, `${program}.conf`);
    writeFileSync(file, config);
    const words = [
      ...[join(programs, program), '-f', file, '-i', join(folder, `${program}.pid`)],
      ...['-z', join(folder, 'zserv.api'), '--vty_socket', folder],
      ...['-A', '127.0.0.1', '-P', '0', '--log', 'stdout'],
    ];
    return namespaces.start(node, logFile, words).pid;
  }

  #answers(program: string, question: string): boolean {
    const words = ['--vty_socket', this.#folder, '-d', program, '-c', question];
    try {
      execFileSync('vtysh', words, { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }
}
