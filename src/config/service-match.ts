// virtual_server match NAME (DPVS): the packets that the service is for, told by their addresses,
// ports and interfaces. It is made for SNAT: a real_server is an address that packets leave with.
import { type AddressFamily, familyOf } from '../net/address.js';
import type { Match, TrafficRange } from '../net/service.js';
import type { Report } from './diagnostic.js';
import type { WrittenVirtualServer } from './virtual-server.js';
import { nameOf } from './virtual-server-head.js';

/** undefined: it cannot be, and `report` has why. */
export function matchOf(written: WrittenVirtualServer, report: Report): Match | undefined {
  const { settings } = written;
  const source = settings.value('src-range') ?? null;
  const destination = settings.value('dst-range') ?? null;
  const family = matchFamily(written, source, destination);
  if (family === undefined) {
    const message =
      `virtual_server ${nameOf(written.head)} mixes IPv4 and IPv6: its ranges, its real servers ` +
      'and ICMP or ICMPV6 must be of one family';
    report.error('config.family_mix', written.subject.position, message);
    return undefined;
  }
  return {
    family,
    source,
    destination,
    inDevice: settings.value('iif') ?? null,
    outDevice: settings.value('oif') ?? null,
  };
}

/** undefined: they differ. */
function matchFamily(
  { settings }: WrittenVirtualServer,
  ...ranges: readonly (TrafficRange | null)[]
): AddressFamily | undefined {
  const addresses = [
    ...ranges.flatMap((range) => range?.addresses?.first ?? []),
    ...settings.all('real_server').map(({ value }) => value.head.address),
  ];
  const families = new Set(addresses.map(familyOf));
  const protocol = settings.value('protocol');
  if (protocol === 'ICMP') families.add('ipv4');
  if (protocol === 'ICMPV6') families.add('ipv6');
  const [family, ...others] = families;
  return others.length === 0 ? (family ?? 'ipv4') : undefined;
}
