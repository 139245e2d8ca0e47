// What of dpvs.conf is acted on: the number and the CPUs of the workers, the ports, and what is set
// aside for packets and connections. Devices are not here: DPVS names them on its command line.
import type { Position } from '../../../grammar/syntax-tree.js';
import type { DataplaneSettings } from '../../net/settings.js';
import type { Report } from '../diagnostic.js';
import type { ValueOf } from '../keywords.js';
import { Once } from '../once.js';
import { interfaceName } from '../phrases.js';
import type { Settings } from '../settings.js';
import { dpvsSettings } from './dpvs-settings.js';
import { connectionTable } from './ipvs-table.js';
import { netifTable } from './netif-table.js';
import type { DpvsRoot } from './table.js';
import type { workersTable } from './worker-table.js';

export type DpvsPort = {
  /** "dpdk0" is the first device. */
  readonly name: string;
  /** 68..9000. */
  readonly mtuBytes: number;
  readonly kniName: string;
};

export type DpvsConf = {
  /** cpu_id of each worker, in order: places in the list of CPUs that the command line gives. */
  readonly workerCpuIds: readonly number[];
  /** 1..64; as many as there are CPU ids, or one where the file has no workers. */
  readonly workers: number;
  /** Connections of each worker, 1024..16777216. */
  readonly connectionsMax: number;
  /** Packet buffers in all, 1024..4194304. */
  readonly packetBuffers: number;
  readonly ports: readonly DpvsPort[];
  readonly settings: DataplaneSettings;
};

const workersMax = 64;
const connectionsPerWorkerMax = 16_777_216;

type Device = ValueOf<typeof netifTable.device>;
type Worker = ValueOf<typeof workersTable.worker>;

export function dpvsConf(root: DpvsRoot, report: Report): DpvsConf {
  const netifs = root.all('netif_defs').map(({ value }) => value);
  const workerCpuIds = workerCpuIdsOf(root, report);
  const workers = Math.max(workerCpuIds.length, 1);
  const packetBuffers = netifs.flatMap((netif) => netif.all('pktpool_size')).at(-1)?.value;
  return {
    workerCpuIds,
    workers,
    connectionsMax: connectionsMaxOf(root, workers, report),
    packetBuffers: packetBuffers ?? netifTable.pktpool_size.fallback,
    ports: portsOf(netifs, report),
    settings: dpvsSettings(root),
  };
}

/** DPVS has one pool for all workers; here each has a table of its own. */
function connectionsMaxOf(root: DpvsRoot, workers: number, report: Report): number {
  const found = root
    .all('ipvs_defs')
    .flatMap(({ value }) => value.all('conn'))
    .flatMap(({ value }) => value.all('conn_pool_size'))
    .at(-1);
  const size = found?.value ?? connectionTable.conn_pool_size.fallback;
  const each = Math.ceil(size / workers);
  if (each > connectionsPerWorkerMax && found !== undefined) {
    const message =
      `conn_pool_size is ${each} connections for each of ${workers} workers; ` +
      `${connectionsPerWorkerMax} are used: add workers`;
    report.warning('config.out_of_range', found.position, message);
  }
  return Math.min(Math.max(each, 1024), connectionsPerWorkerMax);
}

function portsOf(netifs: readonly Settings<typeof netifTable>[], report: Report): DpvsPort[] {
  const ports: DpvsPort[] = [];
  const once = new Once(report);
  for (const { value: device, position } of netifs.flatMap((netif) => netif.all('device'))) {
    if (once.see(device.head, position, `device ${device.head}`))
      ports.push(portOf(device, report));
  }
  return ports;
}

function portOf({ head: name, subject, settings }: Device, report: Report): DpvsPort {
  const kniName = settings.value('kni_name') ?? `${name}.kni`;
  if (interfaceName.parse(kniName) === undefined) {
    const message = `"${kniName}" is no interface name (15 characters at most); set kni_name`;
    report.error('config.bad_argument', subject.position, message);
  }
  return { name, mtuBytes: settings.value('mtu'), kniName };
}

function workerCpuIdsOf(root: DpvsRoot, report: Report): readonly number[] {
  const sections = root.all('worker_defs');
  const written = sections.flatMap(({ value }) => value.all('worker'));
  const once = new Once(report);
  const cpus = new Once(report);
  const cpuIds: number[] = [];
  let masters = 0;
  for (const { value: worker, position } of written) {
    const isNew = once.see(worker.head, position, `worker ${worker.head}`);
    const cpuId = cpuIdOf(worker, cpus, report);
    if (!isNew || cpuId === undefined) continue;
    const type = worker.settings.value('type');
    if (type === 'master') masters += 1;
    if (type === 'kni') reportKniWorker(worker, position, report);
    if (type === 'slave') cpuIds.push(cpuId);
  }
  const section = sections[0];
  if (section !== undefined) reportRoles(masters, cpuIds.length, section.position, report);
  return cpuIds.slice(0, workersMax);
}

function cpuIdOf(
  { head: name, subject, settings }: Worker,
  cpus: Once,
  report: Report,
): number | undefined {
  const found = settings.found('cpu_id');
  if (found === undefined) {
    if (settings.has('cpu_id')) return undefined;
    const message = `worker ${name} has no cpu_id; it is left out`;
    report.error('config.missing_keyword', subject.position, message);
    return undefined;
  }
  const isNew = cpus.see(String(found.value), found.position, `cpu_id ${found.value}`);
  return isNew ? found.value : undefined;
}

function reportKniWorker(
  { head: name, settings }: Worker,
  position: Position,
  report: Report,
): void {
  const message =
    `worker ${name} of type kni has no meaning here: ` +
    'a thread of its own serves the companion interfaces';
  report.warning('config.replaced', settings.found('type')?.position ?? position, message);
}

function reportRoles(masters: number, slaves: number, position: Position, report: Report): void {
  if (masters !== 1) {
    const message = `worker_defs has ${masters} workers of type master; there must be one`;
    report.error('config.workers', position, message);
  }
  if (slaves === 0) {
    const message = 'worker_defs has no worker of type slave to forward packets; one is started';
    report.error('config.workers', position, message);
  }
  if (slaves > workersMax) {
    const message = `worker_defs has ${slaves} workers; the first ${workersMax} are started`;
    report.error('config.workers', position, message);
  }
}
