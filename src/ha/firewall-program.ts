// The nftables program of all instances: packets to and from addresses whose instance says
// no_accept are dropped, but for neighbour discovery, which VRRP lives by (RFC 9568 6.4.3); what
// the kernel itself would send from a VMAC, which would teach switches the wrong port, leaves by
// the interface below. Nothing of it depends on who is MASTER: a BACKUP has no such address. Pure.
import type { FirewallConfig, InstanceObjects } from '../config/kernel-objects.js';
import type { VrrpInstance } from '../config/vrrp.js';
import { familyOf, type IpAddress } from '../net/address.js';

/** `sendsBelow` false: the kernel cannot send copies elsewhere, so they are only dropped. */
export type FirewallOptions = FirewallConfig & { readonly sendsBelow: boolean };

type Family = 'ip' | 'ip6';
type Place = { readonly address: IpAddress; readonly device: string };

/** null: no rules are needed. */
export function firewallProgram(
  instances: readonly Pick<VrrpInstance, 'dpdkInterface' | 'objects'>[],
  options: FirewallOptions,
): string | null {
  const objects = instances
    .filter(({ dpdkInterface }) => dpdkInterface === null)
    .map((instance) => instance.objects);
  const tables = [ipv4Table(objects, options), ipv6Table(objects, options)];
  if (tables.every((table) => table === null)) return null;
  return [...removal(options), ...tables.flatMap((table) => table ?? []), ''].join('\n');
}

/** Takes everything out again. */
export function firewallRemoval(options: Pick<FirewallConfig, 'table'>): string {
  return [...removal(options), ''].join('\n');
}

/** A table that is not there cannot be deleted, so it is made first. */
function removal({ table }: Pick<FirewallConfig, 'table'>): readonly string[] {
  return (['ip', 'ip6'] as const).flatMap((family) => [
    `add table ${family} ${table}`,
    `delete table ${family} ${table}`,
  ]);
}

function ipv4Table(
  all: readonly InstanceObjects[],
  options: FirewallOptions,
): readonly string[] | null {
  const dropped = droppedOf(all, 'ipv4').map(({ address }) => address);
  const vmacs = options.silencesIgmp ? [] : macvlansOf(all);
  if (dropped.length === 0 && vmacs.length === 0) return null;
  const drop = verdict(options);
  const hasSet = dropped.length > 0;
  return table('ip', options, hasSet ? ['ipv4_addr', dropped] : null, {
    in: hasSet ? [`ip daddr @vips ${drop}`] : [],
    out: [
      ...vmacs.map(({ name, parent }) =>
        elsewhere(`ip protocol igmp oifname ${quoted(name)}`, 'ip daddr', parent, options),
      ),
      ...(hasSet ? [`ip saddr @vips ${drop}`] : []),
    ],
  });
}

function ipv6Table(
  all: readonly InstanceObjects[],
  options: FirewallOptions,
): readonly string[] | null {
  const dropped = droppedOf(all, 'ipv6');
  const vmacs = macvlansOf(all);
  if (dropped.length === 0 && vmacs.length === 0) return null;
  const drop = verdict(options);
  const isLocal = ({ address }: Place): boolean => /^fe[89ab][0-9a-f]:/.test(address);
  const global = dropped.filter((one) => !isLocal(one)).map(({ address }) => address);
  const local = dropped.filter(isLocal);
  const hasSet = global.length > 0;
  const discovery = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept';
  return table('ip6', options, hasSet ? ['ipv6_addr', global] : null, {
    in: [
      ...(dropped.length > 0 ? [discovery] : []),
      ...local.map(
        ({ address, device }) => `iifname ${quoted(device)} ip6 daddr ${address} ${drop}`,
      ),
      ...(hasSet ? [`ip6 daddr @vips ${drop}`] : []),
    ],
    out: [
      ...vmacs.flatMap(({ name, parent }) => [
        elsewhere(
          `icmpv6 type { mld-listener-report, mld-listener-done, mld2-listener-report } ` +
            `oifname ${quoted(name)}`,
          'ip6 daddr',
          parent,
          options,
        ),
        `icmpv6 type nd-router-solicit oifname ${quoted(name)} ${drop}`,
      ]),
      ...(dropped.length > 0 ? [discovery] : []),
      ...local.map(
        ({ address, device }) => `oifname ${quoted(device)} ip6 saddr ${address} ${drop}`,
      ),
      ...(hasSet ? [`ip6 saddr @vips ${drop}`] : []),
    ],
  });
}

function table(
  family: Family,
  { table: name, priority }: FirewallOptions,
  set: readonly [string, readonly IpAddress[]] | null,
  chains: { readonly in: readonly string[]; readonly out: readonly string[] },
): readonly string[] {
  const chain = (chainName: string, hook: string, rules: readonly string[]): string[] => [
    `  chain ${chainName} {`,
    `    type filter hook ${hook} priority ${priority}; policy accept;`,
    ...rules.map((rule) => `    ${rule}`),
    '  }',
  ];
  return [
    `table ${family} ${name} {`,
    ...(set === null
      ? []
      : [`  set vips { type ${set[0]}; elements = { ${[...new Set(set[1])].join(', ')} } }`]),
    ...chain('in', 'input', chains.in),
    ...chain('out', 'output', chains.out),
    '}',
  ];
}

function elsewhere(
  match: string,
  destination: string,
  parent: string,
  { sendsBelow, ...options }: FirewallOptions,
): string {
  const copy = sendsBelow ? `dup to ${destination} device ${quoted(parent)} ` : '';
  return `${match} ${copy}${verdict(options)}`;
}

function verdict({ countsPackets }: Pick<FirewallConfig, 'countsPackets'>): string {
  return countsPackets ? 'counter drop' : 'drop';
}

function droppedOf(all: readonly InstanceObjects[], family: 'ipv4' | 'ipv6'): readonly Place[] {
  return all
    .filter(({ accepts }) => !accepts)
    .flatMap(({ addresses }) => addresses)
    .filter(({ prefix }) => familyOf(prefix.address) === family)
    .map(({ prefix, device }) => ({ address: prefix.address, device }));
}

function macvlansOf(all: readonly InstanceObjects[]): InstanceObjects['links'] {
  return all.flatMap(({ links }) => links).filter(({ kind }) => kind.type === 'macvlan');
}

/** Names of interfaces come out of the file; nft knows no quote inside quotes. */
function quoted(name: string): string {
  return `"${name.replaceAll(/["\\\n]/g, '')}"`;
}
