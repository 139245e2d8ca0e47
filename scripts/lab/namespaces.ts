// Network namespaces of one run: unique names, commands and processes inside them, and an end that
// removes everything by the pids and names that this run made, also after a failure.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const execFileAsync = promisify(execFile);
const outputBytesMax = 64 * 1024 * 1024;

/** A test runner adds options to the Node processes below it; ours shall run as a user's do. */
export const plainly = ['env', '-u', 'NODE_OPTIONS'] as const;

export type Started = { readonly pid: number; readonly child: ChildProcess };

export class Namespaces {
  readonly #prefix: string;
  readonly #names = new Set<string>();
  readonly #pids = new Set<number>();

  /** `prefix` tells runs apart: at most 6 characters, the pid in base 36 does. */
  constructor(prefix = `ks${process.pid.toString(36)}`) {
    this.#prefix = prefix;
  }

  fullName(name: string): string {
    return `${this.#prefix}-${name}`;
  }

  add(name: string): void {
    const fullName = this.fullName(name);
    ip('netns', 'add', fullName);
    this.#names.add(fullName);
    this.ip(name, 'link', 'set', 'lo', 'up');
    // The kernel's own IPv6 chatter would only blur what the captures and counters show.
    this.run(name, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1');
    this.run(name, 'sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1');
  }

  /** A veth pair: `port` in `name`, its other end a port of `bridge` in the namespace `network`. */
  connect(name: string, port: string, network: string, bridge: string): void {
    const far = `${name}-${port}`;
    this.ip(
      network,
      'link',
      'add',
      far,
      'type',
      'veth',
      'peer',
      'name',
      port,
      'netns',
      this.fullName(name),
    );
    this.ip(network, 'link', 'set', far, 'master', bridge, 'up');
    this.ip(name, 'link', 'set', port, 'up');
  }

  addBridge(name: string, bridge: string): void {
    this.ip(
      name,
      'link',
      'add',
      bridge,
      'type',
      'bridge',
      'forward_delay',
      '0',
      'mcast_snooping',
      '0',
    );
    this.ip(name, 'link', 'set', bridge, 'up');
  }

  /** `ip` inside the namespace. */
  ip(name: string, ...words: string[]): string {
    return ip('-n', this.fullName(name), ...words);
  }

  /** Runs to the end; throws with the command's own words when it fails. */
  run(name: string, ...command: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.fullName(name), ...command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: outputBytesMax,
    });
  }

  /** As `run`, without blocking; rejects when the command fails. */
  async runAsync(name: string, ...command: string[]): Promise<string> {
    const words = ['netns', 'exec', this.fullName(name), ...plainly, ...command];
    const { stdout } = await execFileAsync('ip', words, { maxBuffer: outputBytesMax });
    return stdout;
  }

  /** `ip netns exec` replaces itself by the command, so the pid is the command's own. */
  start(name: string, logFile: string, command: readonly string[]): Started {
    const log = openSync(logFile, 'a');
    const child = spawn('ip', ['netns', 'exec', this.fullName(name), ...plainly, ...command], {
      stdio: ['ignore', log, log],
    });
    const pid = child.pid ?? 0;
    this.adopt(pid);
    child.on('exit', () => this.#pids.delete(pid));
    return { pid, child };
  }

  /** A process that one of ours started (its pid file says so) is ended with the run. */
  adopt(pid: number): void {
    if (pid > 0) this.#pids.add(pid);
  }

  async stop(pid: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    signalTo(pid, signal);
    for (let tries = 0; tries < 500 && isAlive(pid); tries++) await pause(10);
    if (isAlive(pid)) signalTo(pid, 'SIGKILL');
    this.#pids.delete(pid);
  }

  /** Every process of this run; the namespaces stay. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#pids].map((pid) => this.stop(pid)));
  }

  async remove(): Promise<void> {
    await this.stopAll();
    for (const fullName of this.#names) ip('netns', 'delete', fullName);
    this.#names.clear();
  }
}

/** Asks until the answer is yes; throws what was waited for when `timeoutMs` has passed. */
export async function waitFor(
  what: string,
  timeoutMs: number,
  condition: () => Promise<boolean> | boolean,
): Promise<number> {
  const startMs = performance.now();
  for (;;) {
    if (await condition()) return performance.now() - startMs;
    if (performance.now() - startMs > timeoutMs) {
      throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    }
    await pause(20);
  }
}

export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}

function ip(...words: string[]): string {
  return execFileSync('ip', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
