// What does not fit together in announce blocks: instances that are not there, addresses that no
// list lets out, and facts that never come true.
import type { Position } from '../../grammar/syntax-tree.js';
import { type AddressFamily, familyOf, type IpAddress, isLinkLocal } from '../net/address.js';
import { formatPrefix, hostLength, networkOf, type Prefix } from '../net/prefix.js';
import { isInRanges } from '../net/prefix-range.js';
import type { WrittenAnnouncement } from './announcement-block.js';
import type { AllowedPrefix, BgpInstance } from './bgp.js';
import type { Config } from './config.js';
import type { Report } from './diagnostic.js';
import { addressesOf } from './group-entry.js';
import { checkKnown } from './known-name.js';
import { Once } from './once.js';
import type { Root } from './root-table.js';
import type { Found } from './settings.js';

/** An announce block with the addresses that it is about. */
type Subject = {
  readonly what: string;
  readonly settings: WrittenAnnouncement;
  readonly position: Position;
  readonly addresses: readonly IpAddress[];
  readonly kind: 'vrrp_instance' | 'virtual_server';
};

type Announcing = Pick<Config, 'bgpInstances' | 'ospfInstances' | 'dataplane'>;

export function checkAnnouncements(root: Root, config: Announcing, report: Report): void {
  const held = new Set(heldAddresses(root));
  const served = new Set(servedAddresses(root));
  const blocks = new Map<IpAddress, { readonly text: string; readonly position: Position }>();
  for (const subject of subjects(root)) {
    checkNames(subject, root, report);
    checkTargets(subject, report);
    checkTimes(subject, report);
    checkWhen(subject, { held, served }, report);
    checkLength(subject, report);
    checkAllowed(subject, config, report);
    checkTaken(subject, held, config, report);
    checkOneBlock(subject, blocks, report);
  }
}

function subjects(root: Root): readonly Subject[] {
  const groups = groupAddresses(root);
  const ofInstances = root.all('vrrp_instance').map(({ value }) => ({
    what: `vrrp_instance ${value.head}`,
    found: value.settings.found('announce'),
    addresses: instanceAddresses(value.settings),
    kind: 'vrrp_instance' as const,
  }));
  const ofGroups = root.all('virtual_server_group').map(({ value }) => ({
    what: `virtual_server_group ${value.head}`,
    found: value.settings.found('announce'),
    addresses: groups.get(value.head) ?? [],
    kind: 'virtual_server' as const,
  }));
  const ofServers = root.all('virtual_server').map(({ value }) => ({
    what: 'virtual_server',
    found: value.settings.found('announce'),
    addresses: headAddresses(value.head, groups),
    kind: 'virtual_server' as const,
  }));
  return [...ofInstances, ...ofGroups, ...ofServers].flatMap(({ found, ...rest }) =>
    found === undefined ? [] : [{ ...rest, settings: found.value, position: found.position }],
  );
}

type Instance = {
  all(
    keyword: 'virtual_ipaddress' | 'virtual_ipaddress_excluded',
  ): readonly Found<readonly Found<{ readonly prefix: Prefix }>[]>[];
};

function instanceAddresses(settings: Instance): readonly IpAddress[] {
  const blocks = [
    ...settings.all('virtual_ipaddress'),
    ...settings.all('virtual_ipaddress_excluded'),
  ];
  const addresses = blocks.flatMap(({ value }) => value.map((one) => one.value.prefix.address));
  return addresses.filter((address) => !isLinkLocal(address));
}

type Head =
  | { readonly type: 'address'; readonly address: IpAddress }
  | { readonly type: 'group'; readonly name: string }
  | { readonly type: 'fwmark' | 'match' };

function headAddresses(
  head: Head,
  groups: ReadonlyMap<string, readonly IpAddress[]>,
): readonly IpAddress[] {
  if (head.type === 'address') return [head.address];
  return head.type === 'group' ? (groups.get(head.name) ?? []) : [];
}

function groupAddresses(root: Root): ReadonlyMap<string, readonly IpAddress[]> {
  const groups = new Map<string, readonly IpAddress[]>();
  for (const { value } of root.all('virtual_server_group')) {
    if (groups.has(value.head)) continue;
    const entries = value.lines.map((one) => one.value);
    const addresses = entries.flatMap((entry) =>
      entry.type === 'fwmark' ? [] : (addressesOf(entry.span) ?? []),
    );
    groups.set(value.head, addresses);
  }
  return groups;
}

function heldAddresses(root: Root): readonly IpAddress[] {
  return root.all('vrrp_instance').flatMap(({ value }) => instanceAddresses(value.settings));
}

function servedAddresses(root: Root): readonly IpAddress[] {
  const groups = groupAddresses(root);
  return root.all('virtual_server').flatMap(({ value }) => headAddresses(value.head, groups));
}

function checkNames({ settings, what }: Subject, root: Root, report: Report): void {
  for (const [keyword, block] of [
    ['bgp', 'bgp_instance'],
    ['ospf', 'ospf_instance'],
  ] as const) {
    const known = root.all(block).map(({ value }) => value.head);
    const once = new Once(report);
    for (const { value, position } of settings.all(keyword)) {
      checkKnown(block, value.head, value.subject.position, known, report);
      once.see(value.head, position, `announce ${keyword} ${value.head} of ${what}`);
    }
  }
}

function checkTargets({ settings, position, addresses, what }: Subject, report: Report): void {
  if (!(settings.has('bgp') || settings.has('ospf') || settings.has('kernel'))) {
    const message = `announce of ${what} tells nobody: add bgp, ospf or kernel`;
    report.warning('config.ineffective', position, message);
  }
  if (addresses.length > 0) return;
  const message = `${what} has no address of its own that could be announced; remove announce`;
  report.warning('config.ineffective', position, message);
}

