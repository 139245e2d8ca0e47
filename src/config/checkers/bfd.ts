// BFD_CHECK: the server is up while a session of BFD is.
import type { CheckDefaults } from '../checker.js';
import type { bfdCheckTable } from '../checker-local-table.js';
import type { Settings } from '../settings.js';

export type BfdCheck = {
  readonly type: 'BFD_CHECK';
  /** The bfd_instance. */
  readonly name: string;
  /** alpha: down until the session is up; else up until it goes down. */
  readonly startsDown: boolean;
};

/** None: the checks have reported that it has no name, or that there is no such bfd_instance. */
export function bfdCheck(
  found: Settings<typeof bfdCheckTable>,
  { startsDown, bfdNames }: CheckDefaults,
): readonly BfdCheck[] {
  const name = found.value('name');
  if (name === undefined || !bfdNames.has(name)) return [];
  return [{ type: 'BFD_CHECK', name, startsDown: found.value('alpha') ?? startsDown }];
}
