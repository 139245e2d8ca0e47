// Rules as static_rules and virtual_rules have one on each line, in the words of iproute2:
// "from 10.0.0.0/8 table 5 preference 100".
import type { Prefix } from '../net/prefix.js';
import { mark, type Options, option, readOption, writeOptions } from './options.js';
import { argument, integer, interfaceName, type Phrase, prefix, word } from './phrases.js';

const uint32 = integer(0, 4_294_967_295);

function range(max: number): Phrase<string> {
  return argument('NUMBER[-NUMBER]', `a number or a range, 0-${max}`, (text) => {
    const found = /^([0-9]{1,10})(?:-([0-9]{1,10}))?$/.exec(text);
    const first = Number(found?.[1] ?? Number.NaN);
    const last = Number(found?.[2] ?? first);
    return first <= last && last <= max ? text : undefined;
  });
}

/** null: all. */
const addresses: Phrase<Prefix | null> = {
  shape: 'all|PREFIX',
  read: (words) =>
    words.takeIf('all', 'any', 'default') === undefined ? prefix.read(words) : null,
  write: (value) => (value === null ? ['all'] : prefix.write(value)),
};

const tos = option('Only packets with this type of service.', word('NUMBER'));
const iif = option('Only packets that came in here.', interfaceName);
const table = option('Routing table that is looked into, by number or name.', word('TABLE'));
const preference = option('Rules with the least number come first.', uint32);
const prefixLength = option('Ignore routes with shorter prefixes than this.', integer(0, 128));
const group = option('Ignore routes over interfaces of this group.', word('GROUP'));

export const ruleOptions = {
  from: option('Only packets with such a source.', addresses),
  to: option('Only packets with such a destination.', addresses),
  tos,
  dsfield: { ...tos, sameAs: 'tos' },
  fwmark: option('Only packets with this mark.', word('MARK[/MASK]')),
  iif,
  dev: { ...iif, sameAs: 'iif' },
  oif: option('Only packets of sockets bound to it.', interfaceName),
  table,
  lookup: { ...table, sameAs: 'table' },
  preference,
  order: { ...preference, sameAs: 'preference' },
  priority: { ...preference, sameAs: 'preference' },
  suppress_prefixlength: prefixLength,
  sup_pl: { ...prefixLength, sameAs: 'suppress_prefixlength' },
  suppress_ifgroup: group,
  sup_group: { ...group, sameAs: 'suppress_ifgroup' },
  'tunnel-id': option('Only packets of this tunnel.', word('NUMBER')),
  uidrange: option('Only packets of these users.', range(4_294_967_295)),
  l3mdev: mark('The table of the VRF is looked into.'),
  protocol: option('Who made the rule, by number or name.', word('PROTOCOL')),
  ipproto: option('Only packets of this protocol.', word('PROTOCOL')),
  sport: option('Only packets from these ports.', range(65535)),
  dport: option('Only packets to these ports.', range(65535)),
  realms: option('Realms of the rule.', word('[FROM/]TO')),
  goto: option('Go on at the rule with this number.', uint32),
  nop: mark('Do nothing.'),
  blackhole: mark('Drop the packet.'),
  unreachable: mark('Refuse the packet: there is no way.'),
  prohibit: mark('Refuse the packet: it is forbidden.'),
  not: mark('The rule is for packets that do not match.'),
  no_track: mark('The rule is not watched and not restored when someone deletes it.'),
  track_group: option('track_group whose instances need it (static rules).', word('GROUP')),
  inet: mark('The rule is for IPv4.'),
  inet6: mark('The rule is for IPv6.'),
};

export type RuleEntry = Options<typeof ruleOptions>;

export const ruleEntry: Phrase<RuleEntry> = {
  shape: '[inet|inet6] [from PREFIX] [to PREFIX] [OPTION…]',
  options: ruleOptions,
  read: (words) => {
    let rule: RuleEntry = {};
    while (words.peek() !== undefined) {
      const next = readOption('a rule', ruleOptions, rule, words);
      if (next === undefined) return undefined;
      rule = next;
    }
    if (rule.preference === undefined) {
      const { subject, report } = words;
      const message = 'a rule without a preference comes anywhere; add preference NUMBER';
      report.warning('config.no_preference', subject.position, message);
    }
    return rule;
  },
  write: (value) => writeOptions(ruleOptions, value),
};
