// Where dump files go: keepalived's names in the folder for temporary files, or what the file says
// (a folder that ends in "/", a name, or a whole path).
import { isAbsolute, join } from 'node:path';
import type { OperationsConfig } from '../../config/operations.js';

export type DumpKind = 'data' | 'parent' | 'check' | 'bfd' | 'stats' | 'json';

/** `temporary`: TMPDIR, which counts when it is absolute. */
export function dumpPath(
  kind: DumpKind,
  { dumpFiles, instance }: OperationsConfig,
  namespace: string | null,
  temporary: string | undefined,
): string {
  const folder = temporary !== undefined && isAbsolute(temporary) ? temporary : '/tmp';
  if (kind === 'stats') return named(dumpFiles.stats, folder, 'keepalived.stats');
  if (kind === 'json') return named(dumpFiles.json, folder, 'keepalived.json');
  const path = named(dumpFiles.state, folder, 'keepalived.data');
  const name = [namespace, instance].filter((part) => part !== null).join('_');
  const suffix = kind === 'data' ? '' : `_${kind}`;
  return beforeLastDot(path, dumpFiles.usesInstance && name !== '' ? `${suffix}.${name}` : suffix);
}

function named(written: string | null, folder: string, usual: string): string {
  const name = written === null ? usual : written.endsWith('/') ? `${written}${usual}` : written;
  return isAbsolute(name) ? name : join(folder, name);
}

function beforeLastDot(path: string, inserted: string): string {
  const dot = path.lastIndexOf('.');
  if (dot <= path.lastIndexOf('/')) return path + inserted;
  return path.slice(0, dot) + inserted + path.slice(dot);
}
