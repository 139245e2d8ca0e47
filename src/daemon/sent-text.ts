// Path attributes as an operator reads them: "via 192.0.2.1, AS path 65001, MED 20".
import type { SentAttributes } from '../routing/bgp/message/message.js';

const wellKnown = new Map([
  [0xffff0000, 'graceful-shutdown'],
  [0xffff0007, 'no-llgr'],
  [0xffff029a, 'blackhole'],
  [0xffffff01, 'no-export'],
  [0xffffff02, 'no-advertise'],
  [0xffffff03, 'no-export-subconfed'],
]);

export function sentText(attributes: SentAttributes): string {
  const { asPath, nextHop, linkLocalNextHop, med, localPreference } = attributes;
  const communities = attributes.communities.map(communityText);
  const large = attributes.largeCommunities.map((parts) => parts.join(':'));
  const extended = attributes.extendedCommunities.map(
    (octets) => `0x${Buffer.from(octets).toString('hex')}`,
  );
  // Between link-local addresses it stands in both places.
  const hasOther = linkLocalNextHop !== null && linkLocalNextHop !== nextHop;
  const beside = hasOther ? ` and ${linkLocalNextHop}` : '';
  return [
    `via ${nextHop}${beside}`,
    asPath.length === 0 ? 'AS path empty' : `AS path ${asPath.join(' ')}`,
    ...(med === null ? [] : [`MED ${med}`]),
    ...(localPreference === null ? [] : [`local preference ${localPreference}`]),
    ...listed('community', communities),
    ...listed('large community', large),
    ...listed('extended community', extended),
  ].join(', ');
}

function listed(name: string, values: readonly string[]): string[] {
  return values.length === 0 ? [] : [`${name} ${values.join(' ')}`];
}

function communityText(value: number): string {
  return wellKnown.get(value) ?? `${value >>> 16}:${value & 0xffff}`;
}
