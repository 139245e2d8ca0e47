// Whether the whole daemon holds its intervals: bin/keepalived with a data plane without ports,
// health threads as it takes them, and the TCP_CHECKs of checks-load.ts. What the daemon counts
// itself is printed, beside what the server that is checked sees.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../scripts/lab/checkout.js';
import { Namespaces, pause, waitFor } from '../scripts/lab/namespaces.js';
import type { Status } from '../src/daemon/status.js';
import { type CheckLoad, keepalivedText, port } from './checks-load.js';
import { compileC } from './command.js';

const node = 'node';
const patienceMs = 120_000;
const settleMs = 10_000;
const askAgainMs = 2_000;
const load: CheckLoad = { kind: 'TCP_CHECK', servers: 10_000, delayLoopMs: 1_000 };

const around = `dataplane {
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
`;

export async function benchDaemonChecks(watchedMs: number): Promise<number> {
  const namespaces = new Namespaces();
  const folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  try {
    await watch(namespaces, folder, watchedMs);
  } finally {
    const pidFile = join(folder, 'run', 'dataplane.pid');
    if (existsSync(pidFile)) namespaces.adopt(Number(readFileSync(pidFile, 'utf8')));
    await namespaces.remove();
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

async function watch(namespaces: Namespaces, folder: string, watchedMs: number): Promise<void> {
  namespaces.add(node);
  const acceptor = join(folder, 'accept-checks');
  await compileC('accept-checks.c', acceptor, ['-O2']);
  const seenFile = join(folder, 'seen');
  const words = [acceptor, String(port), String(load.delayLoopMs)];
  const { pid: acceptorPid } = namespaces.start(node, seenFile, words);
  const config = join(folder, 'conf');
  const fnat = 'lb_kind FNAT\n    laddr_group_name back';
  writeFileSync(config, around + keepalivedText(load).replaceAll('lb_kind NAT', fnat));
  const place = ['--runtime-dir', join(folder, 'run')];
  const all = [process.execPath, command('keepalived'), '-nlG', ...place, '-f', config];
  const { pid } = namespaces.start(node, join(folder, 'log'), all);
  const measures = async (): Promise<NonNullable<Status['checks']>> => {
    const tool = [process.execPath, command('keelson'), ...place, 'status', '--json'];
    const text = await namespaces.runAsync(node, ...tool);
    const { checks } = JSON.parse(text) as Status;
    if (checks === null) throw new Error('nothing is checked yet');
    return checks;
  };
  await waitFor('as many checks as there are servers', patienceMs, async () => {
    const checks = await measures().catch(() => null);
    // To ask is work for the daemon as well.
    await pause(askAgainMs);
    return checks !== null && checks.started >= load.servers;
  });
  await pause(settleMs);
  const before = await measures();
  process.kill(acceptorPid, 'SIGUSR1');
  const startMs = performance.now();
  await pause(watchedMs);
  const after = await measures();
  const seconds = (performance.now() - startMs) / 1000;
  await namespaces.stop(acceptorPid);
  await namespaces.stop(pid);
  const started = after.started - before.started;
  const { underWay, waiting, worstLatenessMs } = after;
  const late = after.late - before.late;
  const own = { started, late, underWay, waiting, worstSinceStartMs: worstLatenessMs };
  const seen: unknown = JSON.parse(readFileSync(seenFile, 'utf8'));
  const checksPerSecond = Math.round(started / seconds);
  console.log(JSON.stringify({ ...load, checksPerSecond, own, seen }));
}
