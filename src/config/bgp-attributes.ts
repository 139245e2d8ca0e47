// Path attributes that the operator chooses: of a neighbour, with those of its template, and of an
// announce block.
import { familyOf, type IpAddress } from '../net/address.js';
import type { RouteAttributes } from './bgp.js';
import type { attributeTable } from './bgp-table.js';
import type { Settings } from './settings.js';

/** What is read of a block; those of neighbours and templates have it among others. */
export type WrittenAttributes = Pick<Settings<typeof attributeTable>, 'all' | 'found'>;

type Name = keyof typeof attributeTable;

/** What the blocks do not say is absent; of an attribute the first block that names it counts. */
export function writtenAttributes(blocks: readonly WrittenAttributes[]): Partial<RouteAttributes> {
  const communities = listOf(blocks, 'community');
  const largeCommunities = listOf(blocks, 'large_community');
  const extendedCommunities = listOf(blocks, 'extended_community');
  const med = firstOf(blocks, 'med');
  const localPreference = firstOf(blocks, 'local_preference');
  const prepends = firstOf(blocks, 'as_path_prepend');
  const hops = blocks.map((block) => block.all('next_hop').map(({ value }) => value));
  const [ipv4, ipv6] = [hopOf(hops, 'ipv4'), hopOf(hops, 'ipv6')];
  const hasHop = ipv4 !== null || ipv6 !== null;
  return {
    ...(communities === undefined ? {} : { communities }),
    ...(largeCommunities === undefined ? {} : { largeCommunities }),
    ...(extendedCommunities === undefined ? {} : { extendedCommunities }),
    ...(med === undefined ? {} : { med }),
    ...(localPreference === undefined ? {} : { localPreference }),
    ...(prepends === undefined ? {} : { prepends }),
    ...(hasHop ? { nextHop: { ipv4, ipv6 } } : {}),
  };
}

export const noAttributes: RouteAttributes = {
  communities: [],
  largeCommunities: [],
  extendedCommunities: [],
  med: null,
  localPreference: null,
  prepends: 0,
  nextHop: { ipv4: null, ipv6: null },
};

function firstOf<K extends 'med' | 'local_preference' | 'as_path_prepend'>(
  blocks: readonly WrittenAttributes[],
  name: K,
): number | undefined {
  return blocks.map((block) => block.found(name)).find((one) => one !== undefined)?.value;
}

/** undefined: no block names it. */
function listOf(
  blocks: readonly WrittenAttributes[],
  name: Extract<Name, 'community' | 'large_community' | 'extended_community'>,
): readonly string[] | undefined {
  const block = blocks.find((one) => one.all(name).length > 0);
  return block && [...new Set(block.all(name).flatMap(({ value }) => value))];
}

function hopOf(
  blocks: readonly (readonly IpAddress[])[],
  family: 'ipv4' | 'ipv6',
): IpAddress | null {
  const own = blocks.map((hops) => hops.findLast((one) => familyOf(one) === family));
  return own.find((hop) => hop !== undefined) ?? null;
}
