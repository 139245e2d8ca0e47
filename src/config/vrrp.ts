// vrrp_instance: what the daemon acts on of it.
import type { AddressFamily } from '../net/address.js';
import type { Prefix } from '../net/prefix.js';
import type { AddressEntry } from './address-entry.js';
import type { Report } from './diagnostic.js';
import type { GlobalBlocks } from './global.js';
import { type InstanceObjects, instanceObjects } from './kernel-objects.js';
import type { Headed } from './keywords.js';
import type { Found, Settings } from './settings.js';
import { firstOctets } from './text.js';
import { familyOfInstance, versionOf } from './vrrp-checks.js';
import type { LinkSurroundings } from './vrrp-links.js';
import type { vrrpTable } from './vrrp-table.js';

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
  /** What it puts into the kernel. */
  readonly objects: InstanceObjects;
};

const passwordOctetsMax = 8;

export type WrittenInstance = Headed<string, typeof vrrpTable>;

/** undefined: it cannot be run, and `report` has why. */
export function vrrpInstance(
  written: WrittenInstance,
  globals: GlobalBlocks,
  report: Report,
  surroundings: LinkSurroundings,
): VrrpInstance | undefined {
  const { head: name, settings } = written;
  const interfaceName = settings.value('interface');
  const virtualRouterId = settings.value('virtual_router_id');
  reportMissing(written, report);
  const dpdkInterface = settings.value('dpdk_interface') ?? null;
  const entries = settings.all('virtual_ipaddress').flatMap(({ value }) => value);
  checkDevices(entries, dpdkInterface, report);
  const family = familyOfInstance(settings);
  const version = versionOf(settings, family, globals);
  const advertIntervalMs =
    version === 3 ? settings.value('advert_int') : advertInterval(settings, report);
  const authentication = authenticationOf(settings, report);
  const obstacle = obstacleOf(settings, version, family);
  if (obstacle !== null) {
    report.notActedOn(`vrrp_instance with ${obstacle}`, written.subject.position);
    return undefined;
  }
  if (interfaceName === undefined || virtualRouterId === undefined) return undefined;
  const state = settings.value('state') ?? 'BACKUP';
  const priority = settings.value('priority') ?? (state === 'MASTER' ? 255 : 100);
  const place = { settings, interface: interfaceName, dpdkInterface, virtualRouterId, family };
  const objects = instanceObjects({ ...place, priority }, surroundings, report);
  return {
    name,
    state,
    interface: interfaceName,
    dpdkInterface,
    virtualRouterId,
    priority,
    advertIntervalMs,
    authentication,
    preempts: settings.value('preempt') ?? true,
    leases: settings.value('lease'),
    virtualAddresses: objects.addresses
      .filter(({ isAdvertised }) => isAdvertised)
      .map(({ prefix, device }) => ({ prefix, device })),
    garpMasterDelayMs: settings.value('garp_master_delay'),
    garpMasterRepeat: Math.max(settings.value('garp_master_repeat'), 1),
    objects,
  };
}

/** What would be another protocol if it were left out; null: nothing of it is asked for. */
function obstacleOf(
  settings: Settings<typeof vrrpTable>,
  version: 2 | 3,
  family: AddressFamily,
): string | null {
  if (family === 'ipv6') return 'IPv6 addresses';
  if (version === 3) return 'version 3';
  if (settings.value('authentication')?.value('auth_type') === 'AH') return 'auth_type AH';
  if (settings.all('unicast_peer').some(({ value }) => value.length > 0)) return 'unicast_peer';
  return settings.has('mcast_dst_ip') ? 'mcast_dst_ip' : null;
}

/** Without a number or an interface keepalived does not start either. */
function reportMissing({ head: name, settings, subject }: WrittenInstance, report: Report): void {
  const missing = (keyword: string): string => `vrrp_instance ${name} has no ${keyword}`;
  if (!settings.has('interface')) {
    report.fatal('config.missing_keyword', subject.position, missing('interface'));
  }
  if (!settings.has('virtual_router_id')) {
    report.fatal('config.missing_keyword', subject.position, missing('virtual_router_id'));
  }
  if (!settings.has('virtual_ipaddress') && !settings.has('no_virtual_ipaddress')) {
    report.error('config.missing_keyword', subject.position, missing('virtual_ipaddress'));
    return;
  }
  const blocks = settings.all('virtual_ipaddress');
  if (blocks.length > 0 && blocks.every(({ value }) => value.length === 0)) {
    const message = `vrrp_instance ${name} has an empty virtual_ipaddress`;
    report.error('config.missing_argument', subject.position, message);
  }
}

/** dpdk_interface gets every address of its instance: another `dev` would be ignored. */
function checkDevices(
  entries: readonly Found<AddressEntry>[],
  dpdkInterface: string | null,
  report: Report,
): void {
  if (dpdkInterface === null) return;
  for (const { value, position } of entries) {
    const { dev } = value.options;
    if (dev === undefined || dev === dpdkInterface) continue;
    const remedy = `remove "dev ${dev}"`;
    const message = `the address goes to dpdk_interface ${dpdkInterface}; ${remedy}`;
    report.error('config.bad_argument', position, message);
  }
}

/** keepalived rounds to whole seconds in VRRPv2, and says so. */
function advertInterval(settings: Settings<typeof vrrpTable>, report: Report): number {
  const interval = settings.found('advert_int');
  if (interval === undefined) return settings.value('advert_int');
  const rounded = Math.max(1, Math.round(interval.value / 1000)) * 1000;
  if (rounded !== interval.value) {
    const message = `advert_int must be whole seconds in VRRPv2; ${rounded / 1000} is used`;
    report.warning('config.rounded', interval.position, message);
  }
  return rounded;
}

function authenticationOf(
  settings: Settings<typeof vrrpTable>,
  report: Report,
): VrrpAuthentication {
  const authentication = settings.found('authentication');
  if (authentication === undefined) return { type: 'none' };
  const password = authentication.value.found('auth_pass');
  if (!authentication.value.has('auth_type')) return { type: 'none' };
  if (password === undefined) {
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
