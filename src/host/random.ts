// The machine's own randomness: for jitter, not for secrets.
import type { Random } from '../ports/random.js';

export const hostRandom: Random = Math.random;
