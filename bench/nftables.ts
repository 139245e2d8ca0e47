// The kernel's own FNAT beside ours: nftables translates destination and source of UDP packets that
// native/bench/inject_flows lets arrive in a namespace of this run, and they leave through a device
// that drops them. One direction, one CPU, no driver; nftables/floor is the same with frames that
// nobody wants, so the difference of the two is what forwarding costs.
import { spawnSync } from 'node:child_process';
import { Namespaces } from '../scripts/lab/namespaces.js';
import { BenchFailure, runCommand } from './command.js';
import type { Row } from './datapath-program.js';

type Case = {
  readonly name: string;
  readonly kind: 'floor' | 'hit' | 'new';
  readonly flows: number;
};

type Injected = Pick<Row, 'cyclesPerPacket' | 'packetsPerSecond'> & { readonly injected: number };

const cases: readonly Case[] = [
  { name: 'nftables/floor', kind: 'floor', flows: 1024 },
  { name: 'nftables/fnat/1Ki', kind: 'hit', flows: 1024 },
  { name: 'nftables/fnat/64Ki', kind: 'hit', flows: 65536 },
  { name: 'nftables/fnat/new', kind: 'new', flows: 1024 },
];
export const nftablesNames: readonly string[] = cases.map(({ name }) => name);

const program = 'build/native-bench/inject_flows';
const injectTimeoutMs = 60_000;
const buildTimeoutMs = 60_000;

/** Two source addresses: one has not enough ports for 64 Ki flows. */
const rules = `table ip fnat {
  chain destination {
    type nat hook prerouting priority dstnat
    ip daddr 192.0.2.10 udp dport 53 dnat to 10.0.0.101:5300
  }
  chain source {
    type nat hook postrouting priority srcnat
    ip daddr 10.0.0.101 snat to 10.0.0.5-10.0.0.6
  }
}`;

export function nftablesIsMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const { error } = spawnSync('nft', ['--version'], { stdio: 'ignore' });
  return error === undefined ? undefined : 'nft is not installed (Debian: nftables)';
}

/** The floor is always among the rows. */
export async function measureNftables(names: readonly string[]): Promise<Row[]> {
  const make = ['-C', 'native/bench', '-f', 'peers.mk'];
  await runCommand('make', make, buildTimeoutMs);
  const rows: Row[] = [];
  for (const each of cases) {
    if (each.kind === 'floor' || names.includes(each.name)) rows.push(await measureCase(each));
  }
  return rows;
}

/** In namespaces of its own, so that no case finds another's connections. */
async function measureCase({ name, kind, flows }: Case): Promise<Row> {
  const namespaces = new Namespaces();
  try {
    openRouter(namespaces);
    const enter = ['netns', 'exec', namespaces.fullName('router')];
    const words = [program, 'in0', kind, String(flows)];
    const { stdout } = await runCommand('ip', [...enter, ...words], injectTimeoutMs);
    const { injected, cyclesPerPacket, packetsPerSecond } = JSON.parse(stdout) as Injected;
    const wanted = kind === 'floor' ? 0 : injected;
    const forwarded = forwardedPackets(namespaces);
    if (forwarded !== wanted) {
      throw new BenchFailure(`the kernel forwarded ${forwarded} packets, not ${wanted}`);
    }
    const rest = { instructionsPerPacket: null, packetBytes: 64, flows, workers: 1 };
    return { name, cyclesPerPacket, packetsPerSecond, ...rest };
  } finally {
    await namespaces.remove();
  }
}

function openRouter(namespaces: Namespaces): void {
  namespaces.add('router');
  for (const device of ['in0', 'out0']) addSink(namespaces, device);
  for (const device of ['in0', 'out0']) namespaces.ip('router', 'link', 'set', device, 'up');
  namespaces.ip('router', 'address', 'add', '192.0.2.10/24', 'dev', 'in0');
  namespaces.ip('router', 'address', 'add', '10.0.0.5/24', 'dev', 'out0');
  namespaces.ip('router', 'route', 'add', '100.64.0.0/10', 'dev', 'in0');
  const server = ['10.0.0.101', 'lladdr', '02:00:00:00:00:a1', 'nud', 'permanent'];
  namespaces.ip('router', 'neighbor', 'add', ...server, 'dev', 'out0');
  namespaces.run('router', 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  namespaces.run('router', 'nft', rules);
}

/** Both kinds drop what they are given; kernels are built with one or the other. */
function addSink(namespaces: Namespaces, name: string): void {
  try {
    namespaces.ip('router', 'link', 'add', name, 'type', 'dummy');
  } catch {
    namespaces.ip('router', 'link', 'add', name, 'type', 'ifb');
  }
}

function forwardedPackets(namespaces: Namespaces): number {
  const lines = namespaces.run('router', 'cat', '/proc/net/snmp').split('\n');
  const [names = [], values = []] = lines
    .filter((line) => line.startsWith('Ip: '))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('ForwDatagrams')]);
}
