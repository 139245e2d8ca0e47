// A line of static_rules or virtual_rules -> the routing rule as the kernel gets it.
import type { Position } from '../../grammar/syntax-tree.js';
import { type AddressFamily, familyOf } from '../net/address.js';
import type { KernelRule, Range, RuleAction } from '../ports/kernel-objects.js';
import type { Report } from './diagnostic.js';
import { idOf } from './kernel-encapsulation.js';
import { type KernelNames, numberOf } from './kernel-names.js';
import { realmsOf } from './kernel-route.js';
import type { RuleEntry } from './rule-entry.js';

export type RuleObject = {
  readonly rule: KernelRule;
  /** It is put back when someone deletes it. */
  readonly isTracked: boolean;
};

export type RuleLine = { readonly value: RuleEntry; readonly position: Position };

const deadEnds = ['nop', 'blackhole', 'unreachable', 'prohibit'] as const;
const mainTable = 254;
const protocolKeepalived = 18;
const markMaskAll = 0xffffffff;
/** Names of /etc/protocols that rules are written with. */
const ipProtocols: Readonly<Record<string, number>> = {
  ...{ icmp: 1, igmp: 2, ipip: 4, tcp: 6, udp: 17, dccp: 33, gre: 47, esp: 50, ah: 51 },
  ...{ 'ipv6-icmp': 58, icmpv6: 58, vrrp: 112, sctp: 132, udplite: 136 },
};

/** undefined: it is wrong, and `report` has why. */
export function ruleObject(
  line: RuleLine,
  names: KernelNames,
  report: Report,
): RuleObject | undefined {
  const { value: entry, position } = line;
  const lookUp = (kind: Parameters<KernelNames['number']>[0], word: string): number | undefined =>
    names.number(kind, word, position, report);
  const wrong = (message: string): undefined => {
    report.error('config.bad_argument', position, message);
  };
  const family = familyOfRule(entry);
  if (family === undefined) return wrong('from and to of a rule are of different families');
  const table = entry.table === undefined ? mainTable : lookUp('table', entry.table);
  const protocol =
    entry.protocol === undefined ? protocolKeepalived : lookUp('protocol', entry.protocol);
  const tos = entry.tos === undefined ? 0 : lookUp('tos', entry.tos);
  const group =
    entry.suppress_ifgroup === undefined ? null : lookUp('group', entry.suppress_ifgroup);
  const realms = entry.realms === undefined ? null : realmsOf(entry.realms, lookUp);
  if (table === undefined || protocol === undefined || tos === undefined) return undefined;
  if (group === undefined || realms === undefined) return undefined;
  const matches = matchesOf(entry, wrong);
  if (matches === undefined) return undefined;
  const rule = {
    family,
    isInverted: entry.not === true,
    action: actionOf(entry, table),
    priority: entry.preference ?? null,
    protocol,
    tos,
    suppressPrefixLength: entry.suppress_prefixlength ?? null,
    suppressGroup: group,
    realms,
    ...matches,
  };
  return { rule, isTracked: entry.no_track === undefined };
}

type Matches = Omit<
  KernelRule,
  | 'family'
  | 'isInverted'
  | 'action'
  | 'priority'
  | 'protocol'
  | 'tos'
  | 'suppressPrefixLength'
  | 'suppressGroup'
  | 'realms'
>;

function matchesOf(entry: RuleEntry, wrong: (message: string) => undefined): Matches | undefined {
  const mark = markOf(entry.fwmark);
  if (mark === undefined) return wrong(`fwmark ${entry.fwmark}: write MARK or MARK/MASK`);
  const tunnelId = idOf(entry['tunnel-id']);
  if (tunnelId === undefined) return wrong(`tunnel-id ${entry['tunnel-id']} is no number`);
  const ipProtocol = ipProtocolOf(entry.ipproto);
  if (ipProtocol === undefined) {
    const known = Object.keys(ipProtocols).join(', ');
    return wrong(`ipproto ${entry.ipproto} is neither a number, 1-255, nor one of ${known}`);
  }
  return {
    from: entry.from ?? null,
    to: entry.to ?? null,
    mark,
    inputDevice: entry.iif ?? null,
    outputDevice: entry.oif ?? null,
    tunnelId,
    users: rangeOf(entry.uidrange),
    ipProtocol,
    sourcePorts: rangeOf(entry.sport),
    destinationPorts: rangeOf(entry.dport),
  };
}

/** undefined: both at once. */
function familyOfRule({ from, to, inet, inet6 }: RuleEntry): AddressFamily | undefined {
  const written = [from, to].flatMap((prefix) => (prefix == null ? [] : familyOf(prefix.address)));
  const families = new Set<AddressFamily>([
    ...written,
    ...(inet === true ? (['ipv4'] as const) : []),
    ...(inet6 === true ? (['ipv6'] as const) : []),
  ]);
  const [family = 'ipv4', ...others] = families;
  return others.length === 0 ? family : undefined;
}

function actionOf(entry: RuleEntry, table: number): RuleAction {
  if (entry.goto !== undefined) return { type: 'goto', priority: entry.goto };
  const dead = deadEnds.find((type) => entry[type] === true);
  if (dead !== undefined) return { type: dead };
  return entry.l3mdev === true ? { type: 'l3mdev' } : { type: 'table', table };
}

function markOf(text: string | undefined): KernelRule['mark'] | undefined {
  if (text === undefined) return null;
  const [value = '', mask, ...more] = text.split('/');
  const numbers = {
    value: numberOf(value),
    mask: mask === undefined ? markMaskAll : numberOf(mask),
  };
  if (numbers.value === undefined || numbers.mask === undefined || more.length > 0)
    return undefined;
  return numbers.value <= markMaskAll && numbers.mask <= markMaskAll
    ? { value: numbers.value, mask: numbers.mask }
    : undefined;
}

function ipProtocolOf(text: string | undefined): number | null | undefined {
  if (text === undefined) return null;
  const number = numberOf(text) ?? ipProtocols[text];
  return number !== undefined && number >= 1 && number <= 255 ? number : undefined;
}

/** The keyword table has looked at it already. */
function rangeOf(text: string | undefined): Range | null {
  if (text === undefined) return null;
  const [first, last] = text.split('-').map(Number);
  return first === undefined ? null : { first, last: last ?? first };
}
