// Sysctls as files below /proc/sys, of the network namespace that the process runs in.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { err, ok, type Result } from 'neverthrow';
import type { SysctlError, SysctlName, Sysctls } from '../ports/sysctls.js';
import { describeCause } from './sockets.js';

const root = '/proc/sys';

export class HostSysctls implements Sysctls {
  async read(name: SysctlName): Promise<Result<string, SysctlError>> {
    const path = pathOf(name);
    if (path.isErr()) return err(path.error);
    try {
      return ok((await readFile(path.value, 'utf8')).trim());
    } catch (cause) {
      return failed(name, describeCause(cause));
    }
  }

  async write(name: SysctlName, value: string): Promise<Result<void, SysctlError>> {
    const path = pathOf(name);
    if (path.isErr()) return err(path.error);
    try {
      await writeFile(path.value, `${value}\n`, { flag: 'r+' });
      return ok(undefined);
    } catch (cause) {
      return failed(name, describeCause(cause));
    }
  }

  async interfaces(): Promise<readonly string[]> {
    try {
      const names = await readdir(`${root}/net/ipv4/conf`);
      return names.filter((name) => name !== 'all' && name !== 'default');
    } catch {
      // No IPv4 in this kernel.
      return [];
    }
  }
}

/** The name of an interface must not lead out of the folder. */
function pathOf(name: SysctlName): Result<string, SysctlError> {
  const isSafe = name.every((part) => part !== '' && part !== '.' && !/^\.\.$|\/|\0/.test(part));
  return isSafe ? ok([root, ...name].join('/')) : failed(name, 'it is not a name');
}

function failed(name: SysctlName, reason: string): Result<never, SysctlError> {
  return err({ type: 'sysctl.failed', name, reason });
}
