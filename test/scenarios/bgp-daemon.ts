// `keepalived` as a node of the BGP lab: its configuration, its end in every way, and what its
// operator sees of it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { command } from '../../scripts/lab/checkout.js';
import { waitFor } from '../../scripts/lab/namespaces.js';
import type { BgpNeighborStatus } from '../../src/daemon/bgp-status.js';
import type { Status } from '../../src/daemon/status.js';
import { BgpLab } from './bgp-lab.js';
import { type RouterNeighbor, type RouterOptions, routerNeighbor } from './bgp-routers.js';
import { timeoutMs } from './bgp-story.js';

export class BgpDaemon {
  readonly #lab: BgpLab;
  readonly #node: string;
  #pid = 0;

  constructor(lab: BgpLab, node: string) {
    this.#lab = lab;
    this.#node = node;
    mkdirSync(this.#runtime);
  }

  /** Returns when it answers operators. */
  async start(config: string): Promise<void> {
    this.write(config);
    const words = [process.execPath, command('keepalived'), '--runtime-dir', this.#runtime];
    const all = [...words, '-nlDG', '-f', this.#configFile];
    this.#pid = this.#lab.namespaces.start(this.#node, this.#logFile, all).pid;
    // A daemon that was killed left its socket behind: only an answer tells.
    await waitFor(`${this.#node} answers`, timeoutMs, async () => {
      return (await this.status().catch(() => null)) !== null;
    });
  }

  write(config: string): void {
    writeFileSync(this.#configFile, config);
  }

  /** Returns when the daemon says how it went. */
  async reload(config: string): Promise<'taken' | 'refused'> {
    this.write(config);
    const taken = this.lines(/Reload finished/).length;
    const refused = this.lines(/The reload failed/).length;
    this.signal('SIGHUP');
    await waitFor(`${this.#node} has reloaded`, timeoutMs, () => {
      return (
        this.lines(/Reload finished/).length > taken ||
        this.lines(/The reload failed/).length > refused
      );
    });
    return this.lines(/Reload finished/).length > taken ? 'taken' : 'refused';
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.#pid, name);
  }

  /** Returns when the process is gone. */
  async end(name: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#lab.namespaces.stop(this.#pid, name);
  }

  /** A daemon that is left stopped would not hear that it is to end, and its data plane stays. */
  async remove(): Promise<void> {
    const planePid = this.path('dataplane.pid');
    if (existsSync(planePid)) {
      this.#lab.namespaces.adopt(Number(readFileSync(planePid, 'utf8')));
    }
    try {
      this.signal('SIGCONT');
    } catch {
      // It has ended.
    }
    await this.end('SIGKILL');
  }

  lines(wanted: RegExp): readonly string[] {
    if (!existsSync(this.#logFile)) return [];
    const all = readFileSync(this.#logFile, 'utf8').split('\n');
    return all.filter((line) => wanted.test(line));
  }

  async says(wanted: RegExp, count = 1): Promise<void> {
    await waitFor(`${this.#node} logs ${count} of ${wanted}`, timeoutMs, () => {
      return this.lines(wanted).length >= count;
    });
  }

  /** Below its runtime directory. */
  path(name: string): string {
    return join(this.#runtime, name);
  }

  keelson(...words: readonly string[]): Promise<string> {
    const place = ['--runtime-dir', this.#runtime];
    const program = [process.execPath, command('keelson'), ...place];
    return this.#lab.namespaces.runAsync(this.#node, ...program, ...words);
  }

  async status(): Promise<Status> {
    return JSON.parse(await this.keelson('status', '--json')) as Status;
  }

  async neighbor(address: string): Promise<BgpNeighborStatus> {
    const { bgp } = await this.status();
    const all = bgp.flatMap(({ neighbors }) => neighbors);
    const found = all.find((one) => one.address === address);
    if (found === undefined) throw new Error(`${this.#node} has no neighbour ${address}`);
    return found;
  }

  async established(address: string): Promise<BgpNeighborStatus> {
    let found: BgpNeighborStatus | null = null;
    await waitFor(`${this.#node} has a session with ${address}`, timeoutMs, async () => {
      found = await this.neighbor(address).catch(() => null);
      return found?.state === 'established';
    });
    if (found === null) throw new Error('assertion: it was found');
    return found;
  }

  async hasAnnouncement(address: string, state: string): Promise<void> {
    await waitFor(`${this.#node}: ${address} is ${state}`, timeoutMs, async () => {
      const { announcements } = await this.status();
      return announcements.some((one) => one.address === address && one.state === state);
    });
  }

  get #runtime(): string {
    return join(this.#lab.folder, `run-${this.#node}`);
  }

  get #configFile(): string {
    return join(this.#lab.folder, `${this.#node}.conf`);
  }

  get #logFile(): string {
    return join(this.#lab.folder, `${this.#node}.log`);
  }
}

export type BgpConfig = {
  readonly routerId?: string | null;
  /** Of bgp_instance, outside neighbours. */
  readonly instance?: string;
  /** Blocks. */
  readonly neighbors: readonly string[];
  /** Everything else of the file. */
  readonly rest: string;
};

export function bgpConfig({ routerId, instance = '', neighbors, rest }: BgpConfig): string {
  const identity = routerId == null ? '' : `    router_id ${routerId}\n`;
  return `bgp_instance edge {
    local_as 65001
${identity}${instance}    allow {
        203.0.113.0/24 le 32
        2001:db8:f::/48 le 128
    }
${neighbors.join('')}}
${rest}`;
}

export function neighborBlock(address: string, ...lines: readonly string[]): string {
  const all = ['connect_retry 1', ...lines];
  const hasAs = lines.some((line) => line.startsWith('remote_as'));
  const words = [...(hasAs ? [] : ['remote_as external']), ...all];
  return `    neighbor ${address} {\n${words.map((line) => `        ${line}\n`).join('')}    }\n`;
}

export type VrrpConfig = {
  /** Name and number of a second instance. */
  readonly name?: string;
  readonly virtualRouterId?: number;
  readonly priority?: number;
  readonly addresses: readonly string[];
  /** Lines of announce. */
  readonly announce: readonly string[];
};

export function vrrpConfig({
  name = 'V',
  virtualRouterId = 51,
  priority = 100,
  addresses,
  announce,
}: VrrpConfig): string {
  const lines = (all: readonly string[]): string => all.map((line) => `        ${line}\n`).join('');
  return `vrrp_instance ${name} {
    state BACKUP
    interface eth0
    virtual_router_id ${virtualRouterId}
    priority ${priority}
    advert_int 1
    virtual_ipaddress {
${lines(addresses)}    }
    announce {
${lines(announce)}    }
}
`;
}

/** Nodes of ours and routers on one segment, removed at the end whatever happens. */
export class DaemonLab {
  readonly lab: BgpLab;
  readonly daemons: ReadonlyMap<string, BgpDaemon>;
  readonly #ours: readonly string[];

  constructor(t: Test, ours: readonly string[], routers: readonly string[]) {
    this.lab = new BgpLab([...ours, ...routers]);
    this.#ours = ours;
    this.daemons = new Map(ours.map((node) => [node, new BgpDaemon(this.lab, node)]));
    t.teardown(async () => {
      if (!t.passing()) t.comment(this.lab.logs(60));
      for (const daemon of this.daemons.values()) await daemon.remove();
      await this.lab.remove();
    });
  }

  daemon(node: string): BgpDaemon {
    const found = this.daemons.get(node);
    if (found === undefined) throw new Error(`assertion: ${node} is one of ours`);
    return found;
  }

  /** A router that has all our nodes as neighbours, over IPv4. */
  routerOptions(node: string, over: Partial<RouterNeighbor> = {}): RouterOptions {
    const { lab } = this;
    const { namespaces, folder } = lab;
    const neighbors = this.#ours.map((one) => routerNeighbor(lab.ipv4(one), 65_001, over));
    const routerId = lab.ipv4(node);
    return { namespaces, folder, node, localAs: 65_002, routerId, neighbors, routes: [] };
  }
}
