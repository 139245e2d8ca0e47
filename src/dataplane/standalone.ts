// dpvs.conf and the command line of DPVS -> the data plane that they describe together: the file
// says how many workers and what of each port, the command line which devices and which CPUs.
import { err, ok, type Result } from 'neverthrow';
import type { DataplaneConfig, DataplanePort } from '../config/dataplane.js';
import type { DpvsConf } from '../config/dpvs-conf/dpvs-conf.js';
import type { EalArguments } from './eal-arguments.js';

const mtuBytesDefault = 1500;

export type Standalone = {
  readonly config: DataplaneConfig;
  /** Sentences. */
  readonly warnings: readonly string[];
};

/** The error is a sentence. */
export function standaloneConfig(conf: DpvsConf, eal: EalArguments): Result<Standalone, string> {
  const cpus = workerCpus(conf.workerCpuIds, eal.cpus);
  if (cpus.isErr()) return err(cpus.error);
  const ports = eal.devices.map((device, index) => portOf(device, `dpdk${index}`, conf));
  const idle = conf.ports.filter(({ name }) => !ports.some((port) => port.name === name));
  return ok({
    config: {
      workers: conf.workers,
      workerCpus: cpus.value,
      poll: 'adaptive',
      connectionsMax: conf.connectionsMax,
      packetBuffers: conf.packetBuffers,
      hugepages: eal.hugepages,
      ports,
      addresses: [],
      routes: [],
      settings: conf.settings,
    },
    warnings: idle.map(
      ({ name }) =>
        `device ${name} has nothing behind it: ` +
        `${eal.devices.length} devices are named behind --, from dpdk0 on`,
    ),
  });
}

function portOf(device: string, name: string, { ports }: DpvsConf): DataplanePort {
  const written = ports.find((port) => port.name === name);
  const { mtuBytes = mtuBytesDefault, kniName = `${name}.kni` } = written ?? {};
  return { name, device, kniName, mtuBytes };
}

/** Without -l each CPU of the host has its own number. */
function workerCpus(
  ids: readonly number[],
  cpus: readonly number[] | null,
): Result<readonly number[], string> {
  if (cpus === null) return ok(ids);
  const chosen: number[] = [];
  for (const id of ids) {
    const cpu = cpus[id];
    if (cpu === undefined) {
      return err(`cpu_id ${id} is beyond the ${cpus.length} CPUs of -l, which count from 0`);
    }
    chosen.push(cpu);
  }
  return ok(chosen);
}
