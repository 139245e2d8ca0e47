// Settings of the kernel under /proc/sys. A name is a list of its parts, because interfaces may
// have dots in theirs: ['net', 'ipv4', 'conf', 'vrrp.51', 'rp_filter'].
import type { Result } from 'neverthrow';

export type SysctlName = readonly string[];

export type SysctlError = {
  readonly type: 'sysctl.failed';
  readonly name: SysctlName;
  readonly reason: string;
};

export interface Sysctls {
  read(name: SysctlName): Promise<Result<string, SysctlError>>;
  write(name: SysctlName, value: string): Promise<Result<void, SysctlError>>;
  /** The interfaces that have settings of IPv4. */
  interfaces(): Promise<readonly string[]>;
}

export function describeSysctlError(error: SysctlError): string {
  return `cannot use the sysctl ${error.name.join('/')}: ${error.reason}`;
}
