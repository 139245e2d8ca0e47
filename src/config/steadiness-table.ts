// Keywords of our own for virtual_server and real_server: how gently a server comes back, and what
// becomes of one that comes and goes.
import { setting } from './keywords.js';
import { integer, type Phrase, seconds, sequence } from './phrases.js';

/** A verdict that changed `count` times within `windowMs` counts as down until it is steady. */
export type FlapDamping = {
  readonly count: number;
  readonly windowMs: number;
  /** How long it must not have changed. */
  readonly holdMs: number;
};

const secondsMax = 86_400;
const duration = seconds(0.001, secondsMax);
const counts = sequence({ count: integer(2, 100), windowMs: duration, holdMs: duration });

/** COUNT, WINDOW and HOLD; null: off. */
const flapDamping: Phrase<FlapDamping | null> = {
  shape: 'off|COUNT 2-100 WINDOW-SECONDS HOLD-SECONDS',
  read: (words) => (words.takeIf('off') === undefined ? counts.read(words) : null),
  write: (value) => (value === null ? ['off'] : counts.write(value)),
};

const slowStart = seconds(0, secondsMax);

const gently =
  'A server that comes up takes a tenth of its weight at first and all of it after so long.';
const steadily =
  'A server whose verdict changes COUNT times within WINDOW is down until it is steady for HOLD.';

export const serviceSteadinessTable = {
  slow_start: setting(gently, slowStart, { fallback: 0 }),
  flap_damping: setting(steadily, flapDamping, { fallback: null }),
};

export const serverSteadinessTable = {
  slow_start: setting(gently, slowStart, { defaultText: 'that of the virtual_server' }),
  flap_damping: setting(steadily, flapDamping, { defaultText: 'that of the virtual_server' }),
};
