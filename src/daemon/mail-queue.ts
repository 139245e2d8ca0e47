// Mails to the operator, one after the other: a storm of changes must not become a storm of
// connections, nor of memory while the server does not answer.
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { describeMailError, type Mail, type Mailer, type MailRoute } from '../ports/mailer.js';

const waitingMax = 256;

export class MailQueue {
  readonly #mailer: Mailer;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #waiting: { readonly mail: Mail; readonly route: MailRoute }[] = [];
  #dropped = 0;
  #isSending = false;
  #idle: (() => void)[] = [];

  constructor(mailer: Mailer, clock: Clock, log: Log) {
    this.#mailer = mailer;
    this.#clock = clock;
    this.#log = log;
  }

  add(mail: Mail, route: MailRoute): void {
    if (this.#waiting.length >= waitingMax) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push({ mail, route });
    if (!this.#isSending) void this.#sendAll();
  }

  /** Resolves when every mail is sent or given up, or after `timeoutMs`. */
  async settled(timeoutMs: number): Promise<void> {
    if (!this.#isSending) return;
    await new Promise<void>((resolve) => {
      const timer = this.#clock.setTimer(timeoutMs, resolve);
      this.#idle.push(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const sent = await this.#mailer.send(next.mail, next.route);
      if (sent.isOk()) this.#log.write('info', 'SMTP alert successfully sent.');
      else this.#log.write('error', describeMailError(sent.error));
      this.#reportDropped();
    }
    this.#isSending = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #reportDropped(): void {
    if (this.#dropped === 0) return;
    this.#log.write('error', `${this.#dropped} mails were not sent: ${waitingMax} were waiting`);
    this.#dropped = 0;
  }
}
