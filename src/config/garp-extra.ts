// Gratuitous ARP on other interfaces than the one of a VMAC: how often, and whether on all.
import { wholeSeconds } from './bounds.js';
import type { Phrase } from './phrases.js';

export type GarpExtra = {
  readonly intervalMs: number;
  /** Also on interfaces that have nothing to do with the instance. */
  readonly isOnAll: boolean;
};

/** The words may stand in either order. */
export function garpExtra(secondsMin: number): Phrase<GarpExtra> {
  const interval = wholeSeconds(secondsMin, 86_400);
  return {
    shape: `[all] ${interval.shape}`,
    read: (words) => {
      let intervalMs: number | undefined;
      let isOnAll = false;
      while (words.peek() !== undefined) {
        if (words.takeIf('all') !== undefined) isOnAll = true;
        else {
          intervalMs = interval.read(words);
          if (intervalMs === undefined) return undefined;
        }
      }
      if (intervalMs !== undefined) return { intervalMs, isOnAll };
      const { text, position } = words.subject;
      const message = `${text} needs ${interval.expected}`;
      words.report.error('config.missing_argument', position, message);
      return undefined;
    },
    write: ({ intervalMs, isOnAll }) => [
      ...(isOnAll ? ['all'] : []),
      ...interval.write(intervalMs),
    ],
  };
}
