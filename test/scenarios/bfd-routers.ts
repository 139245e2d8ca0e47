// Routers that speak BFD with a node under test: FRR's bfdd and BIRD, each in a namespace of its
// own with folders of its own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Namespaces, waitFor } from '../../scripts/lab/namespaces.js';

const programs = '/usr/lib/frr';
const startTimeoutMs = 20_000;

/** As `show bfd peers json` has it, as far as it is looked at. */
export type FrrPeer = {
  readonly peer: string;
  readonly multihop: boolean;
  readonly status: string;
  readonly diagnostic: string;
  readonly 'remote-diagnostic': string;
  readonly 'remote-receive-interval': number;
  readonly 'remote-transmit-interval': number;
  readonly 'remote-detect-multiplier': number;
};

export class FrrBfd {
  readonly #namespaces: Namespaces;
  readonly #node: string;
  readonly #logFile: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'keelson-frr-'));
  #bfdd = 0;

  constructor(namespaces: Namespaces, node: string, logFile: string) {
    this.#namespaces = namespaces;
    this.#node = node;
    this.#logFile = logFile;
    // It gives up root's rights before it makes its sockets.
    execFileSync('chown', ['frr:frr', this.#folder]);
  }

  get pid(): number {
    return this.#bfdd;
  }

  async start(config: string): Promise<void> {
    this.#run('zebra', '');
    await waitFor('zebra runs', startTimeoutMs, () => this.#answers('zebra'));
    this.#bfdd = this.#run('bfdd', config);
    await waitFor('bfdd runs', startTimeoutMs, () => this.#answers('bfdd'));
  }

  configure(...lines: readonly string[]): void {
    this.#ask('bfdd', 'configure terminal', ...lines);
  }

  peers(): readonly FrrPeer[] {
    return JSON.parse(this.#ask('bfdd', 'show bfd peers json')) as readonly FrrPeer[];
  }

  /** After its processes. */
  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(program: 'zebra' | 'bfdd', config: string): number {
    const folder = this.#folder;
    const file = join(folder, `${program}.conf`);
    writeFileSync(file, config);
    const words = [
      ...[join(programs, program), '-f', file, '-i', join(folder, `${program}.pid`)],
      ...['-z', join(folder, 'zserv.api'), '--vty_socket', folder],
      ...['-A', '127.0.0.1', '-P', '0', '--log', 'stdout'],
      ...(program === 'bfdd' ? ['--bfdctl', join(folder, 'bfdd.sock')] : []),
    ];
    return this.#namespaces.start(this.#node, this.#logFile, words).pid;
  }

  #ask(program: string, ...questions: readonly string[]): string {
    const words = ['--vty_socket', this.#folder, '-d', program];
    const asked = questions.flatMap((question) => ['-c', question]);
    return execFileSync('vtysh', [...words, ...asked], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  }

  #answers(program: string): boolean {
    try {
      this.#ask(program, 'show version');
      return true;
    } catch {
      return false;
    }
  }
}

/** A line of `show bfd sessions`. */
export type BirdSession = {
  readonly neighbor: string;
  readonly state: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
};

export class BirdBfd {
  readonly #namespaces: Namespaces;
  readonly #node: string;
  readonly #logFile: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'keelson-bird-'));
  #pid = 0;

  constructor(namespaces: Namespaces, node: string, logFile: string) {
    this.#namespaces = namespaces;
    this.#node = node;
    this.#logFile = logFile;
  }

  get pid(): number {
    return this.#pid;
  }

  async start(config: string): Promise<void> {
    const file = join(this.#folder, 'bird.conf');
    writeFileSync(file, config);
    const words = ['bird', '-f', '-c', file, '-s', this.#socket, '-P', join(this.#folder, 'pid')];
    this.#pid = this.#namespaces.start(this.#node, this.#logFile, words).pid;
    await waitFor('BIRD runs', startTimeoutMs, () => this.#ask('show status').includes('running'));
  }

  /** IP address, interface, state, since, interval and timeout, in seconds. */
  sessions(): readonly BirdSession[] {
    return this.#ask('show bfd sessions')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((words) => /^(Up|Down|Init|AdminDown)$/.test(words[2] ?? ''))
      .map((words) => ({
        neighbor: words[0] ?? '',
        state: words[2] ?? '',
        intervalMs: Math.round(Number(words.at(-2)) * 1000),
        timeoutMs: Math.round(Number(words.at(-1)) * 1000),
      }));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #socket(): string {
    return join(this.#folder, 'ctl');
  }

  #ask(question: string): string {
    try {
      return execFileSync('birdc', ['-s', this.#socket, ...question.split(' ')], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch {
      return '';
    }
  }
}
