// Subjects and texts of mails about real servers and services, in keepalived's words.
import type { Checker } from '../config/checkers/checkers.js';
import type { Telling } from '../config/telling.js';

/** How a checker came to its verdict; `failure` null: it succeeded. */
export type CheckCause = {
  readonly checker: Checker['type'];
  readonly failure: string | null;
};

/** What the quorum was compared with. */
export type QuorumCause = {
  readonly aliveWeight: number;
  readonly quorum: number;
  readonly hysteresis: number;
  /** The daemon begins with it. */
  readonly isStart: boolean;
};

export type MailNames = {
  readonly routerId: string;
  readonly service: string;
};

export function serverMail(
  { routerId, service }: MailNames,
  server: string,
  isUp: boolean,
  text: string,
): Telling {
  const subject = `[${routerId}] Realserver ${server} of virtual server ${service} - ${state(isUp)}`;
  return { type: 'send_mail', subject, text: `=> ${text} <=` };
}

export function serviceMail(
  { routerId, service }: MailNames,
  isUp: boolean,
  text: string,
): Telling {
  const subject = `[${routerId}] Virtualserver ${service} - ${state(isUp)}`;
  return { type: 'send_mail', subject, text: `=> ${text} <=` };
}

export function state(isUp: boolean): 'UP' | 'DOWN' {
  return isUp ? 'UP' : 'DOWN';
}

export function checkText({ checker, failure }: CheckCause): string {
  const kind = checker.replace('_', ' ');
  if (checker === 'SMTP_CHECK') {
    if (failure === null) return 'CHECK succeed on service';
    return `CHECK failed on service : ${failure.replace(/^failed: /, '')}`;
  }
  if (checker !== 'MISC_CHECK') {
    return `${kind} ${failure === null ? 'succeed' : 'failed'} on service`;
  }
  if (failure === null) return `${kind} succeeded on service`;
  return `${kind} ${failure.startsWith('timed out') ? 'timed out' : 'failed'} on service`;
}

/** "Gained quorum 2+0=2 <= 8", as the log has it. */
export function quorumText(isUp: boolean, cause: QuorumCause): string {
  const { aliveWeight, quorum, hysteresis, isStart } = cause;
  if (!isUp) {
    const below = quorum - hysteresis;
    return `Lost quorum ${quorum}-${hysteresis}=${below} > ${aliveWeight}`;
  }
  const reached = quorum + hysteresis;
  const what = isStart ? 'Starting with quorum up' : 'Gained quorum';
  return `${what} ${quorum}+${hysteresis}=${reached} <= ${aliveWeight}`;
}
