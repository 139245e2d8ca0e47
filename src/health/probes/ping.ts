// PING_CHECK: an ICMP echo request that is answered.
import type { PingCheck } from '../../config/checkers/ping.js';
import { familyOf } from '../../net/address.js';
import { exchangeDatagrams } from '../datagram-exchange.js';
import { echoRequest, isEchoReply } from '../echo-message.js';
import { type Outcome, type Probe, type ProbeWorld, succeeded } from '../probe.js';
import { connectFailure } from './tcp.js';

const tokenCount = 0x1_0000_0000;
const sequenceMask = 0xffff;
/** An answer is as long as the question; more is cut, and so none. */
const bytesMax = 128;

export class PingProbe implements Probe {
  readonly name: string;
  readonly #check: PingCheck;
  readonly #world: Pick<ProbeWorld, 'clock' | 'flows' | 'random'>;
  #sequence = 0;

  constructor(check: PingCheck, world: Pick<ProbeWorld, 'clock' | 'flows' | 'random'>) {
    this.#check = check;
    this.#world = world;
    this.name = `ICMP connection to [${check.target.address}]`;
  }

  async attempt(): Promise<Outcome> {
    const family = familyOf(this.#check.target.address);
    const token = Math.floor(this.#world.random() * tokenCount);
    this.#sequence = (this.#sequence + 1) & sequenceMask;
    const sequence = this.#sequence;
    const exchanged = await exchangeDatagrams(this.#world, {
      protocol: 'icmp',
      connection: this.#check,
      question: echoRequest(family, sequence, token),
      bytesMax,
      answerIn: (bytes) => (isEchoReply(family, bytes, sequence, token) ? true : null),
    });
    if (exchanged.type === 'answered') return succeeded;
    return { type: 'failed', reason: connectFailure(exchanged) };
  }
}
