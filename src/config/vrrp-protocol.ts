// How a vrrp_instance speaks to the other routers of its segment, and when it yields to them.
import type { AddressFamily, IpAddress } from '../net/address.js';
import type { Report } from './diagnostic.js';
import { countingIn, type GlobalBlocks } from './global.js';
import { globalTable } from './global-table.js';
import type { Settings } from './settings.js';
import { firstOctets } from './text.js';
import type { VrrpSigning } from './vrrp-signing.js';
import type { vrrpTable } from './vrrp-table.js';

export type VrrpVersion = 2 | 3;

export type VrrpAuthentication =
  | { readonly type: 'none' }
  /** 1..8 octets. VRRPv2 only; AH over IPv4 only. */
  | { readonly type: 'pass' | 'ah'; readonly password: string };

export type VrrpPeer = {
  readonly address: IpAddress;
  /** What TTL or hop limit its adverts may arrive with: 0..255. */
  readonly ttlMin: number;
  readonly ttlMax: number;
};

export type VrrpDestination =
  | { readonly type: 'group'; readonly group: IpAddress }
  /** `ttl`: of what we send, 0..255. */
  | { readonly type: 'peers'; readonly peers: readonly VrrpPeer[]; readonly ttl: number };

export type VrrpProtocol = {
  readonly version: VrrpVersion;
  /** Of the addresses in adverts. */
  readonly family: AddressFamily;
  /** VRRPv2: whole seconds, 1000..255000; VRRPv3: 10..40950 in steps of 10. */
  readonly advertIntervalMs: number;
  readonly authentication: VrrpAuthentication;
  /** null: adverts have no signatures. */
  readonly signing: VrrpSigning | null;
  readonly destination: VrrpDestination;
  /** Source of adverts; null: the first address of the interface. */
  readonly sourceAddress: IpAddress | null;
  /** unicast_fault_no_peer, and there is no peer. */
  readonly lacksPeers: boolean;
  readonly believesPeersOnly: boolean;
  /** Of VRRPv3 over IPv4: see ChecksumForm; `detect`: as a peer of old is found to have it. */
  readonly checksum: 'rfc' | 'none' | 'group' | 'detect';
  /** Adverts that may be missed before a takeover: 1..100. */
  readonly missedAdvertsMax: number;
  /** A lower MASTER is left alone for so long; 0: not. */
  readonly preemptDelayMs: number;
  /**
   * A MASTER that stood still until a router of this priority must have taken over goes to BACKUP;
   * null: it goes on.
   */
  readonly yieldsTo: number | null;
  readonly answersLowerPriority: boolean;
  readonly advertisesBeforeYielding: boolean;
  readonly ignoresAdvertsAsOwner: boolean;
  /** In BACKUP the address lists of all adverts are compared, not only a new master's. */
  readonly comparesEveryList: boolean;
  /** The interface may not go down, nor the source address away, without a FAULT. */
  readonly tracksInterface: boolean;
  readonly tracksSource: boolean;
  /** null: as the kernel has it. */
  readonly receiveBufferBytes: number | null;
};

type Written = Settings<typeof vrrpTable>;

const passwordOctetsMax = 8;
const longestV3IntervalMs = 40_950;
const ttlMax = 255;

export function vrrpProtocol(
  settings: Written,
  version: VrrpVersion,
  family: AddressFamily,
  globals: GlobalBlocks,
  report: Report,
): Omit<VrrpProtocol, 'signing'> {
  const strict = isStrict(settings, globals);
  const isAllowed = (own: boolean | undefined, name: GlobalFlag): boolean =>
    !strict && (own ?? globally(globals, name));
  const destination = destinationOf(settings, family, globals);
  const preempts = settings.value('preempt') ?? true;
  const mayDelay = preempts && settings.value('state') !== 'MASTER' && !strict;
  return {
    version,
    family,
    advertIntervalMs: advertInterval(settings, version, report),
    authentication:
      version === 3 || strict || settings.has('auth_hmac')
        ? { type: 'none' }
        : authenticationOf(settings, family, report),
    destination,
    sourceAddress:
      settings.value(destination.type === 'peers' ? 'unicast_src_ip' : 'mcast_src_ip') ?? null,
    lacksPeers: settings.has('unicast_fault_no_peer') && destination.type === 'group',
    believesPeersOnly:
      settings.has('check_unicast_src') ||
      globally(globals, 'vrrp_check_unicast_src') ||
      hasLimits(settings),
    checksum: checksumOf(settings, globals),
    missedAdvertsMax: strict
      ? globalTable.vrrp_down_timer_adverts.fallback
      : (settings.value('down_timer_adverts') ??
        countingIn(globals, 'vrrp_down_timer_adverts')?.value ??
        globalTable.vrrp_down_timer_adverts.fallback),
    preemptDelayMs: mayDelay ? settings.value('preempt_delay') : 0,
    yieldsTo: preempts ? null : yieldsTo(settings),
    answersLowerPriority:
      !strict &&
      !(settings.value('lower_prio_no_advert') ?? globally(globals, 'vrrp_lower_prio_no_advert')),
    advertisesBeforeYielding: isAllowed(
      settings.value('higher_prio_send_advert'),
      'vrrp_higher_prio_send_advert',
    ),
    ignoresAdvertsAsOwner:
      strict ||
      (settings.value('owner_ignore_adverts') ?? globally(globals, 'vrrp_owner_ignore_adverts')),
    comparesEveryList: !(
      settings.value('skip_check_adv_addr') ?? globally(globals, 'vrrp_skip_check_adv_addr')
    ),
    tracksInterface: !settings.has('dont_track_primary'),
    tracksSource: settings.has('track_src_ip'),
    receiveBufferBytes: settings.value('kernel_rx_buf_size') ?? null,
  };
}

