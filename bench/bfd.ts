// Whether sessions of BFD stay up while the node has much to do: 5 000 checks a second and its
// status asked for in a loop, with two neighbours (BIRD) at 100 ms x 3. BIRD runs in real time, so
// that whoever goes silent is us. Ends at once when a session has gone down.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../scripts/lab/checkout.js';
import { Namespaces, pause, waitFor } from '../scripts/lab/namespaces.js';
import { BenchFailure } from './command.js';
import { adoptDataplane, loadedText, serveChecks } from './loaded-node.js';

const startTimeoutMs = 120_000;
const lookEveryMs = 5_000;
const intervalMs = 100;
/** Each on a link of its own; ours is .1 of the same network. */
const networks = ['192.0.2', '203.0.113'] as const;

type Session = {
  readonly name: string;
  readonly state: string;
  readonly timesDown: number;
  readonly received: number;
  readonly sent: number;
  readonly detectionMs: number | null;
};
type Status = {
  readonly bfd: readonly Session[];
  readonly checks: { readonly started: number; readonly late: number } | null;
  readonly timers: { readonly worstMs: number; readonly meanMs: number };
};

export async function benchBfd(options: readonly string[]): Promise<number> {
  const given = options.indexOf('--minutes');
  const minutes = given < 0 ? 10 : Number(options[given + 1]);
  if (!(minutes > 0)) throw new BenchFailure('--minutes wants a number above 0');
  const namespaces = new Namespaces();
  const folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  try {
    await begin(namespaces, folder);
    const untilMs = Date.now() + minutes * 60_000;
    let status = statusOf(namespaces, folder);
    while (Date.now() < untilMs && isUp(status)) {
      await pause(Math.min(lookEveryMs, Math.max(untilMs - Date.now(), 1)));
      status = statusOf(namespaces, folder);
    }
    print(status, options.includes('--json'));
    return isUp(status) ? 0 : 1;
  } finally {
    await namespaces.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function begin(namespaces: Namespaces, folder: string): Promise<void> {
  namespaces.add('node');
  for (const [index, network] of networks.entries()) {
    const [net, link] = [`net${index}`, `eth${index}`];
    namespaces.add(net);
    namespaces.addBridge(net, 'br0');
    namespaces.connect('node', link, net, 'br0');
    namespaces.ip('node', 'address', 'add', `${network}.1/24`, 'dev', link);
    namespaces.ip(net, 'address', 'add', `${network}.2/24`, 'dev', 'br0');
    startBird(namespaces, net, network, folder);
  }
  await serveChecks(namespaces, folder);
  const config = join(folder, 'keepalived.conf');
  writeFileSync(config, `${sessionsText()}${loadedText(1, 1000)}`);
  const runtime = join(folder, 'run');
  mkdirSync(runtime);
  const words = ['-nlG', '-f', config, '--runtime-dir', runtime];
  const program = [process.execPath, command('keepalived'), ...words];
  namespaces.start('node', join(folder, 'log'), program);
  await waitFor('the sessions', startTimeoutMs, () => isUp(statusOf(namespaces, folder)));
  adoptDataplane(namespaces, runtime);
  const status = [process.execPath, command('keelson'), 'status', '--json'];
  const loop = 'while "$@" > /dev/null; do sleep 0.2; done';
  const asking = ['sh', '-c', loop, 'sh', ...status, '--runtime-dir', runtime];
  namespaces.start('node', join(folder, 'asked'), asking);
}

function sessionsText(): string {
  const session = (network: string, index: number): string => `bfd_instance b${index} {
    neighbor_ip ${network}.2
    source_ip ${network}.1
    min_rx ${intervalMs}
    min_tx ${intervalMs}
    multiplier 3
}
`;
  return networks.map(session).join('');
}

function startBird(namespaces: Namespaces, net: string, network: string, folder: string): void {
  const config = join(folder, `${net}.conf`);
  const text = `router id ${network}.2;
protocol device {}
protocol bfd {
    interface "br0" {
        min rx interval ${intervalMs} ms; min tx interval ${intervalMs} ms; multiplier 3;
    };
    neighbor ${network}.1 local ${network}.2;
}
`;
  writeFileSync(config, text);
  const files = ['-s', join(folder, `${net}.ctl`), '-P', join(folder, `${net}.pid`)];
  const bird = ['chrt', '-r', '1', '/usr/sbin/bird', '-f', '-c', config, ...files];
  namespaces.start(net, join(folder, `${net}.log`), bird);
}

function statusOf(namespaces: Namespaces, folder: string): Status | null {
  try {
    const words = ['status', '--json', '--runtime-dir', join(folder, 'run')];
    return JSON.parse(
      namespaces.run('node', process.execPath, command('keelson'), ...words),
    ) as Status;
  } catch {
    // It is not up yet.
    return null;
  }
}

function isUp(status: Status | null): boolean {
  const sessions = status?.bfd ?? [];
  const isSteady = ({ state, timesDown }: Session): boolean => state === 'Up' && timesDown === 0;
  return sessions.length === networks.length && sessions.every(isSteady);
}

function print(status: Status | null, isJson: boolean): void {
  if (isJson || status === null) {
    console.log(JSON.stringify(status));
    return;
  }
  for (const { name, state, timesDown, received, sent, detectionMs } of status.bfd) {
    const packets = `sent ${sent} received ${received}`;
    console.log(
      `${name} ${state}, times down ${timesDown}, detects in ${detectionMs} ms, ${packets}`,
    );
  }
  const { checks, timers } = status;
  if (checks !== null) console.log(`checks begun ${checks.started}, late ${checks.late}`);
  console.log(`timers of the protocol loop late by ${timers.worstMs.toFixed(1)} ms at worst`);
}