function checkTimes({ settings }: Subject, report: Report): void {
  const longest = settings.found('hold_down_max');
  const holdDownMs = settings.value('hold_down');
  if (longest === undefined || longest.value >= holdDownMs) return;
  const message = `hold_down_max is shorter than hold_down, ${holdDownMs / 1000} s, which counts`;
  report.warning('config.ineffective', longest.position, message);
}

type Facts = { readonly held: ReadonlySet<IpAddress>; readonly served: ReadonlySet<IpAddress> };

function checkWhen(
  { settings, addresses, kind, what }: Subject,
  { held, served }: Facts,
  report: Report,
): void {
  const found = settings.found('when');
  if (found === undefined || found.value === 'always') return;
  const [known, remedy] =
    found.value === 'master'
      ? ([held, 'no vrrp_instance has it, so it would never be announced'] as const)
      : ([served, 'no virtual_server has it, so no servers are asked'] as const);
  const missing = addresses.find((address) => !known.has(address));
  if (missing === undefined) return;
  const message = `when ${found.value} of ${what} cannot be answered for ${missing}: ${remedy}`;
  if (found.value === 'master') report.error('config.conflict', found.position, message);
  else if (kind === 'vrrp_instance') {
    report.warning('config.ineffective', found.position, message);
  }
}

function checkLength({ settings, addresses }: Subject, report: Report): void {
  const length = settings.found('prefix_length');
  const beyond = addresses.find((one) => length !== undefined && length.value > hostLength(one));
  if (length === undefined || beyond === undefined) return;
  const message = `${beyond} has no network of ${length.value} bits: 32 is the most for IPv4`;
  report.error('config.bad_argument', length.position, message);
}

/** Nothing leaves that a list does not let out: better to hear it here than to wonder. */
function checkAllowed(
  { settings, addresses }: Subject,
  { bgpInstances, ospfInstances }: Announcing,
  report: Report,
): void {
  const prefixes = addresses.map((address) => prefixOf(address, settings.value('prefix_length')));
  for (const { value, position } of settings.all('bgp')) {
    const instance = bgpInstances.find(({ name }) => name === value.head);
    if (instance === undefined || instance.neighbors.length === 0) continue;
    const lists = instance.neighbors.map(({ allowed }) => allowed);
    tellRefused(`bgp_instance ${value.head}`, prefixes, lists, position, report);
    tellFamilies(instance, prefixes, position, report);
  }
  for (const { value, position } of settings.all('ospf')) {
    const instance = ospfInstances.find(({ name }) => name === value.head);
    if (instance === undefined) continue;
    const carried = prefixes.filter(({ address }) => familyOf(address) === instance.family);
    tellRefused(`ospf_instance ${value.head}`, carried, [instance.allowed], position, report);
  }
}

/** A router that is told of an address that nobody takes packets for sends them into a hole. */
function checkTaken(
  { addresses, kind, position }: Subject,
  held: ReadonlySet<IpAddress>,
  { dataplane }: Announcing,
  report: Report,
): void {
  if (kind !== 'virtual_server' || dataplane === null) return;
  const own = new Set(dataplane.addresses.map(({ prefix }) => prefix.address));
  const missing = addresses.find((address) => !own.has(address) && !held.has(address));
  if (missing === undefined) return;
  const line = `${missing}/${hostLength(missing)} dev PORT`;
  const message =
    `${missing} is announced, but no port of the data plane has it: ` +
    `packets to it are not served; add ${line} to addresses { … } of dataplane`;
  report.warning('config.ineffective', position, message);
}

function tellRefused(
  what: string,
  prefixes: readonly Prefix[],
  lists: readonly (readonly AllowedPrefix[])[],
  position: Position,
  report: Report,
): void {
  const refused = prefixes.filter((one) => !lists.some((list) => isInRanges(list, one)));
  const [first] = refused;
  if (first === undefined) return;
  const more = refused.length === 1 ? '' : ` (and ${refused.length - 1} more)`;
  const text = formatPrefix(first);
  const message = `no allow of ${what} has ${text}${more}: it is not announced; allow { ${text} }`;
  report.warning('config.ineffective', position, message);
}

function tellFamilies(
  { name, neighbors }: BgpInstance,
  prefixes: readonly Prefix[],
  position: Position,
  report: Report,
): void {
  const carried = new Set<AddressFamily>(neighbors.flatMap(({ families }) => families));
  for (const family of ['ipv4', 'ipv6'] as const) {
    const one = prefixes.find(({ address }) => familyOf(address) === family);
    if (one === undefined || carried.has(family)) continue;
    const remedy = `address_family ${family} in one of them`;
    const message = `no neighbor of bgp_instance ${name} is told ${formatPrefix(one)}: ${remedy}`;
    report.warning('config.ineffective', position, message);
  }
}

/** Of an address with several blocks the first gives what belongs to the address as a whole. */
function checkOneBlock(
  { settings, addresses, position }: Subject,
  blocks: Map<IpAddress, { readonly text: string; readonly position: Position }>,
  report: Report,
): void {
  const text = JSON.stringify(settings.print().filter(({ words: [name] }) => name !== 'when'));
  for (const address of addresses) {
    const before = blocks.get(address);
    if (before === undefined) blocks.set(address, { text, position });
    else if (before.text !== text) {
      const place = `${before.position.file}:${before.position.line}`;
      const message = `${address} is announced otherwise already at ${place}; that one counts`;
      report.warning('config.conflict', position, message);
      return;
    }
  }
}

function prefixOf(address: IpAddress, length: number | undefined): Prefix {
  const longest = hostLength(address);
  return networkOf({ address, length: Math.min(length ?? longest, longest) });
}
