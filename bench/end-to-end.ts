// Real traffic from a client through one forwarder to a server, over veth pairs between namespaces:
// the same network, server and load for every row, so that only the forwarder differs. Keelson runs
// as a user runs it. Client, forwarder and server share the CPUs of this machine.
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { type CpuUse, cpuUse, sampleCpu } from './end-to-end/cpu.js';
import { type Forwarder, forwarders, type Service } from './end-to-end/forwarders.js';
import { Lab } from './end-to-end/lab.js';
import { type Options, parseOptions } from './end-to-end/options.js';
import { parseIperf, parseWrk, type WrkReport } from './end-to-end/reports.js';
import { calmest, type Measured, type Row, tableLines } from './end-to-end/table.js';

const connectionsAtOnce = 32;
const warmupSeconds = 1;
/** How much longer than asked a load generator may take before it is ended. */
const graceMs = 20_000;
const interruptedCode = 130;

/** What every row needs, and the Debian package of every program. */
const commonPrograms = ['ip', 'sysctl', 'curl', 'nginx', 'wrk', 'iperf3'] as const;
const packageOf: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  sysctl: 'procps',
  nginx: 'nginx-light',
  nft: 'nftables',
};

export async function benchEndToEnd(words: readonly string[]): Promise<number> {
  const names = forwarders.map(({ name }) => name);
  const options = parseOptions(words, names);
  if (typeof options === 'string') {
    console.error(`end-to-end: ${options}`);
    return 2;
  }
  if (process.getuid?.() !== 0) {
    console.error('end-to-end: network namespaces need root; run it as root (or with sudo)');
    return 1;
  }
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort(new Error('interrupted'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  const chosen = forwarders.filter(({ name }) => options.cases.includes(name));
  const rounds = await measureRounds(chosen, options, interrupt.signal);
  if (interrupt.signal.aborted) {
    console.error('end-to-end: interrupted; everything that was made is removed');
    return interruptedCode;
  }
  const rows = rounds.map(calmest);
  if (!options.isJson) {
    console.log(conditions(options));
    for (const line of tableLines(rows)) console.log(line);
  }
  return rows.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
}

function conditions({ seconds, rounds }: Options): string {
  const each = `${connectionsAtOnce} connections at once, ${seconds} s for each figure`;
  if (rounds === 1) return each;
  return `${each}; of ${rounds} rounds, for each figure, that in which others took the least CPU`;
}

/** For each forwarder its rows; in turn, so that what disturbs for a while disturbs all alike. */
async function measureRounds(
  chosen: readonly Forwarder[],
  { seconds, rounds, isJson }: Options,
  interrupt: AbortSignal,
): Promise<[Row, ...Row[]][]> {
  const rows = new Map<string, [Row, ...Row[]]>();
  for (let round = 1; round <= rounds; round++) {
    for (const forwarder of chosen) {
      if (interrupt.aborted) return [];
      console.error(`end-to-end: ${forwarder.name}${rounds > 1 ? `, round ${round}` : ''}`);
      const row = await measureRow(forwarder, seconds, interrupt);
      const earlier = rows.get(forwarder.name);
      if (earlier === undefined) rows.set(forwarder.name, [row]);
      else earlier.push(row);
      if (isJson && !interrupt.aborted) console.log(JSON.stringify(row));
    }
  }
  return [...rows.values()];
}

async function measureRow(
  forwarder: Forwarder,
  seconds: number,
  interrupt: AbortSignal,
): Promise<Row> {
  const { name } = forwarder;
  const missing = [...commonPrograms, ...forwarder.programs].filter((one) => !isInstalled(one));
  if (missing.length > 0) {
    const packages = missing.map((program) => packageOf[program] ?? program);
    return { outcome: 'not_installed', name, packages };
  }
  const lab = new Lab(interrupt);
  const end = (): void => void lab.endProcesses();
  interrupt.addEventListener('abort', end);
  try {
    return await measure(lab, forwarder, seconds);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const log = lab.lastLines('edge');
    return { outcome: 'failed', name, reason: reason.includes(log) ? reason : `${reason}\n${log}` };
  } finally {
    interrupt.removeEventListener('abort', end);
    await lab.remove();
  }
}

async function measure(lab: Lab, forwarder: Forwarder, seconds: number): Promise<Measured> {
  lab.buildNetwork();
  await lab.startServers();
  const service = await forwarder.start(lab);
  const url = `http://${service.address}:${service.webPort}/`;
  await lab.waitFor('an answer through the edge', 'edge', [], () => lab.answers('client', url));
  return {
    outcome: 'measured',
    name: forwarder.name,
    keepAlive: await measureWrk(lab, service, [url], seconds),
    connections: await measureWrk(lab, service, ['-H', 'Connection: close', url], seconds),
    throughput: await measureThroughput(lab, service, seconds),
  };
}

async function measureWrk(
  lab: Lab,
  { pids }: Service,
  words: readonly string[],
  seconds: number,
): Promise<WrkReport & CpuUse> {
  const run = (durationSeconds: number): Promise<string> => {
    const load = ['-t', '1', '-c', String(connectionsAtOnce), '-d', `${durationSeconds}s`];
    return lab.load(['wrk', '--latency', ...load, ...words], durationSeconds * 1000 + graceMs);
  };
  await run(warmupSeconds);
  const before = sampleCpu();
  const text = await run(seconds);
  return { ...parseWrk(text), ...cpuUse(before, sampleCpu(), pids, process.pid) };
}

async function measureThroughput(
  lab: Lab,
  { address, bulkPort, pids }: Service,
  seconds: number,
): Promise<Measured['throughput']> {
  const iperf = ['iperf3', '-J', '-c', address, '-p', String(bulkPort)];
  const run = (durationSeconds: number): Promise<string> => {
    return lab.load([...iperf, '-t', String(durationSeconds)], durationSeconds * 1000 + graceMs);
  };
  parseIperf(await run(warmupSeconds));
  const before = sampleCpu();
  const gigabitsPerSecond = parseIperf(await run(seconds));
  return { gigabitsPerSecond, ...cpuUse(before, sampleCpu(), pids, process.pid) };
}

function isInstalled(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(':');
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
