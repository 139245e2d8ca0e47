// The sum of a page that may not change. keepalived knows MD5 alone; the number of digits tells.
import type { Phrase } from './phrases.js';

export type DigestAlgorithm = 'md5' | 'sha1' | 'sha256';

export type PageDigest = {
  readonly algorithm: DigestAlgorithm;
  /** In lower case. */
  readonly digits: string;
};

const algorithms: ReadonlyMap<number, DigestAlgorithm> = new Map([
  [32, 'md5'],
  [40, 'sha1'],
  [64, 'sha256'],
]);

const expected = '32, 40 or 64 hexadecimal digits (MD5, SHA-1, SHA-256), as genhash prints them';

export const pageDigest: Phrase<PageDigest> = {
  shape: 'DIGEST',
  read: (words) => {
    const word = words.take();
    if (word === undefined) return words.missing(expected);
    const algorithm = algorithms.get(word.text.length);
    if (algorithm === undefined || !/^[0-9a-f]+$/i.test(word.text)) {
      return words.wrong(word, expected);
    }
    return { algorithm, digits: word.text.toLowerCase() };
  },
  write: ({ digits }) => [digits],
};
