// What does not fit together in a vrrp_instance, and what keepalived makes of it.
import type { Position } from '../../grammar/syntax-tree.js';
import { type AddressFamily, familyOf, type IpAddress } from '../net/address.js';
import { formatPrefix } from '../net/prefix.js';
import type { Report } from './diagnostic.js';
import { countingIn, type GlobalBlocks } from './global.js';
import { Once } from './once.js';
import type { Root } from './root-table.js';
import type { Settings } from './settings.js';
import type { WrittenInstance } from './vrrp.js';
import type { vrrpTable } from './vrrp-table.js';

export function checkVrrp(root: Root, report: Report): void {
  const globals = root.all('global_defs').map(({ value }) => value);
  const routers = new Once(report);
  const addresses = new Once(report);
  for (const { value, position } of root.all('vrrp_instance')) {
    const family = familyOfInstance(value.settings);
    const version = versionOf(value.settings, family, globals);
    checkPreemption(value, report);
    checkVrf(value, report);
    checkAuthentication(value, version, report);
    checkInterval(value, version, report);
    checkFamilies(value, family, report);
    checkRouter(value, family, position, routers);
    checkAddresses(value, addresses);
  }
}

/** That of the first address; without one native_ipv6 says it. */
export function familyOfInstance(settings: Settings<typeof vrrpTable>): AddressFamily {
  const [first] = settings.all('virtual_ipaddress').flatMap(({ value }) => value);
  if (first !== undefined) return familyOf(first.value.prefix.address);
  return settings.has('native_ipv6') ? 'ipv6' : 'ipv4';
}

export function versionOf(
  settings: Settings<typeof vrrpTable>,
  family: AddressFamily,
  globals: GlobalBlocks,
): 2 | 3 {
  const own = settings.value('version');
  if (own !== undefined) return own === '3' ? 3 : 2;
  const common = countingIn(globals, 'vrrp_version')?.value;
  return common === 3 || family === 'ipv6' ? 3 : 2;
}

/** Only unicast without an interface may have one, and keepalived 2.2.7 starts none of those. */
function checkVrf({ head: name, settings }: WrittenInstance, report: Report): void {
  const vrf = settings.found('vrf');
  if (vrf === undefined || !settings.has('interface')) return;
  const message = `vrrp_instance ${name}: vrf has no effect beside interface`;
  report.warning('config.ineffective', vrf.position, message);
}

function checkPreemption({ head: name, settings }: WrittenInstance, report: Report): void {
  const isMaster = settings.value('state') === 'MASTER';
  const preempts = settings.found('preempt');
  const delay = settings.found('preempt_delay');
  const warn = (position: Position, what: string): void =>
    report.warning('config.ineffective', position, `vrrp_instance ${name}: ${what}`);
  if (preempts?.value === false && (isMaster || settings.value('priority') === 255)) {
    const why = isMaster ? 'state MASTER' : 'priority 255';
    warn(preempts.position, `nopreempt has no effect with ${why}`);
  }
  const stall = settings.found('timer_expired_backup');
  if (stall !== undefined && (preempts?.value !== false || isMaster)) {
    warn(stall.position, 'timer_expired_backup has no effect without nopreempt');
  }
  if (delay === undefined) return;
  if (isMaster) warn(delay.position, 'preempt_delay has no effect with state MASTER');
  else if (preempts?.value === false) {
    warn(delay.position, 'preempt_delay has no effect with nopreempt');
  } else if (settings.value('strict_mode') === true) {
    warn(delay.position, 'preempt_delay has no effect in strict mode');
  }
}

function checkAuthentication(
  { head: name, settings }: WrittenInstance,
  version: 2 | 3,
  report: Report,
): void {
  const found = settings.found('authentication');
  if (found === undefined) return;
  const warn = (what: string): void =>
    report.warning('config.ineffective', found.position, `vrrp_instance ${name}: ${what}`);
  if (settings.has('auth_hmac')) warn('auth_hmac takes the place of authentication');
  else if (version === 3) warn('VRRPv3 has no authentication; this one is ignored');
  else if (settings.value('strict_mode') === true) {
    warn('strict mode has no authentication; this one is ignored');
  }
  const isAh = found.value.value('auth_type') === 'AH';
  const priority = settings.value('priority') ?? 255;
  if (isAh && settings.value('state') === 'MASTER' && priority !== 255) {
    warn('state MASTER does not go with auth_type AH; it starts as BACKUP');
  }
}

const longestV3IntervalMs = 40_950;

/** VRRPv2 in vrrp.ts, which rounds. */
function checkInterval(
  { head: name, settings }: WrittenInstance,
  version: 2 | 3,
  report: Report,
): void {
  const interval = settings.found('advert_int');
  if (interval === undefined || version === 2) return;
  const wrong =
    interval.value > longestV3IntervalMs
      ? 'at most 40.95 seconds'
      : interval.value % 10 === 0
        ? null
        : 'in steps of 0.01 seconds';
  if (wrong === null) return;
  const message = `vrrp_instance ${name}: advert_int of VRRPv3 is ${wrong}`;
  report.warning('config.rounded', interval.position, message);
}

/** Adverts carry the addresses of one family, and go to peers of the same. */
function checkFamilies(
  { head: name, settings }: WrittenInstance,
  family: AddressFamily,
  report: Report,
): void {
  const check = (address: IpAddress, position: Position, remedy: string): void => {
    if (familyOf(address) === family) return;
    const own = family === 'ipv4' ? 'IPv4' : 'IPv6';
    const message = `${address}: vrrp_instance ${name} is ${own}; ${remedy}`;
    report.error('config.family_mix', position, message);
  };
  const excluded = 'addresses of the other family go into virtual_ipaddress_excluded';
  for (const { value } of settings.all('virtual_ipaddress')) {
    for (const { value: entry, position } of value) check(entry.prefix.address, position, excluded);
  }
  for (const { value } of settings.all('unicast_peer')) {
    for (const { value: peer, position } of value) check(peer.address, position, 'peers are, too');
  }
  for (const keyword of ['mcast_src_ip', 'unicast_src_ip', 'mcast_dst_ip'] as const) {
    const found = settings.found(keyword);
    if (found !== undefined) check(found.value, found.position, `so must be ${keyword}`);
  }
}

function checkRouter(
  { settings }: WrittenInstance,
  family: AddressFamily,
  position: Position,
  once: Once,
): void {
  const [number, device] = [settings.value('virtual_router_id'), settings.value('interface')];
  if (number === undefined || device === undefined) return;
  const router = `virtual_router_id ${number} on ${device}`;
  const group = settings.value('mcast_dst_ip') ?? '';
  once.see(`${router} ${family} ${group}`, position, router, 'fatal');
}

/** keepalived says nothing of an address that two instances fight for. */
function checkAddresses({ settings }: WrittenInstance, once: Once): void {
  const own = new Set<string>();
  for (const { value: entries } of settings.all('virtual_ipaddress')) {
    for (const { value: entry, position } of entries) {
      const device =
        settings.value('dpdk_interface') ?? entry.options.dev ?? settings.value('interface');
      const address = `virtual address ${formatPrefix(entry.prefix)} on ${device}`;
      // Twice in one instance, as with a label, does no harm.
      if (!own.has(address)) once.see(address, position, address, 'warning');
      own.add(address);
    }
  }
}
