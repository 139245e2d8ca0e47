// What does not fit in a list of what may be announced. RFC 8212 in spirit: a list is needed, and
// no list lets the default route pass.
import type { AddressFamily } from '../net/address.js';
import { familyOf } from '../net/address.js';
import { formatPrefix } from '../net/prefix.js';
import type { AllowEntry } from './allow-entry.js';
import type { Report } from './diagnostic.js';
import type { Found } from './settings.js';

type AllowBlocks = readonly Found<readonly Found<AllowEntry>[]>[];

/** `carried`: the one family that can be announced; null: both. */
export function checkAllow(
  blocks: AllowBlocks,
  carried: AddressFamily | null,
  report: Report,
): void {
  for (const { value: entry, position } of blocks.flatMap((block) => block.value)) {
    const { prefix, ge, le } = entry;
    const family = familyOf(prefix.address);
    if (carried !== null && family !== carried) {
      const one = carried === 'ipv4' ? 'IPv4, which OSPFv2 carries' : 'IPv6, which OSPFv3 carries';
      report.error('config.family_mix', position, `${prefix.address} is not ${one}`);
    }
    if (ge !== null && le !== null && ge > le) {
      const message = `nothing has ${ge} bits or more and ${le} or fewer; swap ge and le`;
      report.error('config.bad_argument', position, message);
    }
    if ((ge ?? prefix.length) === 0) {
      const least = family === 'ipv4' ? 32 : 128;
      const message =
        `${formatPrefix(prefix)} would let the default route be announced; ` +
        `name your own prefixes, or add ge ${least}`;
      report.error('config.default_route', position, message);
    }
  }
}
