// Sysctls of a simulated kernel: one map, and interfaces by the names that stand in it.
import { err, ok, type Result } from 'neverthrow';
import type { SysctlError, SysctlName, Sysctls } from '../../src/ports/sysctls.js';

export class SimulatedSysctls implements Sysctls {
  readonly values = new Map<string, string>();

  read(name: SysctlName): Promise<Result<string, SysctlError>> {
    const value = this.values.get(name.join('/'));
    if (value !== undefined) return Promise.resolve(ok(value));
    return Promise.resolve(
      err({ type: 'sysctl.failed', name, reason: 'No such file or directory' }),
    );
  }

  write(name: SysctlName, value: string): Promise<Result<void, SysctlError>> {
    this.values.set(name.join('/'), value);
    return Promise.resolve(ok(undefined));
  }

  interfaces(): Promise<readonly string[]> {
    const names = [...this.values.keys()].flatMap((name) => {
      const device = /^net\/ipv4\/conf\/([^/]+)\//.exec(name)?.[1];
      return device === undefined || device === 'all' || device === 'default' ? [] : [device];
    });
    return Promise.resolve([...new Set(names)]);
  }
}
