// Hands mails to a server by SMTP (RFC 5321): EHLO, or HELO where that is not known, one sender,
// any number of recipients of whom one must be taken. No TLS and no authentication, as keepalived:
// the server is a relay nearby.
import { connect, type Socket } from 'node:net';
import { err, ok, type Result } from 'neverthrow';
import type { Clock, Timer } from '../ports/clock.js';
import type { Mail, MailError, Mailer, MailRoute } from '../ports/mailer.js';
import { bareAddress, mailMessage } from './mail-message.js';
import { describeCause } from './sockets.js';

/** What a server may say in one answer. */
const answerBytesMax = 16_384;

type Answer = { readonly code: number; readonly text: string };

export class SmtpMailer implements Mailer {
  readonly #clock: Clock;
  readonly #now: () => Date;

  constructor(clock: Clock, now: () => Date = () => new Date()) {
    this.#clock = clock;
    this.#now = now;
  }

  async send(mail: Mail, route: MailRoute): Promise<Result<void, MailError>> {
    const server = `[${route.host}]:${route.port}`;
    const conversation = new Conversation(route, this.#clock);
    try {
      const reason = await handOver(conversation, mail, route, this.#now());
      return reason === null ? ok(undefined) : err({ type: 'mail.failed', server, reason });
    } finally {
      conversation.close();
    }
  }
}

/** Why it was not taken; null: it was. */
async function handOver(
  conversation: Conversation,
  mail: Mail,
  route: MailRoute,
  now: Date,
): Promise<string | null> {
  const greeted = await greet(conversation, route);
  if (greeted !== null) return greeted;
  const sender = await conversation.ask(`MAIL FROM:<${bareAddress(route.sender)}>`);
  if (!isPositive(sender)) return `the sender was not taken: ${sender.text}`;
  const refusals: string[] = [];
  for (const recipient of route.recipients) {
    const answer = await conversation.ask(`RCPT TO:<${bareAddress(recipient)}>`);
    if (!isPositive(answer)) refusals.push(answer.text);
  }
  if (refusals.length === route.recipients.length) {
    return `no recipient was taken: ${refusals[0] ?? 'there is none'}`;
  }
  const ready = await conversation.ask('DATA');
  if (ready.code !== 354) return `the text was not taken: ${ready.text}`;
  const taken = await conversation.tell(mailMessage(mail, route, now));
  if (!isPositive(taken)) return `the mail was not taken: ${taken.text}`;
  // The mail is the server's now, however it likes our goodbye.
  await conversation.ask('QUIT');
  return null;
}

async function greet(conversation: Conversation, route: MailRoute): Promise<string | null> {
  const greeting = await conversation.answer();
  if (greeting.code !== 220) return `no greeting: ${greeting.text}`;
  const name = route.heloName.replaceAll(/[\p{Cc}\s]/gu, '');
  const extended = await conversation.ask(`EHLO ${name}`);
  if (isPositive(extended)) return null;
  const plain = extended.code >= 500 ? await conversation.ask(`HELO ${name}`) : extended;
  return isPositive(plain) ? null : `our greeting was not taken: ${plain.text}`;
}

function isPositive({ code }: Answer): boolean {
  return code >= 200 && code < 300;
}

/** One connection. What goes wrong with it is an answer with code 0. */
class Conversation {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #received = '';
  #failure: string | null = null;
  #waiting: (() => void) | null = null;

  constructor({ host, port, timeoutMs }: MailRoute, clock: Clock) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#socket = connect({ host, port });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#receive(text));
    this.#socket.on('error', (cause) => this.#fail(describeCause(cause)));
    this.#socket.on('close', () => this.#fail('the server closed the connection'));
  }

  ask(command: string): Promise<Answer> {
    return this.tell(`${command}\r\n`);
  }

  tell(text: string): Promise<Answer> {
    if (this.#failure === null) this.#socket.write(text, 'utf8');
    return this.answer();
  }

  /** The next one, of one line or several. */
  async answer(): Promise<Answer> {
    const timer: Timer = this.#clock.setTimer(this.#timeoutMs, () =>
      this.#fail(`no answer within ${this.#timeoutMs / 1000} s`),
    );
    for (;;) {
      const answer = this.#takeAnswer();
      if (answer !== null) {
        timer.cancel();
        return answer;
      }
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  /** null: it is not complete. */
  #takeAnswer(): Answer | null {
    const complete = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: ([^\n]*))?\r?\n/.exec(this.#received);
    if (complete !== null) {
      this.#received = this.#received.slice(complete[0].length);
      const text = `${complete[1]} ${complete[2] ?? ''}`.trimEnd();
      return { code: Number(complete[1]), text };
    }
    return this.#failure === null ? null : { code: 0, text: this.#failure };
  }

  #receive(text: string): void {
    this.#received += text;
    const lines = this.#received.split('\n').slice(0, -1);
    const isWrong = lines.some((line) => !/^\d{3}(?:[ -]|\r?$)/.test(line));
    if (isWrong) this.#fail('the server does not speak SMTP');
    else if (this.#received.length > answerBytesMax) this.#fail('the answer is too long');
    this.#wake();
  }

  #fail(reason: string): void {
    this.#failure ??= reason;
    this.#wake();
  }

  #wake(): void {
    const resolve = this.#waiting;
    this.#waiting = null;
    resolve?.();
  }
}
