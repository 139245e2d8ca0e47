// How the daemon itself is run, out of global_defs and the root: its namespace, the names of its
// files, when it begins.
import type { CommandAs } from './command.js';
import { countingIn, type GlobalBlocks } from './global.js';
import { globalTable } from './global-table.js';
import type { Root } from './root-table.js';
import { type ThreadsConfig, threadsConfig, threadsDefaults } from './threads.js';

export type DumpFiles = {
  /** null: the default name in the folder for temporary files. */
  readonly state: string | null;
  readonly stats: string | null;
  readonly json: string | null;
  /** The names carry the namespace and the instance. */
  readonly usesInstance: boolean;
  readonly jsonVersion: 1 | 2;
};

export type LifeScript = {
  readonly script: CommandAs;
  /** 1..1000 seconds. */
  readonly timeoutMs: number;
};

export type OperationsConfig = {
  /** null: the namespace that the daemon is started in. */
  readonly netNamespace: string | null;
  /** `instance NAME`: part of names of files. */
  readonly instance: string | null;
  readonly usesPidDirectory: boolean;
  /** null: 0177. */
  readonly umask: number | null;
  readonly dumpFiles: DumpFiles;
  /** From the start of the daemon, and from the boot of the machine; the later one counts. */
  readonly startupDelayMs: number;
  readonly delayAfterBootMs: number;
  /** Adverts of virtual routers that the file does not have. */
  readonly logsUnknownRouters: boolean;
  /** null: there is none. */
  readonly startupScript: LifeScript | null;
  readonly shutdownScript: LifeScript | null;
  readonly threads: ThreadsConfig;
};

export const operationsDefaults: OperationsConfig = {
  netNamespace: null,
  instance: null,
  usesPidDirectory: false,
  umask: null,
  dumpFiles: { state: null, stats: null, json: null, usesInstance: false, jsonVersion: 1 },
  startupDelayMs: 0,
  delayAfterBootMs: 0,
  logsUnknownRouters: false,
  startupScript: null,
  shutdownScript: null,
  threads: threadsDefaults,
};

export function operationsConfig(root: Root, globals: GlobalBlocks): OperationsConfig {
  return {
    netNamespace: root.value('net_namespace') ?? null,
    instance: root.value('instance') ?? null,
    usesPidDirectory: root.value('use_pid_dir'),
    umask: countingIn(globals, 'umask')?.value ?? null,
    dumpFiles: {
      state: countingIn(globals, 'state_dump_file')?.value ?? null,
      stats: countingIn(globals, 'stats_dump_file')?.value ?? null,
      json: countingIn(globals, 'json_dump_file')?.value ?? null,
      usesInstance: countingIn(globals, 'data_use_instance')?.value ?? false,
      jsonVersion: countingIn(globals, 'json_version')?.value === 2 ? 2 : 1,
    },
    startupDelayMs: countingIn(globals, 'vrrp_startup_delay')?.value ?? 0,
    delayAfterBootMs: countingIn(globals, 'vrrp_delay_after_boot')?.value ?? 0,
    logsUnknownRouters: countingIn(globals, 'log_unknown_vrids') !== undefined,
    startupScript: lifeScript(globals, 'startup_script'),
    shutdownScript: lifeScript(globals, 'shutdown_script'),
    threads: threadsConfig(globals),
  };
}

function lifeScript(
  globals: GlobalBlocks,
  name: 'startup_script' | 'shutdown_script',
): LifeScript | null {
  const script = countingIn(globals, name)?.value;
  if (script === undefined) return null;
  const timeout = `${name}_timeout` as const;
  const { fallback } = globalTable[timeout];
  return { script, timeoutMs: countingIn(globals, timeout)?.value ?? fallback };
}
