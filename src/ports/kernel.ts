// The kernel's links and addresses (rtnetlink), as facts and as things we change.
import type { Result } from 'neverthrow';
import type { IpAddress } from '../net/address.js';
import type { MacAddress } from '../net/mac.js';
import type { Prefix } from '../net/prefix.js';

export type KernelError = {
  readonly type: 'kernel.failed';
  /** What was asked, e.g. "add 192.0.2.100/32 to eth0". */
  readonly action: string;
  readonly reason: string;
};

export type Link = {
  readonly index: number;
  readonly name: string;
  readonly mac: MacAddress;
  readonly mtuBytes: number;
  /** Administratively up and with carrier (IFF_UP and IFF_RUNNING). */
  readonly isUp: boolean;
};

export type KernelAddress = {
  readonly linkIndex: number;
  readonly prefix: Prefix;
};

/** What iproute2 says behind an address. */
export type AddressAttributes = {
  /** RT_SCOPE_; null: the kernel's default for the address. */
  readonly scope: number | null;
  readonly broadcast: IpAddress | null;
  readonly label: string | null;
  /** The other end of a point-to-point link, and the prefix that is reached over it. */
  readonly peer: Prefix | null;
  /** Seconds as the source of new connections, at most the valid ones; null: as long as valid. */
  readonly preferredSeconds: number | null;
  /** Other than the last two they say something of IPv6 alone. */
  readonly flags: readonly ('nodad' | 'home' | 'mngtmpaddr' | 'noprefixroute' | 'autojoin')[];
};

export type AddressRequest = {
  readonly interface: string;
  readonly prefix: Prefix;
  /** Without: as an address of a single host that answers at once. */
  readonly attributes?: AddressAttributes;
  /** Whole seconds until the kernel removes the address by itself; null for ever. */
  readonly validSeconds: number | null;
};

export interface Kernel {
  links(): Promise<Result<readonly Link[], KernelError>>;
  addresses(): Promise<Result<readonly KernelAddress[], KernelError>>;
  /** Adds the address, or renews its lifetime when it is already there. */
  putAddress(request: AddressRequest): Promise<Result<void, KernelError>>;
  /** Succeeds also when the address is not there. */
  removeAddress(
    interfaceName: string,
    prefix: Prefix,
    attributes?: AddressAttributes,
  ): Promise<Result<void, KernelError>>;
  /**
   * Calls back after any change of links or addresses, and after lost notifications. Returns the
   * stop.
   */
  watch(changed: () => void): Result<() => void, KernelError>;
}

export function describeKernelError(error: KernelError): string {
  return `cannot ${error.action}: ${error.reason}`;
}
