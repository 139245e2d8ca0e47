// vrrp_instance: what the daemon acts on of it.
import type { Prefix } from '../net/prefix.js';
import type { ConfigFiles } from '../ports/config-files.js';
import type { AddressEntry } from './address-entry.js';
import type { Announcement } from './announcement.js';
import { announcementOf } from './announcement-block.js';
import type { Report } from './diagnostic.js';
import { type GarpSettings, garpSettings } from './garp.js';
import type { GlobalBlocks } from './global.js';
import { type InstanceObjects, instanceObjects } from './kernel-objects.js';
import type { Headed } from './keywords.js';
import { instanceNotification, type VrrpNotification } from './notification.js';
import type { Found } from './settings.js';
import type { TrackedThings } from './tracking.js';
import { familyOfInstance, versionOf } from './vrrp-checks.js';
import type { LinkSurroundings } from './vrrp-links.js';
import { isStrict, type VrrpProtocol, vrrpProtocol } from './vrrp-protocol.js';
import { vrrpSigning } from './vrrp-signing.js';
import type { vrrpTable } from './vrrp-table.js';

export type VirtualAddress = {
  readonly prefix: Prefix;
  /** The interface that gets the address; the instance's own unless `dev` says otherwise. */
  readonly device: string;
};

export type {
  VrrpAuthentication,
  VrrpDestination,
  VrrpPeer,
  VrrpVersion,
} from './vrrp-protocol.js';

export type VrrpInstance = VrrpProtocol & {
  readonly name: string;
  /** The state wanted at start; only an address owner (priority 255) starts as MASTER. */
  readonly state: 'MASTER' | 'BACKUP';
  /** The vrrp_sync_group that it is in. */
  readonly syncGroup: string | null;
  /** Kernel interface that adverts leave from. */
  readonly interface: string;
  /** The data plane port that gets the addresses; null: the kernel interface gets them. */
  readonly dpdkInterface: string | null;
  /** 1..255 */
  readonly virtualRouterId: number;
  /** 1..255 */
  readonly priority: number;
  readonly preempts: boolean;
  /** `lease off` restores addresses that outlive a dead daemon. */
  readonly leases: boolean;
  readonly virtualAddresses: readonly VirtualAddress[];
  /** How the segment is told of the addresses. */
  readonly garp: GarpSettings;
  readonly tracking: TrackedThings;
  /** Who is told of its changes of state. */
  readonly notification: VrrpNotification;
  /** What it puts into the kernel. */
  readonly objects: InstanceObjects;
  /** null: no routing protocol is told. */
  readonly announcement: Announcement | null;
};

export type WrittenInstance = Headed<string, typeof vrrpTable>;

/** What other blocks of the file say. */
export type InstanceSurroundings = {
  readonly globals: GlobalBlocks;
  readonly tracking: TrackedThings;
  readonly links: LinkSurroundings;
  /** Where keys may be; null: there are none. */
  readonly files: ConfigFiles | null;
};

/** undefined: it cannot be run, and `report` has why. */
export function vrrpInstance(
  written: WrittenInstance,
  { globals, tracking, links, files }: InstanceSurroundings,
  report: Report,
): VrrpInstance | undefined {
  const { head: name, settings } = written;
  const interfaceName = settings.value('interface');
  const virtualRouterId = settings.value('virtual_router_id');
  reportMissing(written, report);
  const dpdkInterface = settings.value('dpdk_interface') ?? null;
  const entries = [
    ...settings.all('virtual_ipaddress'),
    ...settings.all('virtual_ipaddress_excluded'),
  ].flatMap(({ value }) => value);
  checkDevices(entries, dpdkInterface, report);
  const family = familyOfInstance(settings);
  const version = versionOf(settings, family, globals);
  const protocol = vrrpProtocol(settings, version, family, globals, report);
  const { advertIntervalMs } = protocol;
  const request = { name, settings, advertIntervalMs, isStrict: isStrict(settings, globals) };
  const signing = vrrpSigning(request, files, report);
  if (interfaceName === undefined || virtualRouterId === undefined) return undefined;
  if (signing === undefined) return undefined;
  const state = stateOf(settings, globals);
  const priority = settings.value('priority') ?? (state === 'MASTER' ? 255 : 100);
  const place = { settings, interface: interfaceName, dpdkInterface, virtualRouterId, family };
  const objects = instanceObjects({ ...place, priority }, links, report);
  return {
    ...protocol,
    signing,
    name,
    syncGroup: null,
    state,
    interface: interfaceName,
    dpdkInterface,
    virtualRouterId,
    priority,
    preempts: state === 'MASTER' || (settings.value('preempt') ?? true),
    leases: settings.value('lease'),
    virtualAddresses: objects.addresses
      .filter(({ isAdvertised }) => isAdvertised)
      .map(({ prefix, device }) => ({ prefix, device })),
    garp: garpSettings(settings, globals, isStrict(settings, globals)),
    tracking,
    notification: instanceNotification(settings, globals),
    objects,
    announcement: announcementOf(settings.found('announce'), 'master'),
  };
}

/** What is written, unless strict mode says that owners alone are MASTER. */
function stateOf(
  settings: WrittenInstance['settings'],
  globals: GlobalBlocks,
): VrrpInstance['state'] {
  const written = settings.value('state');
  const priority = settings.value('priority') ?? (written === 'MASTER' ? 255 : 100);
  const byPriority = priority === 255 ? 'MASTER' : 'BACKUP';
  return isStrict(settings, globals) ? byPriority : (written ?? byPriority);
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
