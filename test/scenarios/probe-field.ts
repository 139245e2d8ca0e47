// Two nodes of ours and three clients that ask a virtual address every two milliseconds who is
// there: one as clients do, by ARP; the others keep to the MAC address of one node each, whatever is
// announced, so that a node which still holds the address answers although the other one has it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { checkout, command } from '../../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../../scripts/lab/namespaces.js';

export const nodes = ['a', 'b'] as const;
export type Node = (typeof nodes)[number];
/** `all`: finds its way by ARP. */
export type Asker = 'all' | Node;
const askers: readonly Asker[] = ['all', ...nodes];

/** A datagram that was answered. */
export type Answer = { readonly number: number; readonly sentMs: number; readonly by: Node };

export const timeoutMs = 30_000;
const virtualAddress = '192.0.2.100';
const program = join(checkout, 'build', 'test', 'scenarios', 'probe-child.js');
const hosts = { a: 1, b: 2, all: 11, 'to-a': 12, 'to-b': 13 } as const;
let fieldsCount = 0;

export class ProbeField {
  readonly namespaces = new Namespaces(`kp${process.pid.toString(36)}${fieldsCount++}`);
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-'));
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
      this.#startChild(node, ['responder', node]);
      const mac = this.namespaces.run(node, 'cat', '/sys/class/net/eth0/address').trim();
      const neighbour = [virtualAddress, 'lladdr', mac, 'dev', 'eth0', 'nud', 'permanent'];
      this.namespaces.ip(`to-${node}`, 'neighbour', 'add', ...neighbour);
    }
    for (const asker of askers) this.#startChild(placeOf(asker), ['asker', virtualAddress]);
    await waitFor('all that ask and answer', timeoutMs, () => {
      return Object.keys(hosts).every((name) => this.#text(`${name}.probe`).startsWith('ready'));
    });
  }

  /** `lines`: of vrrp_instance; `more`: after it. Answers with the pid of the daemon. */
  startDaemon(node: Node, priority: number, lines: string, more = ''): number {
    const runtime = join(this.folder, node);
    mkdirSync(runtime, { recursive: true, mode: 0o700 });
    const config = join(this.folder, `${node}.conf`);
    writeFileSync(config, `${instanceText(priority, lines)}${more}`);
    const words = [process.execPath, command('keepalived'), '--runtime-dir', runtime];
    this.#starts += 1;
    this.#logFiles[node] = `${node}-${this.#starts}.log`;
    const log = join(this.folder, this.#logFiles[node]);
    return this.namespaces.start(node, log, [...words, '-nlDG', '-f', config]).pid;
  }

  /** At least 50 more answers by `node`, of those that `asker` sends from now on. */
  async waitForAnswers(asker: Asker, node: Node): Promise<void> {
    const sinceMs = nowMs();
    await waitFor(`${node} answers ${asker}`, timeoutMs, () => {
      const later = this.answers(asker).filter(({ sentMs }) => sentMs > sinceMs);
      return later.filter(({ by }) => by === node).length >= 50;
    });
  }

  async waitForLog(node: Node, text: string): Promise<void> {
    await waitFor(`${node} says ${text}`, timeoutMs, () => this.log(node).includes(text));
  }

  /** Of the daemon that was started last. */
  log(node: Node): string {
    const file = this.#logFiles[node];
    return file === undefined ? '' : this.#text(file);
  }

  /** Of probes sent after `sinceMs`, in the order of their numbers. */
  answers(asker: Asker, sinceMs = 0): readonly Answer[] {
    return this.#text(`${placeOf(asker)}.probe`)
      .split('\n')
      .slice(1, -1)
      .map((line) => {
        const [number, sentMs, by] = line.split(' ');
        return {
          number: Number(number),
          sentMs: Number(sentMs),
          by: by === 'a' ? 'a' : 'b',
        } as const;
      })
      .filter(({ sentMs }) => sentMs > sinceMs)
      .sort((left, right) => left.number - right.number);
  }

  /**
   * From the last probe that `from` answered to the first one that `to` did, each asked directly:
   * negative while both had the address.
   */
  gapMs(from: Node, to: Node, sinceMs: number): number {
    const last = this.answers(from, sinceMs).at(-1)?.sentMs ?? sinceMs;
    return (this.answers(to, sinceMs)[0]?.sentMs ?? Number.NaN) - last;
  }

  async remove(): Promise<void> {
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #startChild(place: string, words: readonly string[]): void {
    const log = join(this.folder, `${place}.probe`);
    this.namespaces.start(place, log, [process.execPath, program, ...words]);
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

/** Of the clock that the probes carry. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Who answered, without repetitions: "a b" is one handover. */
export function turnsOf(answers: readonly Answer[]): string {
  const names = answers.map(({ by }) => by);
  return names.filter((name, index) => name !== names[index - 1]).join(' ');
}

function placeOf(asker: Asker): string {
  return asker === 'all' ? asker : `to-${asker}`;
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