/** Only what the RFCs allow. */
export function isStrict(settings: Written, globals: GlobalBlocks): boolean {
  return settings.value('strict_mode') ?? globally(globals, 'vrrp_strict');
}

/** Without a number it is whoever would take over first. */
function yieldsTo(settings: Written): number | null {
  const found = settings.found('timer_expired_backup');
  return found === undefined ? null : (found.value ?? 254);
}

type GlobalFlag =
  | 'vrrp_strict'
  | 'v3_checksum_as_v2'
  | 'vrrp_lower_prio_no_advert'
  | 'vrrp_higher_prio_send_advert'
  | 'vrrp_owner_ignore_adverts'
  | 'vrrp_check_unicast_src'
  | 'vrrp_skip_check_adv_addr';

function globally(globals: GlobalBlocks, name: GlobalFlag): boolean {
  return countingIn(globals, name)?.value ?? false;
}

function destinationOf(
  settings: Written,
  family: AddressFamily,
  globals: GlobalBlocks,
): VrrpDestination {
  const peers = settings.all('unicast_peer').flatMap(({ value }) => value);
  if (peers.length > 0) {
    return {
      type: 'peers',
      peers: peers.map(({ value: { address, options } }) => ({
        address,
        ttlMin: options.min_ttl ?? 0,
        ttlMax: options.max_ttl ?? ttlMax,
      })),
      ttl: settings.value('unicast_ttl'),
    };
  }
  const name = family === 'ipv4' ? 'vrrp_mcast_group4' : 'vrrp_mcast_group6';
  const common = countingIn(globals, name)?.value ?? globalTable[name].fallback;
  return { type: 'group', group: settings.value('mcast_dst_ip') ?? common };
}

function hasLimits(settings: Written): boolean {
  return settings
    .all('unicast_peer')
    .flatMap(({ value }) => value)
    .some(
      ({ value: { options } }) => options.min_ttl !== undefined || options.max_ttl !== undefined,
    );
}

function checksumOf(settings: Written, globals: GlobalBlocks): VrrpProtocol['checksum'] {
  if (settings.value('v3_checksum_as_v2') ?? globally(globals, 'v3_checksum_as_v2')) return 'none';
  const old = settings.found('old_unicast_checksum');
  if (old === undefined) return 'detect';
  return old.value === 'never' ? 'rfc' : 'group';
}

/** keepalived rounds to whole seconds in VRRPv2 and to centiseconds in VRRPv3, and says so. */
function advertInterval(settings: Written, version: VrrpVersion, report: Report): number {
  const interval = settings.found('advert_int');
  if (interval === undefined) return settings.value('advert_int');
  if (version === 3) {
    return Math.min(Math.max(10, Math.round(interval.value / 10) * 10), longestV3IntervalMs);
  }
  const rounded = Math.max(1, Math.round(interval.value / 1000)) * 1000;
  if (rounded !== interval.value) {
    const message = `advert_int must be whole seconds in VRRPv2; ${rounded / 1000} is used`;
    report.warning('config.rounded', interval.position, message);
  }
  return rounded;
}

function authenticationOf(
  settings: Written,
  family: AddressFamily,
  report: Report,
): VrrpAuthentication {
  const authentication = settings.found('authentication');
  if (authentication === undefined) return { type: 'none' };
  const password = authentication.value.found('auth_pass');
  const type = authentication.value.value('auth_type');
  if (type === undefined) return { type: 'none' };
  if (password === undefined) {
    const message = 'authentication needs both auth_type and auth_pass';
    report.error('config.missing_keyword', authentication.position, message);
    return { type: 'none' };
  }
  if (type === 'AH' && family === 'ipv6') {
    const message = 'auth_type AH is for IPv4; this one is ignored';
    report.error('config.ineffective', authentication.position, message);
    return { type: 'none' };
  }
  const carried = firstOctets(password.value, passwordOctetsMax);
  if (carried !== password.value) {
    const message = `auth_pass is cut to its first ${passwordOctetsMax} characters`;
    report.warning('config.truncated', password.position, message);
  }
  return { type: type === 'AH' ? 'ah' : 'pass', password: carried };
}
