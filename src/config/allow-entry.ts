// What may be announced at all: a prefix, and how long those inside may be. FRR's and BIRD's words.
import { familyOf } from '../net/address.js';
import { networkOf, type Prefix } from '../net/prefix.js';
import { integer, type Phrase, prefix } from './phrases.js';

export type AllowEntry = {
  readonly prefix: Prefix;
  /** Prefixes inside, of `ge` to `le` bits; null: as long as the prefix itself. */
  readonly ge: number | null;
  readonly le: number | null;
};

export const allowEntry: Phrase<AllowEntry> = {
  shape: 'PREFIX [ge LENGTH] [le LENGTH]',
  options: {
    ge: {
      documentation: 'Only prefixes of so many bits or more.',
      phrase: integer(0, 128),
      isActedOn: true,
    },
    le: {
      documentation: 'Also prefixes inside, of so many bits or fewer.',
      phrase: integer(0, 128),
      isActedOn: true,
    },
  },
  read: (words) => {
    const written = prefix.read(words);
    if (written === undefined) return undefined;
    const length = integer(written.length, familyOf(written.address) === 'ipv4' ? 32 : 128);
    let [ge, le]: (number | null)[] = [null, null];
    for (let name = words.takeIf('ge', 'le'); name !== undefined; name = words.takeIf('ge', 'le')) {
      const value = length.read(words);
      if (value === undefined) return undefined;
      if (name.text === 'ge') ge = value;
      else le = value;
    }
    return { prefix: networkOf(written), ge: ge ?? null, le: le ?? null };
  },
  write: ({ prefix: written, ge, le }) => [
    ...prefix.write(written),
    ...(ge === null ? [] : ['ge', String(ge)]),
    ...(le === null ? [] : ['le', String(le)]),
  ],
};
