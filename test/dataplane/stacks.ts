// Five kernels in a row, each a network namespace, with the data plane in the middle:
//
//   client --- near router --- data plane --- far router --- server
//          9.0             1.0            2.0            3.0
//
// Network 9 is 10.9.0.0/24 and 2001:db8:9::/64, and so on. The server has a second leg in network 1
// for answers that do not come back through the data plane. MTUs are those of the routers' routes:
// so paths differ by direction, and neither end knows of it before it is told.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout, command } from '../../scripts/lab/checkout.js';
import { Namespaces, type Started, waitFor } from '../../scripts/lab/namespaces.js';
import type { OpenOptions } from '../../src/dataplane/dataplane.js';
import type { Change } from '../../src/dataplane/state.js';
import { address, route, twoPorts } from './examples.js';

export type Family = 4 | 6;
export const families: readonly Family[] = [4, 6];
export const bodyBytes = 20_000_000;

export const peers = join(checkout, 'test/dataplane/peers');
/** Without what tap puts into every Node below it. */
const node = ['env', '-u', 'NODE_OPTIONS', process.execPath];

/** Host `name` of network `network`. */
export function host(network: number, name: number, family: Family): string {
  return family === 4 ? `10.${network}.0.${name}` : `2001:db8:${network}::${name}`;
}

export function network(number: number, family: Family): string {
  return family === 4 ? `10.${number}.0.0/24` : `2001:db8:${number}::/64`;
}

export const client = (family: Family): string => host(9, 10, family);
export const near = (family: Family): string => host(1, 254, family);
export const dataplane = (family: Family): string => host(1, 1, family);
export const virtual = (family: Family): string => host(1, 100, family);
export const local = (family: Family): string => host(2, 200, family);
export const far = (family: Family): string => host(2, 254, family);
export const server = (family: Family): string => host(3, 10, family);

/** Where kernels are that speak with each other. */
export type End = 'client' | 'server';
export type Echo = { readonly address: string; readonly port: number };

export function withWorkers(workers: number): OpenOptions {
  return {
    ...twoPorts,
    filePrefix: `keelson-stacks-${process.pid}`,
    workers,
    connectionsMax: 65_536,
    packetBuffers: 8192,
    ports: [0, 1].map((index) => ({
      name: `dpdk${index}`,
      device: `net_af_packet${index},iface=eth${index}`,
      kniName: `dpdk${index}.kni`,
      mtuBytes: 1500,
    })),
  };
}

/** What the data plane knows of the networks, whatever it does with packets. */
export const surroundings: readonly Change[] = families.flatMap((family): Change[] => {
  const bits = family === 4 ? 24 : 64;
  return [
    { verb: 'add_address', address: address(`${host(1, 1, family)}/${bits}`, 'dpdk0') },
    { verb: 'add_address', address: address(`${host(2, 1, family)}/${bits}`, 'dpdk1') },
    { verb: 'add_route', route: route(network(9, family), near(family), 'dpdk0') },
    { verb: 'add_route', route: route(network(3, family), far(family), 'dpdk1') },
  ];
});

