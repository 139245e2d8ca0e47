// Path attributes as an operator reads them: "via 192.0.2.1, AS path 65001, MED 20".
import { communityText, extendedCommunityText } from '../routing/bgp/communities.js';
import type { SentAttributes } from '../routing/bgp/message/message.js';

export function sentText(attributes: SentAttributes): string {
  const { asPath, nextHop, linkLocalNextHop, med, localPreference } = attributes;
  const communities = attributes.communities.map(communityText);
  const large = attributes.largeCommunities.map((parts) => parts.join(':'));
  const extended = attributes.extendedCommunities.map(extendedCommunityText);
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
