// One status of everything: what `keelson status` prints and the operator socket answers.
import type { Statistics } from '../dataplane/dataplane.js';
import type { VrrpFact } from '../ha/vrrp/speaker.js';
import type { TimerLateness } from './messages.js';

export type Status = {
  /** null: the only instance on the host. */
  readonly instance: string | null;
  readonly routerId: string;
  readonly vrrp: readonly VrrpFact[];
  /** Identifiers of the checkers that hold their real server down. */
  readonly failedCheckers: readonly string[];
  /** Of the protocol loop. */
  readonly timers: TimerLateness;
  /** null: the configuration has no `dataplane` block. */
  readonly dataplane: { readonly isUp: boolean; readonly statistics: Statistics | null } | null;
};
