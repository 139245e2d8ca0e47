// SMTP_CHECK: greets each of the hosts in turn; one that does not answer as it should is enough.
import type { CheckConnection } from '../../config/checker.js';
import type { SmtpCheck } from '../../config/checkers/smtp.js';
import type { Flow, FlowFailure, ReceiveOutcome } from '../../ports/flows.js';
import { type Outcome, type Probe, type ProbeWorld, succeeded } from '../probe.js';
import { type Conversation, hear, smtpBeginning } from '../smtp-conversation.js';

type SmtpWorld = Pick<ProbeWorld, 'flows' | 'clock'>;

const receiveOctetsMax = 4096;

export class SmtpProbe implements Probe {
  readonly name: string;
  readonly successLine: string;
  readonly #check: SmtpCheck;
  readonly #world: SmtpWorld;

  constructor(check: SmtpCheck, world: SmtpWorld) {
    this.#check = check;
    this.#world = world;
    const server = `[${check.target.address}]:tcp:${check.target.port}`;
    this.name = `SMTP_CHECK on service ${server}`;
    this.successLine = `Remote SMTP server ${server} succeed on service.`;
  }

  async attempt(): Promise<Outcome> {
    const { hosts } = this.#check;
    for (const host of hosts.length > 0 ? hosts : [this.#check]) {
      const why = await this.#failureOf(host);
      if (why === null) continue;
      return { type: 'failed', reason: `failed: ${why}`, mailReason: why };
    }
    return succeeded;
  }

  /** null: it answered as a mail server does. */
  async #failureOf(host: CheckConnection): Promise<string | null> {
    const { flows, clock } = this.#world;
    const { connectTimeoutMs } = host;
    const opened = await flows.open({ protocol: 'tcp', tls: null, ...host }, connectTimeoutMs);
    const server = `server [${host.target.address}]:${host.target.port}`;
    if (opened.type !== 'opened') return `Could not connect to ${server}${because(opened)}`;
    // One deadline for the whole of it: a server that drips octets gains no time.
    const deadlineMs = clock.nowMs() + connectTimeoutMs;
    const failure = await this.#talk(opened.flow, deadlineMs);
    opened.flow.close();
    return failure === null ? null : `${failure} from ${server}`;
  }

  async #talk(flow: Flow, deadlineMs: number): Promise<string | null> {
    const { clock } = this.#world;
    let conversation: Conversation = smtpBeginning;
    for (;;) {
      const leftMs = deadlineMs - clock.nowMs();
      if (leftMs <= 0) return 'Read timeout';
      const received = await flow.receive(receiveOctetsMax, leftMs);
      if (received.type !== 'received') return endFault(conversation, received);
      const turn = hear(conversation, received.bytes, this.#check.heloName);
      if (turn.type === 'succeeded') return null;
      if (turn.type === 'failed') return turn.why;
      conversation = turn.conversation;
      if (turn.say === '') continue;
      const sent = await flow.send(Buffer.from(turn.say, 'latin1'), timeLeft(clock, deadlineMs));
      if (sent !== null) return `Write failure${because(sent)}`;
    }
  }
}

/** A server that hangs up at QUIT without a word has said all that matters. */
function endFault(
  { stage, heard }: Conversation,
  outcome: Exclude<ReceiveOutcome, { type: 'received' }>,
): string | null {
  if (outcome.type === 'timed_out') return 'Read timeout';
  if (outcome.type !== 'ended') return `Read failure${because(outcome)}`;
  return stage === 'quit' && heard === '' ? null : 'Read failure (it closed the connection)';
}

/** At least one millisecond: what has to be sent is short. */
function timeLeft(clock: SmtpWorld['clock'], deadlineMs: number): number {
  return Math.max(deadlineMs - clock.nowMs(), 1);
}

function because(failure: FlowFailure): string {
  switch (failure.type) {
    case 'refused':
      return ' (refused)';
    case 'timed_out':
      return ' (timeout)';
    case 'failed':
      return ` (${failure.reason})`;
  }
}
