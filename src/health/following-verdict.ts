// What a number that is known elsewhere means for a server: of a tracked file, of a BFD session.
import type { FollowingCheck } from '../config/checkers/checkers.js';
import type { TrackedKind } from '../config/tracking.js';
import { fileVerdict } from './file-verdict.js';
import type { Verdict } from './monitor.js';

/** What the checker follows. */
export function followedKind({ type }: FollowingCheck): TrackedKind {
  return type === 'FILE_CHECK' ? 'file' : 'bfd';
}

export function followingVerdict(checker: FollowingCheck, value: number): Verdict {
  if (checker.type === 'FILE_CHECK') return fileVerdict(checker, value);
  return { isUp: value > 0, weightChange: 0, mailReason: checker.name };
}
