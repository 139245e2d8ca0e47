// Our daemon and another router (Debian's keepalived, or FRR) on one real segment, with a
// configuration that differs in priorities alone.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { command } from '../../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../../scripts/lab/namespaces.js';
import { FrrRouter } from './frr-router.js';

/** Three intervals, the skew, and time for a slow machine. */
export const takeoverMs = 20_000;

export const nodes = ['ours', 'theirs'] as const;
export type Node = (typeof nodes)[number];

export type Scenario = {
  readonly name: string;
  readonly virtualAddress: string;
  /** In vrrp_instance, for both; `{peer}` and `{own}` stand for the nodes' addresses. */
  readonly lines: string;
  /** Adverts come from this one; undefined: from the interface's own. */
  readonly mac?: string;
  /** Theirs is FRR instead of keepalived, with the same settings. */
  readonly frr?: { readonly version: 2 | 3; readonly intervalMs: number };
};

const own: Readonly<Record<Node, string>> = { ours: '192.0.2.1', theirs: '192.0.2.2' };

/** Several may be there at the same time. */
let segmentsCount = 0;

export class Segment {
  readonly namespaces = new Namespaces(`ks${process.pid.toString(36)}${segmentsCount++}`);
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-'));
  readonly scenario: Scenario;
  readonly #frr: FrrRouter | null;
  #starts = 0;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    for (const name of ['net', ...nodes]) this.namespaces.add(name);
    this.namespaces.addBridge('net', 'br0');
    for (const name of nodes) {
      this.namespaces.connect(name, 'eth0', 'net', 'br0');
      this.namespaces.run(name, 'sysctl', '-qw', 'net.ipv6.conf.eth0.disable_ipv6=0');
      this.namespaces.ip(name, 'address', 'add', `${own[name]}/24`, 'dev', 'eth0');
    }
    const { frr, virtualAddress } = scenario;
    const place = { namespaces: this.namespaces, node: 'theirs', logFile: this.logFile('theirs') };
    this.#frr = frr === undefined ? null : new FrrRouter({ ...place, virtualAddress, ...frr });
  }

  /** `extra`: lines of our own language, for ours alone. */
  async start(name: Node, priority: number, extra = ''): Promise<number> {
    if (name === 'theirs' && this.#frr !== null) return this.#frr.start(priority);
    const config = join(this.folder, `${name}.conf`);
    // One that was killed may leave files behind that keep the next one from starting.
    this.#starts += 1;
    const runtime = join(this.folder, `${name}-${name === 'ours' ? 0 : this.#starts}`);
    mkdirSync(runtime, { recursive: true });
    writeFileSync(config, this.#config(name, priority, name === 'ours' ? extra : ''));
    const ours = [process.execPath, command('keepalived'), '--runtime-dir', runtime];
    const theirs = ['keepalived', '-p', `${runtime}/pid`, '-r', `${runtime}/vrrp.pid`];
    const words = [...(name === 'ours' ? ours : theirs), '-nlDG', '-f', config];
    return this.namespaces.start(name, this.logFile(name), words).pid;
  }

  holds(name: Node): boolean {
    if (name === 'theirs' && this.#frr !== null) return this.#frr.holds();
    const shown = this.namespaces.ip(name, 'address', 'show');
    return shown.includes(` ${this.scenario.virtualAddress}/`);
  }

  /** No process that does VRRP is left in the namespace of the node. */
  isIdle(name: Node): boolean {
    const words = ['netns', 'pids', this.namespaces.fullName(name)];
    const pids = execFileSync('ip', words, { encoding: 'utf8' }).trim().split('\n').map(Number);
    const others = name === 'theirs' ? (this.#frr?.remainingPids ?? []) : [];
    return pids.every((pid) => pid === 0 || others.includes(pid));
  }

  /** `carrier`: its cable is pulled at the other end; `link`: its interface is taken down. */
  setLink(name: Node, what: 'carrier' | 'link', state: 'up' | 'down'): void {
    if (what === 'carrier') this.namespaces.ip('net', 'link', 'set', `${name}-eth0`, state);
    else this.namespaces.ip(name, 'link', 'set', 'eth0', state);
  }

  /** Until one node holds the address and the other does not. */
  async waitForHolder(holder: Node): Promise<void> {
    const other = holder === 'ours' ? 'theirs' : 'ours';
    const { virtualAddress } = this.scenario;
    await waitFor(`${holder} holds ${virtualAddress}`, takeoverMs, () => {
      return this.holds(holder) && !this.holds(other);
    });
  }

  /** By the process that was started last. */
  async waitForLog(name: Node, text: string): Promise<void> {
    await waitFor(`${name} says ${text}`, takeoverMs, () => {
      const log = this.log(name);
      return log.slice(log.lastIndexOf(': Starting Kee')).includes(text);
    });
  }

  logFile(name: Node | 'tcpdump'): string {
    return join(this.folder, `${name}.log`);
  }

  log(name: Node | 'tcpdump'): string {
    return existsSync(this.logFile(name)) ? readFileSync(this.logFile(name), 'utf8') : '';
  }

  async remove(): Promise<void> {
    await this.namespaces.remove();
    this.#frr?.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #config(name: Node, priority: number, extra: string): string {
    const peer = own[name === 'ours' ? 'theirs' : 'ours'];
    const { lines, virtualAddress } = this.scenario;
    return `vrrp_instance V_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${priority}
    ${lines.replaceAll('{peer}', peer).replaceAll('{own}', own[name])}
    virtual_ipaddress {
        ${virtualAddress}/${virtualAddress.includes(':') ? 64 : 24}
    }
    ${extra}
}
`;
  }
}

/** Its logs are printed when the story fails. */
export async function withSegment(
  t: Test,
  scenario: Scenario,
  story: (segment: Segment) => Promise<void>,
): Promise<void> {
  const segment = new Segment(scenario);
  try {
    await story(segment);
  } catch (cause) {
    for (const name of nodes) t.comment(`${name}:\n${segment.log(name)}`);
    throw cause;
  } finally {
    await segment.remove();
  }
}
