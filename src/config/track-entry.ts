// Lines of track_interface, track_script, track_file, track_process and track_bfd: a name, and how
// much its failure takes from the priority.
import { clamped } from './bounds.js';
import { mark, type OptionTable, option, options } from './options.js';
import { integer, type Phrase, word } from './phrases.js';

export type TrackEntry = {
  readonly name: string;
  /** Added to the priority while up (> 0) or taken from it while down (< 0); null: not given. */
  readonly weight: number | null;
  /** true: the other way round; null: as the tracked thing itself says. */
  readonly isReversed: boolean | null;
};

/** `weightMax`: what is beyond is pulled back with a warning, as keepalived does. */
function trackOptions(weightMax: number, mayBePlain: boolean) {
  const weight = clamped(integer(-254, 254), -weightMax, weightMax);
  const table = {
    weight: option('Added to the priority, or taken from it when negative.', weight),
    reverse: mark('The weight counts with the opposite sign.'),
  };
  const plain = { noreverse: mark('The weight counts as it stands, whatever the tracked says.') };
  return mayBePlain ? { ...table, ...plain } : table;
}

/** `weight N [reverse]`, `reverse` and `noreverse` behind the name. */
export function trackEntry(
  what: string,
  weightMax: number,
  mayBePlain: boolean,
): Phrase<TrackEntry> {
  const table: OptionTable = trackOptions(weightMax, mayBePlain);
  const name = word(what.toUpperCase());
  const behind = options(`a tracked ${what}`, table);
  return {
    shape: `${name.shape} [weight NUMBER] [reverse${mayBePlain ? '|noreverse' : ''}]`,
    options: table,
    read: (words) => {
      const found = name.read(words);
      const given = found === undefined ? undefined : behind.read(words);
      if (found === undefined || given === undefined) return undefined;
      const { weight = null, reverse, noreverse } = given as Readonly<Record<string, unknown>>;
      const isReversed = reverse === true ? true : noreverse === true ? false : null;
      return { name: found, weight: weight as number | null, isReversed };
    },
    write: ({ name: written, weight, isReversed }) => [
      ...name.write(written),
      ...(weight === null ? [] : ['weight', String(weight)]),
      ...(isReversed === null ? [] : [isReversed ? 'reverse' : 'noreverse']),
    ],
  };
}
