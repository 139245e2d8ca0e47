// Flows of datagrams over virtual time: the test says what comes back to each that is sent, and
// when.
import type {
  Flow,
  FlowFailure,
  FlowSettings,
  Flows,
  OpenOutcome,
  ReceiveOutcome,
} from '../../src/ports/flows.js';
import { SimulatedClock } from '../sim/clock.js';

/** What comes `afterMs` after the datagram before it. */
export type Coming = {
  readonly afterMs: number;
  readonly what: Uint8Array | FlowFailure;
};

export class DatagramFlows implements Flows {
  readonly clock = new SimulatedClock();
  readonly settings: FlowSettings[] = [];
  readonly sent: Uint8Array[] = [];
  readonly bytesMax: number[] = [];
  openFlows = 0;
  readonly #answer: (sent: Uint8Array) => readonly Coming[];

  constructor(answer: (sent: Uint8Array) => readonly Coming[]) {
    this.#answer = answer;
  }

  knock(): void {
    throw new Error('assertion: nobody only knocks here');
  }

  open(settings: FlowSettings): Promise<OpenOutcome> {
    this.settings.push(settings);
    this.openFlows++;
    return Promise.resolve({ type: 'opened', flow: this.#flow() });
  }

  #flow(): Flow {
    let coming: Coming[] = [];
    return {
      send: (bytes) => {
        this.sent.push(bytes);
        coming = [...this.#answer(bytes)];
        return Promise.resolve(null);
      },
      receive: (bytesMax, timeoutMs): Promise<ReceiveOutcome> => {
        this.bytesMax.push(bytesMax);
        const next = coming.shift();
        this.clock.advance(Math.min(next?.afterMs ?? timeoutMs, timeoutMs));
        if (next === undefined || next.afterMs > timeoutMs) {
          return Promise.resolve({ type: 'timed_out' });
        }
        if (!(next.what instanceof Uint8Array)) return Promise.resolve(next.what);
        return Promise.resolve({ type: 'received', bytes: next.what.subarray(0, bytesMax) });
      },
      close: () => {
        this.openFlows--;
      },
    };
  }
}

export function at(afterMs: number, what: Uint8Array | FlowFailure): Coming {
  return { afterMs, what };
}

export const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
