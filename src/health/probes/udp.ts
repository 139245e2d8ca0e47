// UDP_CHECK: a datagram that is not refused, and answered as is required.
import type { RequiredReply, UdpCheck } from '../../config/checkers/udp.js';
import { exchangeDatagrams } from '../datagram-exchange.js';
import { beginsAs, payloadOctets } from '../payload-octets.js';
import { type Outcome, type Probe, type ProbeWorld, succeeded } from '../probe.js';
import { connectFailure } from './tcp.js';

const ownPayload = { type: 'text', text: 'Keelson UDP_CHECK\n' } as const;

export class UdpProbe implements Probe {
  readonly name: string;
  readonly #check: UdpCheck;
  readonly #world: Pick<ProbeWorld, 'clock' | 'flows'>;
  readonly #question: Uint8Array;

  constructor(check: UdpCheck, world: Pick<ProbeWorld, 'clock' | 'flows'>) {
    this.#check = check;
    this.#world = world;
    this.#question = payloadOctets(check.payload ?? ownPayload);
    this.name = `UDP connection to [${check.target.address}]:udp:${check.target.port}`;
  }

  async attempt(): Promise<Outcome> {
    const { reply } = this.#check;
    const exchanged = await exchangeDatagrams(this.#world, {
      protocol: 'udp',
      connection: this.#check,
      question: this.#question,
      bytesMax: (reply?.lengthMax ?? 0) + 1,
      answerIn: (bytes) => replyFault(bytes, reply) ?? '',
    });
    if (exchanged.type === 'timed_out' && reply === null) return succeeded;
    if (exchanged.type !== 'answered') {
      return { type: 'failed', reason: connectFailure(exchanged) };
    }
    if (exchanged.answer === '') return succeeded;
    return { type: 'failed', reason: exchanged.answer };
  }
}

/** The end of a sentence; null: it is as required. */
function replyFault(bytes: Uint8Array, reply: RequiredReply | null): string | null {
  if (reply === null) return null;
  const { pattern, lengthMin, lengthMax } = reply;
  const { length } = bytes;
  if (length > lengthMax) return `reply data mismatch (more than ${lengthMax} octets)`;
  if (length < lengthMin) return `reply data mismatch (${length} octets, not ${lengthMin})`;
  return pattern === null || beginsAs(bytes, pattern) ? null : 'reply data mismatch';
}
