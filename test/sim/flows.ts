// A server that follows a script: what flows to it receive, piece by piece, and how they end. Time
// passes only where the script says so.
import type {
  Flow,
  FlowFailure,
  FlowSettings,
  Flows,
  OpenOutcome,
  ReceiveOutcome,
} from '../../src/ports/flows.js';
import type { SimulatedClock } from './clock.js';

export type Step =
  | { readonly type: 'piece'; readonly bytes: Uint8Array; readonly afterMs?: number }
  | { readonly type: 'end'; readonly isClean?: boolean }
  | { readonly type: 'reset' }
  /** Nothing more comes, and the connection stays. */
  | { readonly type: 'silence' };

export type Script = readonly Step[] | FlowFailure;

const reset = { type: 'failed', reason: 'Connection reset by peer' } as const;

export class ScriptedFlows implements Flows {
  readonly opened: FlowSettings[] = [];
  /** What was sent on each flow. */
  readonly requests: string[] = [];
  closed = 0;
  readonly #clock: SimulatedClock;
  readonly #scripts: Script[];

  /** The last script is that of all further flows as well. */
  constructor(clock: SimulatedClock, scripts: readonly Script[]) {
    this.#clock = clock;
    this.#scripts = [...scripts];
  }

  knock(): void {
    throw new Error('assertion: nobody only knocks here');
  }

  open(settings: FlowSettings): Promise<OpenOutcome> {
    this.opened.push(settings);
    const script = this.#scripts.length > 1 ? this.#scripts.shift() : this.#scripts[0];
    if (script === undefined) return Promise.resolve({ type: 'refused' });
    if ('type' in script) return Promise.resolve(script);
    return Promise.resolve({ type: 'opened', flow: this.#flow([...script]) });
  }

  #flow(steps: Step[]): Flow {
    let isClosed = false;
    return {
      send: (bytes) => {
        this.requests.push(new TextDecoder().decode(bytes));
        return Promise.resolve(null);
      },
      receive: (bytesMax, timeoutMs) => Promise.resolve(this.#receive(steps, bytesMax, timeoutMs)),
      close: () => {
        if (!isClosed) this.closed += 1;
        isClosed = true;
      },
    };
  }

  #receive(steps: Step[], bytesMax: number, timeoutMs: number): ReceiveOutcome {
    const step = steps.shift() ?? { type: 'silence' };
    switch (step.type) {
      case 'piece': {
        const { bytes, afterMs = 0 } = step;
        if (afterMs >= timeoutMs) return this.#timeOut(steps, timeoutMs);
        this.#clock.advance(afterMs);
        if (bytes.length > bytesMax) {
          steps.unshift({ type: 'piece', bytes: bytes.subarray(bytesMax) });
        }
        return { type: 'received', bytes: bytes.slice(0, bytesMax) };
      }
      case 'end':
        return { type: 'ended', isClean: step.isClean ?? true };
      case 'reset':
        return reset;
      case 'silence':
        return this.#timeOut(steps, timeoutMs);
    }
  }

  #timeOut(steps: Step[], timeoutMs: number): ReceiveOutcome {
    steps.length = 0;
    this.#clock.advance(timeoutMs);
    return { type: 'timed_out' };
  }
}

/** The text in pieces of these sizes; the rest is one piece. */
export function pieces(text: string | Uint8Array, sizes: readonly number[] = []): Step[] {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const steps: Step[] = [];
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    const piece = bytes.subarray(at, at + size);
    if (piece.length > 0) steps.push({ type: 'piece', bytes: piece });
    at += piece.length;
  }
  return steps;
}
