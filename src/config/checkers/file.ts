// FILE_CHECK: a number in a file, multiplied by a weight, adds to the weight of the server.
import type { CheckDefaults } from '../checker.js';
import type { fileCheckTable } from '../checker-local-table.js';
import type { Settings } from '../settings.js';

export type FileCheck = {
  readonly type: 'FILE_CHECK';
  /** The track_file. */
  readonly name: string;
  /** 0: a number that is not 0 is a failure. */
  readonly weight: number;
  /** The number counts with the opposite sign; with weight 0, 0 is the failure. */
  readonly isReversed: boolean;
  /** Until the number is known nothing is wrong. */
  readonly startsDown: false;
};

/** None: the checks have reported that there is no such track_file. */
export function fileCheck(
  found: Settings<typeof fileCheckTable>,
  { fileWeights }: CheckDefaults,
): readonly FileCheck[] {
  const name = found.value('track_file') ?? '';
  const own = fileWeights.get(name);
  if (own === undefined) return [];
  const weight = found.value('weight') ?? own;
  return [{ type: 'FILE_CHECK', name, ...weight, startsDown: false }];
}
