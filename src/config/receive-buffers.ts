// How large the receive buffers of the VRRP sockets are: as the MTU or the adverts ask for, or a
// number of bytes.
import type { Word } from '../../grammar/syntax-tree.js';
import { caselessChoice, integer, type Phrase } from './phrases.js';
import type { WordReader } from './word-reader.js';

export type ReceiveBuffers = 'MTU' | 'ADVERT' | number;

const policy = caselessChoice('MTU', 'ADVERT');
const bytes = integer(0, 4_294_967_295);

const expected = 'MTU, ADVERT or a number of bytes';

export const receiveBuffers: Phrase<ReceiveBuffers> = {
  shape: 'MTU|ADVERT|BYTES',
  read: (words) => {
    const all = words.takeAll();
    if (all.length === 0) {
      const { text, position } = words.subject;
      const message = `${text} is missing its argument: ${expected}`;
      words.report.error('config.missing_argument', position, message);
      return undefined;
    }
    let counting: ReceiveBuffers | undefined;
    for (const word of all) {
      const value = policy.parse(word.text) ?? bytes.parse(word.text);
      if (value === undefined) return words.wrong(word, expected);
      counting = counting === undefined ? value : preferred(counting, value, word, words);
    }
    return counting;
  },
  write: (value) => [String(value)],
};

/** There can be one: a number counts before MTU, that before ADVERT, as keepalived has it. */
function preferred(
  left: ReceiveBuffers,
  right: ReceiveBuffers,
  word: Word,
  { report, subject }: WordReader,
): ReceiveBuffers {
  if (left === right) return right;
  const used = rankOf(left) > rankOf(right) ? left : right;
  const message = `${subject.text} takes one of ${left} and ${right}; ${used} is used`;
  report.warning('config.conflict', word.position, message);
  return used;
}

function rankOf(value: ReceiveBuffers): number {
  if (value === 'ADVERT') return 0;
  return value === 'MTU' ? 1 : 2;
}
