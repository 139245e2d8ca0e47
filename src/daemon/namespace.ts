// net_namespace: the daemon becomes one that was started inside. A namespace belongs to a thread,
// and Node has some before our first line runs; so the main thread enters, and what it starts from
// there, itself anew or a child, is inside with every thread.
import { mkdirSync } from 'node:fs';
import { err, ok, type Result } from 'neverthrow';
import { wantedNodeOptions } from '../host/garbage-collection.js';
import {
  describeSocketsError,
  enterNetworkNamespace,
  mountPrivately,
  replaceProcess,
} from '../host/sockets.js';
import { namespacePidFolder } from './settled-options.js';

const marker = 'KEELSON_INSIDE_NAMESPACE';

/** 'inside': go on; 'entered': only what is started from now on is inside. */
export function enterNamespace(name: string): Result<'inside' | 'entered', string> {
  const inside = process.env[marker];
  delete process.env[marker];
  if (inside === name) return ok('inside');
  if (!/^[^/\s]{1,255}$/.test(name) || name === '.' || name === '..') {
    return err(`"${name}" is not the name of a network namespace`);
  }
  const entered = enterNetworkNamespace(`/run/netns/${name}`);
  if (entered.isErr()) {
    const reason = describeSocketsError(entered.error);
    return err(`cannot enter the network namespace ${name}: ${reason} (make it: ip netns add)`);
  }
  const folder = `${namespacePidFolder}/${name}`;
  const mounted = mountFolder(folder);
  if (mounted.isErr()) return err(`cannot mount ${folder}: ${mounted.error}`);
  process.env[marker] = name;
  return ok('entered');
}

/** keepalived shows every namespace's pid files under the same path. */
function mountFolder(folder: string): Result<void, string> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  } catch (cause) {
    return err(cause instanceof Error ? cause.message : String(cause));
  }
  return mountPrivately(folder, namespacePidFolder).mapErr(describeSocketsError);
}

/** The same command line in the same process, inside. Returns only when it fails. */
export function startAnew(): string {
  const options = wantedNodeOptions(process.execArgv);
  const words = [process.execPath, ...options, ...process.argv.slice(1)];
  const environment = Object.entries(process.env).map(([name, value]) => `${name}=${value ?? ''}`);
  const error = replaceProcess(process.execPath, words, environment);
  return `cannot start anew: ${describeSocketsError(error)}`;
}
