// One datagram out, and those that come back until one is the answer, within the time of the
// checker and within a bound: who floods us with others must not hold the thread.
import type { CheckConnection } from '../config/checker.js';
import type { Clock } from '../ports/clock.js';
import type { FlowFailure, Flows } from '../ports/flows.js';

/** Datagrams that are looked at; more are a failure of the one who sends them. */
const datagramsMax = 64;

export type DatagramExchange<Answer> = {
  readonly protocol: 'udp' | 'icmp';
  readonly connection: CheckConnection;
  readonly question: Uint8Array;
  /** Of one datagram as much as is looked at. */
  readonly bytesMax: number;
  /** null: it is not the answer. */
  readonly answerIn: (bytes: Uint8Array) => Answer | null;
};

export type Exchanged<Answer> =
  | { readonly type: 'answered'; readonly answer: Answer }
  | FlowFailure;

export async function exchangeDatagrams<Answer>(
  { clock, flows }: { readonly clock: Clock; readonly flows: Flows },
  { protocol, connection, question, bytesMax, answerIn }: DatagramExchange<Answer>,
): Promise<Exchanged<Answer>> {
  const { connectTimeoutMs } = connection;
  const deadlineMs = clock.nowMs() + connectTimeoutMs;
  const settings = { ...connection, protocol, tls: null };
  const opened = await flows.open(settings, connectTimeoutMs);
  if (opened.type !== 'opened') return opened;
  const { flow } = opened;
  try {
    const failure = await flow.send(question, connectTimeoutMs);
    if (failure !== null) return failure;
    for (let count = 0; count < datagramsMax; count++) {
      const leftMs = deadlineMs - clock.nowMs();
      if (leftMs <= 0) return { type: 'timed_out' };
      const outcome = await flow.receive(bytesMax, leftMs);
      if (outcome.type === 'ended') return { type: 'failed', reason: 'the flow ended' };
      if (outcome.type !== 'received') return outcome;
      const answer = answerIn(outcome.bytes);
      if (answer !== null) return { type: 'answered', answer };
    }
    return { type: 'failed', reason: `${datagramsMax} datagrams came, and no answer` };
  } finally {
    flow.close();
  }
}
