// vrrp_instance.
import type { Word } from '../../grammar/syntax-tree.js';
import type { Prefix } from '../net/prefix.js';
import { readDevice } from './address-options.js';
import type { Report } from './diagnostic.js';
import {
  block,
  checkIpv4,
  choice,
  type Decoded,
  entries,
  type Found,
  flag,
  integer,
  last,
  onOff,
  opposite,
  prefixAt,
  seconds,
  type Table,
  word,
} from './keywords.js';

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

const passwordOctetsMax = 8;

const authenticationTable = {
  auth_type: choice('PASS: a password in clear text in every advert (VRRPv2).', 'PASS'),
  auth_pass: word('The password, 8 characters at most.', 'STRING'),
} satisfies Table;

type WrittenAddress = { readonly prefix: Prefix; readonly device: string | null };

export const vrrpTable = {
  state: choice('The state wanted at start.', 'MASTER', 'BACKUP'),
  interface: word('Kernel interface that adverts leave from.', 'INTERFACE'),
  dpdk_interface: word('Data plane port that gets the virtual addresses.', 'PORT'),
  virtual_router_id: integer('Number of the virtual router on its segment.', 1, 255),
  priority: integer('The highest priority is MASTER; 255 owns the addresses.', 1, 255),
  advert_int: seconds('Time between adverts, whole seconds in VRRPv2.', 0.01, 255),
  authentication: block('Authentication of adverts (VRRPv2).', authenticationTable),
  virtual_ipaddress: entries(
    'Addresses of the virtual router: ADDRESS[/LENGTH] [dev INTERFACE].',
    readVirtualAddress,
  ),
  preempt: flag('A higher priority takes over from a lower MASTER (the default).'),
  nopreempt: opposite('A MASTER stays, whatever the priority of a newcomer.', 'preempt'),
  garp_master_delay: seconds('Time to the second burst of gratuitous ARP, 0 for none.', 0, 4294),
  garp_master_repeat: integer('Gratuitous ARP messages of a burst.', 0, 4294),
  lease: onOff('Addresses vanish by themselves when the daemon dies (on by default).'),
} satisfies Table;

function readVirtualAddress(
  words: readonly [Word, ...Word[]],
  report: Report,
): WrittenAddress | undefined {
  const prefix = prefixAt(words[0], report);
  const device = readDevice(words, report);
  if (prefix === undefined || device === undefined) return undefined;
  checkIpv4(prefix.address, words[0], report);
  return { prefix, device };
}

/** undefined: something without which there is no instance is missing, and has been reported. */
export function vrrpInstance(
  name: Word,
  found: Decoded<typeof vrrpTable>,
  report: Report,
): VrrpInstance | undefined {
  for (const keyword of ['interface', 'virtual_router_id', 'virtual_ipaddress']) {
    if (found.tried.has(keyword)) continue;
    const message = `vrrp_instance ${name.text} has no ${keyword}`;
    report.error('config.missing_keyword', name.position, message);
  }
  const interfaceName = last(found.interface, undefined);
  const virtualRouterId = last(found.virtual_router_id, undefined);
  const written = found.virtual_ipaddress.flatMap(({ value }) => value);
  if (found.virtual_ipaddress.length > 0 && written.length === 0 && !report.hasErrors) {
    const message = `vrrp_instance ${name.text} has an empty virtual_ipaddress`;
    report.error('config.missing_argument', name.position, message);
  }
  const dpdkInterface = last(found.dpdk_interface, null);
  checkDevices(written, dpdkInterface, report);
  if (interfaceName === undefined || virtualRouterId === undefined) return undefined;
  const state = last(found.state, 'BACKUP');
  return {
    name: name.text,
    state,
    interface: interfaceName,
    dpdkInterface,
    virtualRouterId,
    priority: last(found.priority, state === 'MASTER' ? 255 : 100),
    advertIntervalMs: advertInterval(found.advert_int, report),
    authentication: authenticationFrom(found.authentication, report),
    preempts: last(found.preempt, true),
    leases: last(found.lease, true),
    virtualAddresses: written.map(({ value: { prefix, device } }) => ({
      prefix,
      device: device ?? dpdkInterface ?? interfaceName,
    })),
    garpMasterDelayMs: last(found.garp_master_delay, 5000),
    garpMasterRepeat: Math.max(last(found.garp_master_repeat, 5), 1),
  };
}

/** dpdk_interface gets every address of its instance: another `dev` would be ignored. */
function checkDevices(
  written: readonly Found<WrittenAddress>[],
  dpdkInterface: string | null,
  report: Report,
): void {
  if (dpdkInterface === null) return;
  for (const { value, position } of written) {
    if (value.device === null || value.device === dpdkInterface) continue;
    const remedy = `remove "dev ${value.device}"`;
    const message = `the address goes to dpdk_interface ${dpdkInterface}; ${remedy}`;
    report.error('config.bad_argument', position, message);
  }
}

function advertInterval(found: readonly Found<number>[], report: Report): number {
  const interval = found.at(-1);
  if (interval === undefined) return 1000;
  if (interval.value % 1000 === 0 && interval.value >= 1000) return interval.value;
  const message = 'advert_int must be whole seconds, 1-255, in VRRPv2';
  report.error('config.bad_argument', interval.position, message);
  return 1000;
}

function authenticationFrom(
  found: readonly Found<Decoded<typeof authenticationTable>>[],
  report: Report,
): VrrpAuthentication {
  const authentication = found.at(-1);
  if (authentication === undefined) return { type: 'none' };
  const password = authentication.value.auth_pass.at(-1);
  if (authentication.value.auth_type.length === 0 || password === undefined) {
    const message = 'authentication needs both auth_type and auth_pass';
    report.error('config.missing_keyword', authentication.position, message);
    return { type: 'none' };
  }
  const carried = firstOctets(password.value, passwordOctetsMax);
  if (carried !== password.value) {
    const message = `auth_pass is cut to its first ${passwordOctetsMax} characters`;
    report.warning('config.truncated', password.position, message);
  }
  return { type: 'pass', password: carried };
}

/** As many whole characters as fit into `octetsMax` octets of UTF-8, as adverts carry them. */
function firstOctets(text: string, octetsMax: number): string {
  let carried = '';
  let octets = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    octets += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (octets > octetsMax) return carried;
    carried += character;
  }
  return carried;
}
