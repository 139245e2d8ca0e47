// One node whose daemon checks real servers on its own loopback, with a data plane that shows what
// becomes of them: servers that are started and stopped, the log, the table, the status.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../../scripts/lab/namespaces.js';
import type { Status } from '../../src/daemon/status.js';

export const patienceMs = 30_000;
const node = 'node';
/** Greets and hangs up. */
const listener = `require('node:net').createServer((socket) => {
socket.on('error', () => {});
socket.end('hello');
}).listen(8080, process.argv[1]);`;

export class ServicesNode {
  readonly namespaces: Namespaces;
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-'));
  readonly #listeners = new Map<string, number>();
  #daemonPid = 0;

  /** `mark`, one letter, tells nodes beside each other apart. */
  constructor(mark: string, serverAddresses: readonly string[]) {
    this.namespaces = new Namespaces(`k${mark}${process.pid.toString(36)}`);
    this.namespaces.add(node);
    for (const address of serverAddresses) {
      this.namespaces.ip(node, 'address', 'add', `${address}/32`, 'dev', 'lo');
    }
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** A real server; it listens soon. */
  startServer(address: string): void {
    const words = [process.execPath, '-e', listener, address];
    const { pid } = this.namespaces.start(node, this.path(`server-${address}`), words);
    this.#listeners.set(address, pid);
  }

  async stopServer(address: string): Promise<void> {
    await this.namespaces.stop(this.#listeners.get(address) ?? 0, 'SIGKILL');
  }

  write(services: string): void {
    writeFileSync(
      this.path('conf'),
      `dataplane {
workers 1
poll adaptive
hugepages off
port dpdk0 {
device net_null
}
}
local_address_group back {
10.255.0.1 dpdk0
}
${services}`,
    );
  }

  start(): void {
    const words = [process.execPath, command('keepalived'), '-nlDG', ...this.#place];
    const all = [...words, '-f', this.path('conf')];
    this.#daemonPid = this.namespaces.start(node, this.path('log'), all).pid;
  }

  reload(): void {
    process.kill(this.#daemonPid, 'SIGHUP');
  }

  async stopDaemon(): Promise<void> {
    await this.namespaces.stop(this.#daemonPid);
  }

  /** Lines of the log that say what is looked for. */
  log(wanted: RegExp): readonly string[] {
    const path = this.path('log');
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
    return lines.filter((line) => wanted.test(line));
  }

  async waitForLog(wanted: RegExp, count = 1): Promise<void> {
    await waitFor(`${count} of ${wanted} in the log`, patienceMs, () => {
      return this.log(wanted).length >= count;
    });
  }

  async status(): Promise<Status> {
    return JSON.parse(await this.tool('keelson', 'status', '--json')) as Status;
  }

  async tool(name: string, ...words: string[]): Promise<string> {
    return this.namespaces.runAsync(
      node,
      process.execPath,
      command(name),
      ...this.#place,
      ...words,
    );
  }

  /** "198.51.100.1:8080 5" for each real server and its weight, sorted. */
  async table(): Promise<readonly string[]> {
    const listing = await this.tool('ipvsadm', '-Ln');
    const rows = listing.matchAll(/-> (\S+:\d+) +\S+ +(\d+)/g);
    return [...rows].map(([, server, weight]) => `${server} ${weight}`).toSorted();
  }

  async waitForTable(...wanted: readonly string[]): Promise<void> {
    let seen = '';
    try {
      await waitFor('the table', patienceMs, async () => {
        // There is no data plane yet when the daemon begins.
        seen = (await this.table().catch((error: Error) => [error.message])).join();
        return seen === wanted.join();
      });
    } catch {
      throw new Error(`waited in vain for ${wanted.join()}; the table has ${seen}`);
    }
  }

  async remove(): Promise<void> {
    const pidFile = this.path('run/dataplane.pid');
    if (existsSync(pidFile)) this.namespaces.adopt(Number(readFileSync(pidFile, 'utf8')));
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #place(): readonly string[] {
    return ['--runtime-dir', this.path('run')];
  }
}
