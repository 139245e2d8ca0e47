// What DPVS passes on to DPDK behind "--": the devices, the CPUs, and much that Keelson sees to by
// itself. DPDK's own options (EAL, 18.11 to 24.11), as far as they mean something here.
import { parseArgs } from 'node:util';
import { err, ok, type Result } from 'neverthrow';

export type EalArguments = {
  /** The first is dpdk0. */
  readonly devices: readonly string[];
  /** What cpu_id of dpvs.conf counts in; null: all CPUs of the host. */
  readonly cpus: readonly number[] | null;
  readonly hugepages: 'auto' | 'off';
  /** One sentence for each option that has no meaning here. */
  readonly warnings: readonly string[];
};

const cpuMax = 1023;

type EalOption = {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** null: it is acted on. Else what takes its place. */
  readonly replacement: string | null;
};

const memory = 'memory follows from pktpool_size and conn_pool_size';
const listCpus = 'list the CPUs with -l';
const everyPlace = 'files are named after --instance and --runtime-dir';
const nothingToSet = 'nothing to set';
const onlyNamedDevices = 'only devices that are named are opened';

const acts = (type: EalOption['type'], short?: string): EalOption => ({
  type,
  ...(short === undefined ? {} : { short }),
  replacement: null,
});
const ignored = (type: EalOption['type'], replacement: string, short?: string): EalOption => ({
  ...acts(type, short),
  replacement,
});

const known: { readonly [name: string]: EalOption } = {
  allow: acts('string', 'a'),
  'pci-whitelist': acts('string', 'w'),
  vdev: acts('string'),
  lcores: acts('string', 'l'),
  'no-huge': acts('boolean'),
  coremask: ignored('string', listCpus, 'c'),
  'main-lcore': ignored('string', nothingToSet),
  'master-lcore': ignored('string', nothingToSet),
  block: ignored('string', onlyNamedDevices, 'b'),
  'pci-blacklist': ignored('string', onlyNamedDevices),
  'no-pci': ignored('boolean', onlyNamedDevices),
  'memory-channels': ignored('string', nothingToSet, 'n'),
  'memory-ranks': ignored('string', nothingToSet, 'r'),
  'memory-megabytes': ignored('string', memory, 'm'),
  'socket-mem': ignored('string', memory),
  'socket-limit': ignored('string', memory),
  'huge-dir': ignored('string', memory),
  'huge-unlink': ignored('boolean', memory),
  'in-memory': ignored('boolean', memory),
  'legacy-mem': ignored('boolean', memory),
  'single-file-segments': ignored('boolean', memory),
  'file-prefix': ignored('string', everyPlace),
  'proc-type': ignored('string', 'there is one process, and the tools use its socket'),
  'no-shconf': ignored('boolean', everyPlace),
  'iova-mode': ignored('string', nothingToSet),
  'vfio-intr': ignored('string', nothingToSet),
  'base-virtaddr': ignored('string', nothingToSet),
  'no-hpet': ignored('boolean', nothingToSet),
  telemetry: ignored('boolean', nothingToSet),
  'no-telemetry': ignored('boolean', nothingToSet),
  'log-level': ignored('string', 'what DPDK complains of is in our own messages'),
  syslog: ignored('string', 'messages go to stderr'),
  'driver-path': ignored('string', 'DPDK finds its drivers by itself', 'd'),
};

/** Names that only Node's parser needs: DPDK has no long form of these. */
const shortOnly = new Set(['coremask', 'memory-channels', 'memory-ranks', 'memory-megabytes']);

/** The error is a sentence about the first mistake. */
export function parseEalArguments(argv: readonly string[]): Result<EalArguments, string> {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { replacement: _, ...option }]) => [name, option]),
  );
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  const devices: string[] = [];
  const warnings: string[] = [];
  let cpus: readonly number[] | null = null;
  let hugepages: EalArguments['hugepages'] = 'auto';
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') return err(`unexpected argument "${token.value}" behind --`);
    const { name, rawName, value } = token;
    const option = Object.hasOwn(known, name) ? known[name] : undefined;
    if (option === undefined || (shortOnly.has(name) && rawName.startsWith('--'))) {
      return err(`${rawName} is no option of DPDK`);
    }
    if (option.type === 'string' && (value === undefined || value === '')) {
      return err(`${rawName} needs a value`);
    }
    if (option.replacement !== null) {
      warnings.push(`${rawName} has no meaning here: ${option.replacement}`);
    } else if (name === 'no-huge') {
      hugepages = 'off';
    } else if (name === 'lcores') {
      cpus = cpuList(value ?? '');
      if (cpus === null) return err(`"${value}" is no list of CPUs: ${rawName} 1-4,7`);
    } else {
      devices.push(value ?? '');
    }
  }
  const twice = devices.find((device, index) => devices.indexOf(device) < index);
  if (twice !== undefined) return err(`device ${twice} is given twice`);
  return ok({ devices: inOrderOfDpdk(devices), cpus, hugepages, warnings });
}

/** "1-4,7"; null: it is none, or names a CPU twice. */
function cpuList(text: string): readonly number[] | null {
  const cpus: number[] = [];
  for (const part of text.split(',')) {
    const range = /^([0-9]{1,4})(?:-([0-9]{1,4}))?$/.exec(part);
    if (range === null) return null;
    const first = Number(range[1]);
    const last = Number(range[2] ?? range[1]);
    if (first > last || last > cpuMax) return null;
    for (let cpu = first; cpu <= last; cpu++) cpus.push(cpu);
  }
  return new Set(cpus).size === cpus.length ? cpus.toSorted((left, right) => left - right) : null;
}

/** DPDK numbers its ports so: PCI devices by their address, then the others as they were given. */
function inOrderOfDpdk(devices: readonly string[]): readonly string[] {
  const isOther = (device: string): boolean => pciAddress(device) === null;
  const pci = devices.filter((device) => !isOther(device));
  const byAddress = pci.toSorted((left, right) =>
    (pciAddress(left) ?? '') < (pciAddress(right) ?? '') ? -1 : 1,
  );
  return [...byAddress, ...devices.filter(isOther)];
}

/** "0000:01:00.0", the domain filled in; null: the device is on no PCI bus. */
function pciAddress(device: string): string | null {
  const address = /^(?:([0-9a-f]{1,8}):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])(?=,|$)/i.exec(device);
  if (address === null) return null;
  return `${(address[1] ?? '').padStart(8, '0')}:${address[2]}`.toLowerCase();
}
