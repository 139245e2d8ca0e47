// CPU time of processes and of the whole machine, from /proc.
//
// What the kernel forwards it does in softirq, in the time of whichever process is running then;
// many kernels do not tell the two apart. So there is no figure for "the kernel's forwarding": only
// that of a forwarder's processes, and that of everything together, the load included.
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: what /proc counts in, on every architecture that DPDK runs on. */
const ticksPerSecond = 100;
const kernelThreadParent = 2;

export type ProcessTimes = {
  readonly pid: number;
  readonly parent: number;
  readonly seconds: number;
  /** With that of children that ended and were waited for: their time is never lost. */
  readonly secondsWithEnded: number;
};

export type CpuSample = {
  readonly atMs: number;
  readonly machineSeconds: number;
  readonly processes: readonly ProcessTimes[];
};

export type CpuUse = {
  /** CPU seconds of the forwarder's processes per second; null when the kernel forwards. */
  readonly forwarder: number | null;
  /** CPU seconds per second of processes that have nothing to do with the benchmark. */
  readonly others: number;
  /** CPU seconds of the whole machine without those: client, server, kernel and forwarder. */
  readonly seconds: number;
};

export function sampleCpu(): CpuSample {
  return {
    atMs: performance.now(),
    machineSeconds: machineSeconds(readFileSync('/proc/stat', 'utf8')),
    processes: readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => statOf(pid))
      .map(processTimes),
  };
}

/** What happened between two samples. `benchPid` and what it started are no others. */
export function cpuUse(
  before: CpuSample,
  after: CpuSample,
  forwarderPids: readonly number[],
  benchPid: number,
): CpuUse {
  const durationSeconds = (after.atMs - before.atMs) / 1000;
  const used = forwarderSeconds(after, forwarderPids) - forwarderSeconds(before, forwarderPids);
  const ours = [benchPid, ...forwarderPids];
  const others = othersSeconds(after, ours) - othersSeconds(before, ours);
  return {
    forwarder: forwarderPids.length === 0 ? null : used / durationSeconds,
    others: others / durationSeconds,
    seconds: after.machineSeconds - before.machineSeconds - others,
  };
}

function forwarderSeconds({ processes }: CpuSample, pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const found = processes.find((process) => process.pid === pid);
    if (found === undefined) throw new Error(`the forwarder's process ${pid} has ended`);
    return sum + found.seconds;
  }, 0);
}

function othersSeconds({ processes }: CpuSample, ours: readonly number[]): number {
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const isOther = (pid: number): boolean => {
    if (pid === kernelThreadParent || ours.includes(pid)) return false;
    const parent = parents.get(pid);
    return parent === undefined || isOther(parent);
  };
  return processes
    .filter(({ pid }) => isOther(pid))
    .reduce((sum, { secondsWithEnded }) => sum + secondsWithEnded, 0);
}

/** Nothing when the process has ended since it was listed. */
function statOf(pid: string): readonly string[] {
  try {
    return [readFileSync(`/proc/${pid}/stat`, 'utf8')];
  } catch {
    return [];
  }
}

/** Of /proc/PID/stat. The name in brackets may hold anything. */
export function processTimes(stat: string): ProcessTimes {
  const [, parent, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(9, 13).map(Number);
  return {
    pid: Number.parseInt(stat, 10),
    parent: Number(parent),
    seconds: (user + system) / ticksPerSecond,
    secondsWithEnded: (user + system + endedUser + endedSystem) / ticksPerSecond,
  };
}

/** Of /proc/stat: all that was not idle, waiting for a disk, or taken by the hypervisor. */
export function machineSeconds(stat: string): number {
  const fields = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields;
  return (user + nice + system + irq + softirq) / ticksPerSecond;
}
