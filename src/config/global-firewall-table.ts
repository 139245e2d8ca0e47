// The keywords of global_defs about firewall rules and the names of VMAC interfaces.
import { flag, type Keyword, kept, keptTable, setting } from './keywords.js';
import { integer, many, optional, type Phrase, sequence } from './phrases.js';
import { text, textUpTo } from './text.js';

const vrrpTable = 'keepalived';
/** Kernel: NFT_TABLE_MAXNAMELEN less its final 0. */
const tableName = textUpTo('TABLE', 255);
const priority = integer(-2_147_483_648, 2_147_483_647);
const first = { repeats: 'first' } as const;

const nftables = setting(
  'nftables table that keeps packets for virtual addresses out where the VRRP RFCs want it.',
  optional(tableName, vrrpTable),
  { ...first, defaultText: `${vrrpTable}, when rules are needed` },
);

/** As Debian's keepalived has it: the names of the chains are not used, the table has its own. */
const chains = sequence({
  input: optional(text('CHAIN_IN'), null),
  output: optional(text('CHAIN_OUT'), null),
});
const chainsAsTable: Phrase<string> = {
  shape: '[CHAIN_IN [CHAIN_OUT]]',
  read: (words) => (chains.read(words) === undefined ? undefined : vrrpTable),
  write: () => [],
};

const iptables: Keyword<string> = {
  ...setting('Chains of iptables; the rules go to nftables instead.', chainsAsTable, first),
  sameAs: 'nftables',
  obsolete: 'the rules go to nftables: write "nftables"',
};

const ipsets: Keyword<readonly string[]> = {
  ...setting(
    'Obsolete names of ipsets for iptables; nftables keeps its own sets.',
    many(text('SET'), 0),
  ),
  obsolete: 'nftables keeps its own sets: remove it',
};

const markTable = {
  nftables_ifindex: flag('Firewall rules name interfaces by number instead of by name.'),
  nftables_ipvs: setting(
    'nftables table that gives virtual server groups their firewall marks.',
    optional(tableName, 'keepalived_ipvs'),
    { ...first, defaultText: 'off' },
  ),
  nftables_ipvs_priority: setting(
    'Priority of the chains in the table that nftables_ipvs names.',
    priority,
    {
      fallback: -1,
    },
  ),
  nftables_ipvs_start_fwmark: setting(
    'First of the firewall marks that virtual server groups get.',
    integer(1, 4_294_967_295),
    { fallback: 1000 },
  ),
};

export const globalFirewallTable = {
  vmac_prefix: setting('Beginning of the names of VMAC interfaces.', text('STRING'), {
    ...first,
    fallback: 'vrrp',
  }),
  vmac_addr_prefix: setting(
    'Beginning of the names of interfaces that use_vmac_addr makes.',
    text('STRING'),
    { ...first, defaultText: 'as vmac_prefix' },
  ),
  nftables,
  vrrp_iptables: iptables,
  vrrp_ipsets: kept(ipsets),
  nftables_priority: setting('Priority of the chains in the table that nftables names.', priority, {
    fallback: -1,
  }),
  nftables_counters: flag('Every firewall rule counts its packets.'),
  ...keptTable(markTable),
};
