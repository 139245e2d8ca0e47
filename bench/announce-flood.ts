// A neighbour that sends a million routes to our daemon: what it costs in memory, and whether BFD
// in the same thread keeps its time meanwhile, as the wire shows it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../scripts/lab/checkout.js';
import { pause, waitFor } from '../scripts/lab/namespaces.js';
import type { Status } from '../src/daemon/status.js';
import { ownAddress, type Place, routerAddress } from './announce-place.js';
import { announcers, logOf, prefixList, routerAs, runtimeDirectory } from './announcers.js';
import { MeasuringPeer } from './measuring-peer.js';

const routes = 1_000_000;
const bfdMs = 50;
const timeoutMs = 120_000;
/** Garbage of the start is collected, and idle memory given back or not. */
const settleMs = 5_000;

export type Flood = {
  readonly routes: number;
  readonly perUpdate: number;
  readonly updates: number;
  /** From the first octet until the daemon had counted the last route. */
  readonly takenMs: number;
  readonly rssBeforeMb: number;
  readonly rssAfterMb: number;
  readonly rssPeakMb: number;
  /** BFD sessions that went down since the first route. */
  readonly bfdDowns: number;
  readonly bfdPackets: number;
  /** Between two packets of ours, beyond the interval. */
  readonly bfdWorstLateMs: number;
  readonly bfdP99LateMs: number;
};

export async function benchFlood(place: Place, perUpdate: number): Promise<Flood> {
  const { namespaces, folder } = place;
  const setup = place.setup(prefixList(1), bfdMs);
  const capture = join(folder, 'bfd');
  const filter = ['udp', 'port', '3784', 'and', 'src', 'host', ownAddress];
  namespaces.start('net', capture, ['tcpdump', '-ttlni', 'br0', ...filter]);
  startBfd(place);
  const peer = new MeasuringPeer(namespaces, 'router', routerAs, routerAddress);
  await peer.next('listening', timeoutMs);
  const pid = announcers.ours.start(setup);
  const status = async (): Promise<Status> => {
    const words = ['keelson', 'status', '--json', '--runtime-dir', runtimeDirectory(setup)];
    const [tool = '', ...rest] = words;
    const text = await namespaces.runAsync('node', process.execPath, command(tool), ...rest);
    return JSON.parse(text) as Status;
  };
  await peer.told(1, timeoutMs);
  await waitFor('BFD', timeoutMs, async () => {
    return (await status()).bfd.some(({ state }) => state === 'Up');
  });
  await pause(settleMs);
  const downsBefore = downs(logOf('ours', setup));
  const rssBeforeMb = memoryMb(pid, 'VmRSS');
  // Counts from here.
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const fromMs = Date.now();
  peer.flood(routes, perUpdate);
  const { updates } = await peer.next('flooded', timeoutMs);
  await waitFor('the daemon has counted them', timeoutMs, async () => {
    const [speaker] = (await status()).bgp;
    return (speaker?.neighbors[0]?.counters.prefixesReceived ?? 0) >= routes;
  });
  const untilMs = Date.now();
  const rssPeakMb = memoryMb(pid, 'VmHWM');
  await pause(settleMs);
  const late = latenessIn(capture, fromMs, untilMs);
  return {
    ...{ routes, perUpdate, updates, takenMs: untilMs - fromMs },
    ...{ rssBeforeMb, rssAfterMb: memoryMb(pid, 'VmRSS'), rssPeakMb },
    bfdDowns: downs(logOf('ours', setup)) - downsBefore,
    bfdPackets: late.length,
    bfdWorstLateMs: late.at(-1) ?? 0,
    bfdP99LateMs: late[Math.floor(late.length * 0.99)] ?? 0,
  };
}

export function floodText(row: Flood): string {
  const memory = [row.rssBeforeMb, row.rssAfterMb, row.rssPeakMb].map((mb) => mb.toFixed(1));
  return (
    `${row.routes} routes received in ${row.updates} UPDATEs, ${row.takenMs} ms: ` +
    `RSS ${memory[0]} MB before, ${memory[1]} after, ${memory[2]} at most; ` +
    `BFD went down ${row.bfdDowns} times, ${row.bfdPackets} packets, ` +
    `late ${row.bfdP99LateMs.toFixed(2)} ms (p99) ${row.bfdWorstLateMs.toFixed(2)} ms (worst)`
  );
}

/** BIRD alone with BFD: the BGP session is the measuring neighbour's. */
function startBfd({ namespaces, folder }: Place): void {
  const file = join(folder, 'bfd.conf');
  const interval = `interval ${bfdMs} ms; multiplier 3;`;
  writeFileSync(
    file,
    `log stderr all;
router id ${routerAddress};
protocol device {}
protocol bfd { interface "eth0" { ${interval} }; neighbor ${ownAddress}; }
`,
  );
  const words = ['bird', '-f', '-c', file, '-s', join(folder, 'bfd.ctl')];
  namespaces.start('router', join(folder, 'bfd.log'), words);
}

function downs(log: string): number {
  return log.split('Entering Down state').length - 1;
}

function memoryMb(pid: number, name: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(
    readFileSync(`/proc/${pid}/status`, 'utf8'),
  );
  return Number(found?.[1] ?? 0) / 1024;
}

/** Sorted. The interval is the longest time that the jitter of RFC 5880 leaves between packets. */
function latenessIn(capture: string, fromMs: number, untilMs: number): readonly number[] {
  const times = [...readFileSync(capture, 'utf8').matchAll(/^(\d+\.\d+) /gm)]
    .map(([, seconds]) => Number(seconds) * 1000)
    .filter((atMs) => atMs >= fromMs - bfdMs && atMs <= untilMs + bfdMs);
  const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs));
  return gaps.map((gap) => Math.max(0, gap - bfdMs)).toSorted((left, right) => left - right);
}
