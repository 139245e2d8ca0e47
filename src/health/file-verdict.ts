// What the number in a tracked file means for a server.
import type { FileCheck } from '../config/checkers/file.js';
import { weightMax } from '../net/service.js';
import type { Verdict } from './monitor.js';

/** A weight that is lowered by as much as there can be is a failure. */
export function fileVerdict({ weight, isReversed }: FileCheck, value: number): Verdict {
  if (weight === 0) return { isUp: (value !== 0) === isReversed, weightChange: 0 };
  const product = value * weight * (isReversed ? -1 : 1);
  const weightChange = Math.min(Math.max(product, -weightMax), weightMax);
  return { isUp: weightChange > -weightMax, weightChange };
}
