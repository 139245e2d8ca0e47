// Routing rules in rtnetlink (struct fib_rule_hdr, linux/fib_rules.h): values to bytes, and of what
// the kernel tells as much as names a rule. Pure.
import { ok, type Result } from 'neverthrow';
import { addressBytes } from '../net/address.js';
import { networkOf, type Prefix } from '../net/prefix.js';
import type { KernelRule, ObjectNews, Range, RuleAction } from '../ports/kernel-objects.js';
import {
  attribute,
  be64Attribute,
  concatenated,
  decodeAttributes,
  familyNumbers,
  malformed,
  type NetlinkError,
  textAttribute,
  u8Attribute,
  u32Attribute,
  u32Of,
} from './netlink-attributes.js';
import { familyOfNumber } from './netlink-route.js';

const headerBytes = 12;
const actions = {
  ...{ table: 1, goto: 2, nop: 3, l3mdev: 1 },
  ...{ blackhole: 6, unreachable: 7, prohibit: 8 },
} as const;
const flagInvert = 2;
const ruleAttributes = {
  to: 1,
  from: 2,
  inputLink: 3,
  goto: 4,
  priority: 6,
  mark: 10,
  realms: 11,
  tunnelId: 12,
  suppressGroup: 13,
  suppressPrefixLength: 14,
  table: 15,
  markMask: 16,
  outputLink: 17,
  l3mdev: 19,
  users: 20,
  protocol: 21,
  ipProtocol: 22,
  sourcePorts: 23,
  destinationPorts: 24,
} as const;

/** The payload of RTM_NEWRULE and RTM_DELRULE: the second must say the same as the first. */
export function encodeRule(rule: KernelRule): Uint8Array {
  const header = new Uint8Array(headerBytes);
  const table = rule.action.type === 'table' && rule.action.table < 256 ? rule.action.table : 0;
  header.set([familyNumbers[rule.family], rule.to?.length ?? 0, rule.from?.length ?? 0, rule.tos]);
  header[4] = table;
  header[7] = actions[rule.action.type];
  if (rule.isInverted) new Uint32Array(header.buffer)[2] = flagInvert;
  return concatenated([
    header,
    u8Attribute(ruleAttributes.protocol, rule.protocol),
    ...prefixParts(ruleAttributes.from, rule.from),
    ...prefixParts(ruleAttributes.to, rule.to),
    ...actionParts(rule.action),
    ...matchParts(rule),
    ...numberParts(rule),
  ]);
}

/** "all" is said by a length of 0 and no address. */
function prefixParts(type: number, prefix: Prefix | null): Uint8Array[] {
  if (prefix === null || prefix.length === 0) return [];
  return [attribute(type, addressBytes(networkOf(prefix).address))];
}

function actionParts(action: RuleAction): Uint8Array[] {
  switch (action.type) {
    case 'table':
      return [u32Attribute(ruleAttributes.table, action.table)];
    case 'goto':
      return [u32Attribute(ruleAttributes.goto, action.priority)];
    case 'l3mdev':
      return [u8Attribute(ruleAttributes.l3mdev, 1)];
    case 'nop':
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return [];
  }
}

function matchParts(rule: KernelRule): Uint8Array[] {
  const { mark, inputDevice, outputDevice, tunnelId, ipProtocol } = rule;
  const marks =
    mark === null
      ? []
      : [
          u32Attribute(ruleAttributes.mark, mark.value),
          u32Attribute(ruleAttributes.markMask, mark.mask),
        ];
  return [
    ...marks,
    ...(inputDevice === null ? [] : [textAttribute(ruleAttributes.inputLink, inputDevice)]),
    ...(outputDevice === null ? [] : [textAttribute(ruleAttributes.outputLink, outputDevice)]),
    ...(tunnelId === null ? [] : [be64Attribute(ruleAttributes.tunnelId, BigInt(tunnelId))]),
    ...(ipProtocol === null ? [] : [u8Attribute(ruleAttributes.ipProtocol, ipProtocol)]),
    ...portParts(ruleAttributes.sourcePorts, rule.sourcePorts),
    ...portParts(ruleAttributes.destinationPorts, rule.destinationPorts),
    ...userParts(rule.users),
  ];
}

function numberParts(rule: KernelRule): Uint8Array[] {
  const numbers = [
    [ruleAttributes.priority, rule.priority],
    [ruleAttributes.suppressPrefixLength, rule.suppressPrefixLength],
    [ruleAttributes.suppressGroup, rule.suppressGroup],
    [ruleAttributes.realms, rule.realms],
  ] as const;
  return numbers.flatMap(([type, value]) => (value === null ? [] : [u32Attribute(type, value)]));
}

/** struct fib_rule_port_range: host order. */
function portParts(type: number, ports: Range | null): Uint8Array[] {
  if (ports === null) return [];
  return [attribute(type, new Uint8Array(Uint16Array.of(ports.first, ports.last).buffer))];
}

/** struct fib_rule_uid_range. */
function userParts(users: Range | null): Uint8Array[] {
  if (users === null) return [];
  const bytes = new Uint8Array(Uint32Array.of(users.first, users.last).buffer);
  return [attribute(ruleAttributes.users, bytes)];
}

/** Of RTM_DELRULE; null: a rule of another kind. */
export function decodeDeletedRule(payload: Uint8Array): Result<ObjectNews | null, NetlinkError> {
  if (payload.length < headerBytes) return malformed('rule');
  const family = familyOfNumber(payload[0]);
  if (family === null) return ok(null);
  return decodeAttributes(payload.subarray(headerBytes)).map((attributes) => ({
    type: 'rule_deleted',
    family,
    priority: u32Of(attributes, ruleAttributes.priority) ?? 0,
  }));
}
