// vrrp_instance.
import type { Prefix } from '../net/prefix.js';

export type VirtualAddress = {
  readonly prefix: Prefix;
  /** The interface that gets the address; the instance's own unless `dev` says otherwise. */
  readonly device: string;
};

export type VrrpAuthentication =
  | { readonly type: 'none' }
  /** 1..8 octets. */
  | { readonly type: 'pass'; readonly password: string };

export type VrrpInstance = {
  readonly name: string;
  /** The state wanted at start; only an address owner (priority 255) starts as MASTER. */
  readonly state: 'MASTER' | 'BACKUP';
  /** Kernel interface that adverts leave from. */
  readonly interface: string;
  /** The data plane port that gets the addresses; null: the kernel interface gets them. */
  readonly dpdkInterface: string | null;
  /** 1..255 */
  readonly virtualRouterId: number;
  /** 1..255 */
  readonly priority: number;
  /** Whole seconds in VRRPv2: 1000..255000. */
  readonly advertIntervalMs: number;
  readonly authentication: VrrpAuthentication;
  readonly preempts: boolean;
  /** `lease off` restores addresses that outlive a dead daemon. */
  readonly leases: boolean;
  readonly virtualAddresses: readonly VirtualAddress[];
  /** Gratuitous ARP: delay to the second burst (0 = none) and messages per burst. */
  readonly garpMasterDelayMs: number;
  readonly garpMasterRepeat: number;
};
