// Flows to servers that follow a script, in simulated time: what they say, when, and how they end.
import type {
  Flow,
  FlowFailure,
  FlowSettings,
  Flows,
  OpenOutcome,
  ReceiveOutcome,
} from '../../src/ports/flows.js';
import type { SimulatedClock } from './clock.js';

export type Act =
  | { readonly says: string | Uint8Array }
  /** Goes on when it has been sent a text that contains this. */
  | { readonly hears: string }
  | { readonly waitsMs: number }
  | { readonly ends: true }
  | { readonly fails: FlowFailure };

export type ServerScript = readonly Act[] | FlowFailure;

export class TalkingServers implements Flows {
  readonly opened: { readonly settings: FlowSettings; readonly timeoutMs: number }[] = [];
  /** What the servers were sent, one text for each flow. */
  readonly heard: string[] = [];
  underWay = 0;
  readonly #clock: SimulatedClock;
  readonly #scriptOf: (settings: FlowSettings) => ServerScript;

  constructor(clock: SimulatedClock, scriptOf: (settings: FlowSettings) => ServerScript) {
    this.#clock = clock;
    this.#scriptOf = scriptOf;
  }

  knock(): void {
    throw new Error('assertion: nobody only knocks here');
  }

  open(settings: FlowSettings, timeoutMs: number): Promise<OpenOutcome> {
    this.opened.push({ settings, timeoutMs });
    const script = this.#scriptOf(settings);
    if ('type' in script) return Promise.resolve(script);
    this.underWay += 1;
    const flow = new TalkingFlow(this.#clock, script, this.heard, () => {
      this.underWay -= 1;
    });
    return Promise.resolve({ type: 'opened', flow });
  }
}

class TalkingFlow implements Flow {
  readonly #clock: SimulatedClock;
  readonly #acts: Act[];
  readonly #heard: string[];
  readonly #index: number;
  readonly #closed: () => void;
  #isClosed = false;

  constructor(clock: SimulatedClock, script: readonly Act[], heard: string[], closed: () => void) {
    this.#clock = clock;
    this.#acts = [...script];
    this.#heard = heard;
    this.#index = heard.push('') - 1;
    this.#closed = closed;
  }

  send(bytes: Uint8Array): Promise<FlowFailure | null> {
    this.#heard[this.#index] += Buffer.from(bytes).toString('latin1');
    return Promise.resolve(null);
  }

  receive(bytesMax: number, timeoutMs: number): Promise<ReceiveOutcome> {
    return Promise.resolve(this.#next(bytesMax, timeoutMs));
  }

  close(): void {
    if (!this.#isClosed) this.#closed();
    this.#isClosed = true;
  }

  #next(bytesMax: number, timeoutMs: number): ReceiveOutcome {
    let leftMs = timeoutMs;
    for (let act = this.#acts.shift(); act !== undefined; act = this.#acts.shift()) {
      if ('ends' in act) return { type: 'ended', isClean: true };
      if ('fails' in act) return act.fails;
      if ('says' in act) return this.#say(Buffer.from(act.says), bytesMax);
      if ('hears' in act) {
        if (this.#heard[this.#index]?.includes(act.hears) === true) continue;
        this.#acts.unshift(act);
        break;
      }
      if (act.waitsMs >= leftMs) {
        this.#acts.unshift({ waitsMs: act.waitsMs - leftMs });
        break;
      }
      this.#clock.advance(act.waitsMs);
      leftMs -= act.waitsMs;
    }
    this.#clock.advance(leftMs);
    return { type: 'timed_out' };
  }

  #say(bytes: Uint8Array, bytesMax: number): ReceiveOutcome {
    if (bytes.length > bytesMax) this.#acts.unshift({ says: bytes.subarray(bytesMax) });
    return { type: 'received', bytes: bytes.subarray(0, bytesMax) };
  }
}
