// Two nodes of ours and three clients that ask a virtual address every two milliseconds who is
// there: one as clients do, by ARP; the others keep to the MAC address of one node each, whatever
// is announced, so that a node which still holds the address answers although the other one has it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { command } from '../../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../../scripts/lab/namespaces.js';
import { Probes, timeoutMs } from './probes.js';

export const nodes = ['a', 'b'] as const;
export type Node = (typeof nodes)[number];
const virtualAddress = '192.0.2.100';
const hosts = { a: 1, b: 2, all: 11, 'to-a': 12, 'to-b': 13 } as const;
let fieldsCount = 0;

export class ProbeField {
  readonly namespaces = new Namespaces(`kp${process.pid.toString(36)}${fieldsCount++}`);
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-'));
  readonly probes = new Probes(this.namespaces, this.folder);
  readonly #logFiles: Partial<Record<Node, string>> = {};
  #starts = 0;

  constructor() {
    this.namespaces.add('net');
    this.namespaces.addBridge('net', 'br0');
    for (const [name, host] of Object.entries(hosts)) {
      this.namespaces.add(name);
      this.namespaces.connect(name, 'eth0', 'net', 'br0');
      this.namespaces.ip(name, 'address', 'add', `192.0.2.${host}/24`, 'dev', 'eth0');
    }
  }

  /** The answers begin when someone has the address. */
  async startProbes(): Promise<void> {
    for (const node of nodes) {
      this.probes.start(node, 'responder', node);
      const mac = this.namespaces.run(node, 'cat', '/sys/class/net/eth0/address').trim();
      const neighbour = [virtualAddress, 'lladdr', mac, 'dev', 'eth0', 'nud', 'permanent'];
      this.namespaces.ip(`to-${node}`, 'neighbour', 'add', ...neighbour);
    }
    for (const place of ['all', 'to-a', 'to-b']) {
      this.probes.start(place, 'asker', virtualAddress);
    }
    await this.probes.waitUntilReady();
  }

  /** `lines`: of vrrp_instance; `more`: after it. Answers with the pid of the daemon. */
  startDaemon(node: Node, priority: number, lines: string, more = ''): number {
    const runtime = join(this.folder, node);
    mkdirSync(runtime, { recursive: true, mode: 0o700 });
    const config = this.writeConfig(node, priority, lines, more);
    const words = [process.execPath, command('keepalived'), '--runtime-dir', runtime];
    this.#starts += 1;
    this.#logFiles[node] = `${node}-${this.#starts}.log`;
    const log = join(this.folder, this.#logFiles[node]);
    return this.namespaces.start(node, log, [...words, '-nlDG', '-f', config]).pid;
  }

  writeConfig(node: Node, priority: number, lines: string, more = ''): string {
    const config = join(this.folder, `${node}.conf`);
    writeFileSync(config, `${instanceText(priority, lines)}${more}`);
    return config;
  }

  /** As the kernel counts it down. */
  leaseSeconds(node: Node): number {
    const shown = this.namespaces.ip(node, 'address', 'show', 'to', virtualAddress);
    return Number(/valid_lft (\d+)sec/.exec(shown)?.[1] ?? 0);
  }

  async waitForLog(node: Node, text: string): Promise<void> {
    await waitFor(`${node} says ${text}`, timeoutMs, () => this.log(node).includes(text));
  }

  /** Of the daemon that was started last. */
  log(node: Node): string {
    const file = this.#logFiles[node];
    return file === undefined ? '' : this.#text(file);
  }

  async remove(): Promise<void> {
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #text(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }
}

/** The logs are printed when the story fails. */
export async function withField(
  t: Test,
  story: (field: ProbeField) => Promise<void>,
): Promise<void> {
  const field = new ProbeField();
  try {
    await field.startProbes();
    await story(field);
  } catch (cause) {
    for (const node of nodes) t.comment(`${node}:\n${field.log(node)}`);
    throw cause;
  } finally {
    await field.remove();
  }
}

function instanceText(priority: number, lines: string): string {
  return `vrrp_instance V_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${priority}
    nopreempt
    ${lines}
    virtual_ipaddress {
        ${virtualAddress}/24
    }
}
`;
}
