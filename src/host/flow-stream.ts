// A flow as a stream of Node.js, for node:tls. The flow's end is not the stream's: `over` is told
// of it, when everything before it has been handed on.
import { Duplex } from 'node:stream';
import type { Flow, FlowFailure } from '../ports/flows.js';

const chunkBytesMax = 16_384;

export class FlowStream extends Duplex {
  readonly #flow: Flow;
  /** Called once; null: the flow ended without an error. */
  readonly #over: (failure: FlowFailure | null) => void;
  #isReading = false;
  #isOver = false;

  constructor(flow: Flow, over: (failure: FlowFailure | null) => void) {
    super();
    this.#flow = flow;
    this.#over = over;
  }

  override _read(): void {
    if (this.#isReading || this.#isOver) return;
    this.#isReading = true;
    void this.#flow.receive(chunkBytesMax, Number.POSITIVE_INFINITY).then((outcome) => {
      this.#isReading = false;
      if (outcome.type === 'received') {
        this.push(outcome.bytes);
        return;
      }
      this.#isOver = true;
      this.#over(outcome.type === 'ended' ? null : outcome);
    });
  }

  override _write(
    bytes: Uint8Array,
    _encoding: BufferEncoding,
    taken: (error?: Error | null) => void,
  ): void {
    void this.#flow.send(bytes, Number.POSITIVE_INFINITY).then((failure) => {
      // What failed is told by reading as well; without an error of its own, TLS would wait.
      if (failure !== null && !this.#isOver) {
        this.#isOver = true;
        this.#over(failure);
      }
      taken();
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#flow.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#flow.close();
    done(error);
  }
}