export class Stacks {
  readonly namespaces = new Namespaces();
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-'));
  readonly file = join(this.folder, 'body');
  readonly digest: string;
  readonly #interrupted = (): void => {
    void this.remove().then(() => process.exit(130));
  };

  constructor() {
    process.once('SIGINT', this.#interrupted);
    const body = randomBytes(bodyBytes);
    writeFileSync(this.file, body);
    this.digest = createHash('sha256').update(body).digest('hex');
    this.namespaces.add('net');
    this.namespaces.add('lb');
    for (const name of ['client', 'near', 'far', 'server']) this.#addKernel(name);
    for (const number of [1, 2, 3, 9]) this.namespaces.addBridge('net', `br${number}`);
    this.#attach('lb', 'eth0', 1, null);
    this.#attach('lb', 'eth1', 2, null);
    this.#attach('client', 'eth0', 9, 10);
    this.#attach('near', 'eth0', 9, 254);
    this.#attach('near', 'eth1', 1, 254);
    this.#attach('far', 'eth0', 2, 254);
    this.#attach('far', 'eth1', 3, 254);
    this.#attach('server', 'eth0', 3, 10);
    this.#attach('server', 'eth1', 1, 10);
    for (const family of families) {
      this.addRoute('client', family, 'default', host(9, 254, family));
      this.addRoute('near', family, network(3, family), dataplane(family));
      this.addRoute('far', family, 'default', host(2, 1, family));
      this.addRoute('server', family, 'default', host(3, 254, family));
    }
  }

  #addKernel(name: string): void {
    this.namespaces.add(name);
    const conf = (word: string): string[] => [
      `net.ipv6.conf.all.${word}`,
      `net.ipv6.conf.default.${word}`,
    ];
    const isRouter = name === 'near' || name === 'far';
    this.sysctl(
      name,
      ...conf('disable_ipv6').map((word) => `${word}=0`),
      ...conf('accept_dad').map((word) => `${word}=0`),
      ...(isRouter ? ['net.ipv6.conf.all.forwarding=1', 'net.ipv4.ip_forward=1'] : []),
      // Tests send many packets that are too large, or expire, or find a port closed.
      'net.ipv4.icmp_ratelimit=0',
      'net.ipv6.icmp.ratelimit=0',
    );
  }

  #attach(name: string, port: string, number: number, own: number | null): void {
    this.namespaces.connect(name, port, 'net', `br${number}`);
    if (own === null) return;
    this.addAddress(name, port, `${host(number, own, 4)}/24`);
    this.addAddress(name, port, `${host(number, own, 6)}/64`);
  }

  sysctl(name: string, ...words: string[]): void {
    this.namespaces.run(name, 'sysctl', '-qw', ...words);
  }

  addAddress(name: string, device: string, prefix: string): void {
    const family = prefix.includes(':') ? ['-6'] : ['-4'];
    const nodad = prefix.includes(':') ? ['nodad'] : [];
    this.namespaces.ip(name, ...family, 'address', 'add', prefix, 'dev', device, ...nodad);
  }

  addRoute(name: string, family: Family, destination: string, gateway: string): void {
    this.namespaces.ip(name, `-${family}`, 'route', 'replace', destination, 'via', gateway);
  }

  /** The data plane; `connect` of wires.ts finds it. */
  start(): Started {
    const words = [...node, command('dpvs'), '--runtime-dir', this.folder];
    return this.namespaces.start('lb', this.logFile(), words);
  }

  logFile(): string {
    return join(this.folder, 'dpvs.log');
  }

  async serve(name: string, web: readonly number[], echo: readonly Echo[]): Promise<void> {
    const options = JSON.stringify({ file: this.file, web, echo });
    const words = [...node, join(peers, 'server.mjs'), options];
    this.namespaces.start(name, join(this.folder, `${name}.log`), words);
    await waitFor('the server listens', 10_000, () => {
      const listening = this.namespaces.run(name, 'ss', '-Hlntu').split('\n').length - 1;
      return listening >= web.length + echo.length;
    });
  }

  /** The words of the answer, or what went wrong. */
  probe(name: string, ...words: string[]): string {
    try {
      return this.namespaces.run(name, 'python3', join(peers, 'probe.py'), ...words).trim();
    } catch (error) {
      return String(error);
    }
  }

  /** The SHA-256 of what was got from there. */
  async download(name: string, address: string, port: number, seconds = 20): Promise<string> {
    const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}/`;
    const words = ['sh', '-c', `curl -gsS -m ${seconds} ${url} | sha256sum`];
    return (await this.namespaces.runAsync(name, ...words)).slice(0, 64);
  }

  /** The SHA-256 that the server has of what was sent there. */
  async upload(name: string, address: string, port: number): Promise<string> {
    const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}/`;
    const words = ['curl', '-gsS', '-m', '20', '-T', this.file, url];
    return await this.namespaces.runAsync(name, ...words).catch(String);
  }

  /** Learned MTUs also lower the segment sizes that the kernels announce. */
  forgetMtus(): void {
    for (const name of ['client', 'server']) {
      for (const family of families) {
        this.namespaces.ip(name, `-${family}`, 'route', 'flush', 'cache');
      }
    }
  }

  /** What the kernel has learned of the path to there, or null. */
  learnedMtu(name: string, to: string): number | null {
    const found = /\bmtu (\d+)/.exec(this.namespaces.ip(name, 'route', 'get', to));
    return found === null ? null : Number(found[1]);
  }

  /** The router before this end carries no more towards it; null: as before. */
  setMtu(end: End, mtuBytes: number | null): void {
    const [router, number, device] =
      end === 'client' ? (['near', 9, 'eth0'] as const) : (['far', 3, 'eth1'] as const);
    for (const family of families) {
      const words = mtuBytes === null ? [] : ['mtu', String(mtuBytes)];
      const to = network(number, family);
      if (family === 6) words.push('metric', '256');
      this.namespaces.ip(router, `-${family}`, 'route', 'replace', to, 'dev', device, ...words);
    }
  }

  async remove(): Promise<void> {
    process.off('SIGINT', this.#interrupted);
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
