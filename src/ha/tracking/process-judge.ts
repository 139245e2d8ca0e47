// How many processes there are, and whether that is enough and not too many. A change counts only
// after it has lasted: a program that starts itself anew is not a failure.
import type { ProcessDefinition } from '../../config/tracking.js';
import type { Clock, Timer } from '../../ports/clock.js';

type Bounds = Pick<ProcessDefinition, 'quorum' | 'quorumMax' | 'forkDelayMs' | 'terminateDelayMs'>;

/** A quorum_max below the quorum (0: none may run) asks for that many at most, and no more. */
export function isQuorumMet({ quorum, quorumMax }: Bounds, count: number): boolean {
  if (quorumMax !== null && count > quorumMax) return false;
  return count >= Math.min(quorum, quorumMax ?? quorum);
}

export class ProcessJudge {
  readonly #bounds: Bounds;
  readonly #clock: Clock;
  readonly #changed: (isUp: boolean) => void;
  #count = 0;
  /** null: nothing was counted yet. */
  #isUp: boolean | null = null;
  #delay: Timer | null = null;

  constructor(bounds: Bounds, clock: Clock, changed: (isUp: boolean) => void) {
    this.#bounds = bounds;
    this.#clock = clock;
    this.#changed = changed;
  }

  get isUp(): boolean | null {
    return this.#isUp;
  }

  /** The first count is a verdict at once. */
  count(count: number): void {
    const isMore = count > this.#count;
    this.#count = count;
    const isMet = isQuorumMet(this.#bounds, count);
    if (isMet === this.#isUp) {
      this.stop();
      return;
    }
    const { forkDelayMs, terminateDelayMs } = this.#bounds;
    const delayMs = this.#isUp === null ? 0 : isMore ? forkDelayMs : terminateDelayMs;
    if (delayMs === 0) this.#turn(isMet);
    else this.#delay ??= this.#clock.setTimer(delayMs, () => this.#turn(isMet));
  }

  stop(): void {
    this.#delay?.cancel();
    this.#delay = null;
  }

  #turn(isUp: boolean): void {
    this.stop();
    this.#isUp = isUp;
    this.#changed(isUp);
  }
}
