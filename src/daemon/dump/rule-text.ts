// Routing rules as keepalived's files show them: its words in its order, numbers instead of names.
import type { RuleObject } from '../../config/kernel-rule.js';
import { formatPrefix } from '../../net/prefix.js';
import type { KernelRule, Range, RuleAction } from '../../ports/kernel-objects.js';
import { protocolKeepalived } from './route-text.js';

const markMaskAll = 0xffffffff;

export function ruleText({ rule, isTracked }: RuleObject): string {
  const isProtocolSaid = isTracked || rule.protocol !== protocolKeepalived;
  return [
    ...(rule.isInverted ? ['not'] : []),
    `from ${rule.from === null ? 'all' : formatPrefix(rule.from)}`,
    ...(rule.to === null ? [] : [`to ${formatPrefix(rule.to)}`]),
    ...said('priority', rule.priority),
    `tos 0x${rule.tos.toString(16)}`,
    ...markWords(rule),
    ...said('iif', rule.inputDevice),
    ...said('oif', rule.outputDevice),
    ...said('suppress_prefixlen', rule.suppressPrefixLength),
    ...said('suppress_ifgroup', rule.suppressGroup),
    ...(rule.action.type === 'l3mdev' ? ['l3mdev'] : []),
    ...said('tunnel-id', rule.tunnelId),
    ...said('uidrange', rangeText(rule.users)),
    ...(isProtocolSaid ? [`protocol ${rule.protocol}`] : []),
    ...said('ipproto', rule.ipProtocol),
    ...said('sport', rangeText(rule.sourcePorts)),
    ...said('dport', rangeText(rule.destinationPorts)),
    ...realmWords(rule),
    actionText(rule.action),
    ...(isTracked ? [] : ['no_track']),
  ].join(' ');
}

function said(word: string, value: string | number | null): string[] {
  return value === null ? [] : [`${word} ${value}`];
}

function markWords({ mark }: KernelRule): string[] {
  if (mark === null) return [];
  const mask = mark.mask === markMaskAll ? '' : `/0x${mark.mask.toString(16)}`;
  return [`fwmark 0x${mark.value.toString(16)}${mask}`];
}

function realmWords({ realms }: KernelRule): string[] {
  return realms === null ? [] : [`realms ${Math.floor(realms / 0x10000)}/${realms % 0x10000}`];
}

function rangeText(range: Range | null): string | null {
  return range === null ? null : `${range.first}-${range.last}`;
}

function actionText(action: RuleAction): string {
  switch (action.type) {
    case 'table':
      return `lookup ${action.table}`;
    case 'goto':
      return `goto ${action.priority}`;
    case 'nop':
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return action.type;
    case 'l3mdev':
      return 'lookup 0';
  }
}
