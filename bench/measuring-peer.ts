// bgp-peer.ts in its namespace: its events, waited for in order.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkout } from '../scripts/lab/checkout.js';
import { type Namespaces, plainly, waitFor } from '../scripts/lab/namespaces.js';
import type { PeerEvent } from './bgp-peer.js';

type Of<Name> = Extract<PeerEvent, { event: Name }>;

export class MeasuringPeer {
  readonly #child: ChildProcess;
  readonly #namespaces: Namespaces;
  readonly #events: PeerEvent[] = [];

  constructor(namespaces: Namespaces, node: string, localAs: number, identifier: string) {
    const program = join(checkout, 'build', 'bench', 'bgp-peer.js');
    const words = ['netns', 'exec', namespaces.fullName(node), ...plainly, process.execPath];
    this.#namespaces = namespaces;
    this.#child = spawn('ip', [...words, program, String(localAs), identifier], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    namespaces.adopt(this.#child.pid ?? 0);
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('assertion: standard output is a pipe');
    createInterface({ input: stdout }).on('line', (line) => {
      this.#events.push(JSON.parse(line) as PeerEvent);
    });
  }

  /** The last of its kind. */
  last<Name extends PeerEvent['event']>(name: Name): Of<Name> | undefined {
    return this.#events.findLast((one): one is Of<Name> => one.event === name);
  }

  async next<Name extends PeerEvent['event']>(name: Name, timeoutMs: number): Promise<Of<Name>> {
    let found: Of<Name> | undefined;
    await waitFor(`the neighbour says ${name}`, timeoutMs, () => {
      found = this.last(name);
      return found !== undefined;
    });
    if (found === undefined) throw new Error('assertion: it was found');
    return found;
  }

  /** The burst since `fromMs` with which so many prefixes were told. */
  async told(prefixes: number, timeoutMs: number, fromMs = 0): Promise<Of<'told'>> {
    let found: Of<'told'> | undefined;
    await waitFor(`${prefixes} prefixes`, timeoutMs, () => {
      found = this.#events.find((one): one is Of<'told'> => {
        return one.event === 'told' && one.prefixes >= prefixes && one.atMs >= fromMs;
      });
      return found !== undefined;
    });
    if (found === undefined) throw new Error('assertion: it was found');
    return found;
  }

  flood(routes: number, perUpdate: number): void {
    this.#child.stdin?.write(`flood ${routes} ${perUpdate}\n`);
  }

  /** Ends the session; what was told until now is forgotten. */
  async close(timeoutMs: number): Promise<void> {
    this.#child.stdin?.write('close\n');
    await this.next('closed', timeoutMs);
    this.#events.length = 0;
  }

  async end(): Promise<void> {
    await this.#namespaces.stop(this.#child.pid ?? 0, 'SIGKILL');
  }
}
