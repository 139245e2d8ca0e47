// The topology that every row has, built anew for each so that none leaves anything to the next:
//
//   client 192.0.2.9 --- 192.0.2.11 edge 198.51.100.11 --- 198.51.100.1 server
//
// Here are the wires, the servers and the load; what runs in the edge is in forwarders.ts.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, Namespaces, type Started, waitFor } from '../../scripts/lab/namespaces.js';

export type Place = 'client' | 'edge' | 'server';

export const virtualAddress = '192.0.2.100';
export const serverAddress = '198.51.100.1';
export const edgeAddresses = { eth0: '192.0.2.11', eth1: '198.51.100.11' } as const;
export const ports = { web: 8080, bulk: 5201 } as const;

const startTimeoutMs = 60_000;
const places: readonly Place[] = ['client', 'edge', 'server'];
const segmentOffloads = ['tso', 'off', 'gso', 'off', 'gro', 'off'] as const;
/** Short connections shall not run out of source ports before the forwarder runs out of time. */
const portRange = 'net.ipv4.ip_local_port_range=1024 65535';

export class Lab {
  readonly namespaces = new Namespaces();
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  readonly #interrupt: AbortSignal;
  #runs = 0;

  constructor(interrupt: AbortSignal) {
    this.#interrupt = interrupt;
  }

  buildNetwork(): void {
    const { namespaces } = this;
    for (const place of places) {
      namespaces.add(place);
      namespaces.run(place, 'sysctl', '-qw', portRange);
    }
    this.#connect('client', 'eth0');
    this.#connect('server', 'eth1');
    namespaces.ip('client', 'address', 'add', '192.0.2.9/24', 'dev', 'eth0');
    namespaces.ip('client', 'route', 'add', 'default', 'via', edgeAddresses.eth0);
    namespaces.ip('server', 'address', 'add', `${serverAddress}/24`, 'dev', 'eth0');
    namespaces.ip('server', 'route', 'add', 'default', 'via', edgeAddresses.eth1);
  }

  /** A pair of which the edge has `port` and the other place its only interface. */
  #connect(place: Place, port: string): void {
    const { namespaces } = this;
    const peer = ['peer', 'name', 'eth0', 'netns', namespaces.fullName(place)];
    namespaces.ip('edge', 'link', 'add', port, 'type', 'veth', ...peer);
    namespaces.ip('edge', 'link', 'set', port, 'up');
    namespaces.ip(place, 'link', 'set', 'eth0', 'up');
  }

  /** As on a wire: no segment is larger than the MTU, where a veth would carry 64 KiB as one. */
  forbidLargeSegments(): void {
    for (const place of places) {
      for (const port of place === 'edge' ? ['eth0', 'eth1'] : ['eth0']) {
        this.namespaces.run(place, 'ethtool', '-K', port, ...segmentOffloads);
      }
    }
  }

  async startServers(): Promise<void> {
    const config = this.writeFile('nginx.conf', nginxConfig(this.folder));
    const nginx = this.start('server', ['nginx', '-p', this.folder, '-c', config]);
    const iperf = this.start('server', ['iperf3', '-s', '-p', String(ports.bulk)]);
    const url = `http://${serverAddress}:${ports.web}/`;
    await this.waitFor('nginx or iperf3', 'server', [nginx, iperf], () => {
      return this.answers('server', url);
    });
  }

  writeFile(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  start(place: Place, words: readonly string[]): Started {
    return this.namespaces.start(place, this.logFile(place), words);
  }

  logFile(place: Place): string {
    return join(this.folder, `${place}.log`);
  }

  /** Until `condition`; fails at once when a process that it needs in `place` has ended. */
  async waitFor(
    what: string,
    place: Place,
    needed: readonly Started[],
    condition: () => Promise<boolean> | boolean,
  ): Promise<void> {
    await waitFor(what, startTimeoutMs, () => {
      this.#interrupt.throwIfAborted();
      if (needed.some(({ pid }) => !isAlive(pid))) {
        throw new Error(`${what} ended at its start:\n${this.lastLines(place)}`);
      }
      return condition();
    });
  }

  async answers(place: Place, url: string): Promise<boolean> {
    try {
      await this.namespaces.runAsync(place, 'curl', '-sf', '-m', '1', '-o', '/dev/null', url);
      return true;
    } catch {
      return false;
    }
  }

  /** Runs a load generator in the client, to its end; what it printed. */
  async load(words: readonly string[], timeoutMs: number): Promise<string> {
    this.#interrupt.throwIfAborted();
    const output = join(this.folder, `load-${++this.#runs}`);
    const { child, pid } = this.namespaces.start('client', output, words);
    const timer = setTimeout(() => void this.namespaces.stop(pid), timeoutMs);
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    clearTimeout(timer);
    this.#interrupt.throwIfAborted();
    const text = readFileSync(output, 'utf8');
    if (code === 0) return text;
    const end = signal === null ? `ended with ${code}` : `was ended (${signal})`;
    throw new Error(`${words[0]} ${end}: ${text.trim()}`);
  }

  /** The end of what the processes of a place said, for a row that failed. */
  lastLines(place: Place, count = 5): string {
    try {
      return readFileSync(this.logFile(place), 'utf8')
        .trimEnd()
        .split('\n')
        .slice(-count)
        .join('\n');
    } catch {
      return '';
    }
  }

  /** Ends what runs, so that whoever waits for it goes on; nothing is removed yet. */
  async endProcesses(): Promise<void> {
    await this.namespaces.stopAll();
  }

  async remove(): Promise<void> {
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function nginxConfig(folder: string): string {
  return `daemon off;
user root;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx-error.log;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path ${folder}/body;
    proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/fastcgi;
    uwsgi_temp_path ${folder}/uwsgi;
    scgi_temp_path ${folder}/scgi;
    server {
        listen ${ports.web} backlog=4096;
        location = / { return 200 "${'keelson '.repeat(16)}"; }
    }
}
`;
}
