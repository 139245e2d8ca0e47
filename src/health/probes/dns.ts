// DNS_CHECK: a question that is answered without an error, whatever the answer is.
import type { DnsCheck } from '../../config/checkers/dns.js';
import type { FlowFailure } from '../../ports/flows.js';
import { exchangeDatagrams } from '../datagram-exchange.js';
import { dnsNameFault, dnsQuestion, dnsResponseCode } from '../dns-message.js';
import { type Outcome, type Probe, type ProbeWorld, succeeded } from '../probe.js';

const idCount = 0x10000;
/** Of the answer, only the header is read. */
const bytesMax = 512;

export class DnsProbe implements Probe {
  readonly name: string;
  readonly #check: DnsCheck;
  readonly #world: Pick<ProbeWorld, 'clock' | 'flows' | 'random'>;
  readonly #fault: string | null;

  constructor(check: DnsCheck, world: Pick<ProbeWorld, 'clock' | 'flows' | 'random'>) {
    this.#check = check;
    this.#world = world;
    this.#fault = dnsNameFault(check.name);
    this.name = `DNS_CHECK ([${check.target.address}]:udp:${check.target.port})`;
  }

  async attempt(): Promise<Outcome> {
    if (this.#fault !== null) return { type: 'failed', reason: `cannot ask: ${this.#fault}` };
    const { name, recordType } = this.#check;
    const id = Math.floor(this.#world.random() * idCount);
    const exchanged = await exchangeDatagrams(this.#world, {
      protocol: 'udp',
      connection: this.#check,
      question: dnsQuestion(id, name, recordType),
      bytesMax,
      answerIn: (bytes) => dnsResponseCode(bytes, id),
    });
    if (exchanged.type !== 'answered') return { type: 'failed', reason: failureText(exchanged) };
    if (exchanged.answer === 0) return succeeded;
    return { type: 'failed', reason: `read error occurred (rcode = ${exchanged.answer})` };
  }
}

function failureText(failure: FlowFailure): string {
  switch (failure.type) {
    case 'refused':
      return 'socket error (Connection refused)';
    case 'timed_out':
      return 'read timeout from socket';
    case 'failed':
      return `socket error (${failure.reason})`;
  }
}
