// What the command line leaves open and the file settles: the instance, the namespace, and the
// folders and pid files that follow from both.
import { join, resolve } from 'node:path';
import type { Config } from '../config/config.js';
import type { OperationsConfig } from '../config/operations.js';
import { defaultRuntimeDirectory } from '../dataplane/paths.js';
import type { Options } from './options.js';
import { daemonPidPath } from './paths.js';

/** Where keepalived's scripts look for its pid files. */
const pidFolder = '/run';
export const namespacePidFolder = '/run/keepalived';

/** The runtime directory that nobody named becomes one of the namespace. */
export function settledOptions(options: Options, operations: OperationsConfig): Options {
  const namespace = options.namespace ?? operations.netNamespace;
  const { runtimeDirectory, instance } = options.place;
  const isUsual = runtimeDirectory === defaultRuntimeDirectory;
  return {
    ...options,
    namespace,
    place: {
      runtimeDirectory:
        isUsual && namespace !== null ? join(runtimeDirectory, namespace) : runtimeDirectory,
      instance: instance ?? fileName(operations.instance),
    },
  };
}

/** Letters that a path may hold; null for no name. */
function fileName(name: string | null): string | null {
  return name === null ? null : name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 32);
}

/**
 * All that the daemon claims, each once. The first tells whether it runs already. With a
 * --runtime-dir of one's own nothing is written outside it.
 */
export function pidFilesOf(options: Options, config: Config): readonly string[] {
  const { pidFiles, place } = options;
  const { operations } = config;
  const name = operations.instance === null ? '' : `_${fileName(operations.instance)}`;
  const isOwn = !place.runtimeDirectory.startsWith(defaultRuntimeDirectory);
  const hasFolder =
    operations.usesPidDirectory || operations.instance !== null || options.namespace !== null;
  const usual = hasFolder ? namespacePidFolder : pidFolder;
  const folder = isOwn ? place.runtimeDirectory : usual;
  const runsVrrp = options.runsVrrp && config.vrrpInstances.length > 0;
  const runsCheckers = options.runsCheckers && config.virtualServers.length > 0;
  const runsBfd = options.runsBfd && config.bfdInstances.length > 0;
  return [
    ...new Set([
      daemonPidPath(place),
      resolve(pidFiles.daemon ?? join(folder, `keepalived${name}.pid`)),
      ...(runsVrrp ? [resolve(pidFiles.vrrp ?? join(folder, `vrrp${name}.pid`))] : []),
      ...(runsCheckers ? [resolve(pidFiles.checkers ?? join(folder, `checkers${name}.pid`))] : []),
      ...(runsBfd ? [resolve(pidFiles.bfd ?? join(folder, `bfd${name}.pid`))] : []),
    ]),
  ];
}
