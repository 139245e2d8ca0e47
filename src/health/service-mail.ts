// Subjects and texts of mails about real servers and services, in keepalived's words.
import type { Checker } from '../config/checkers/checkers.js';
import type { Telling } from '../config/telling.js';
import type { Cause } from './service-news.js';

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
  const about = `Realserver ${server} of virtual server ${service}`;
  return mail(routerId, about, isUp, text);
}

export function serviceMail(
  { routerId, service }: MailNames,
  isUp: boolean,
  text: string,
): Telling {
  return mail(routerId, `Virtualserver ${service}`, isUp, text);
}

function mail(routerId: string, about: string, isUp: boolean, text: string): Telling {
  const subject = `[${routerId}] ${about} - ${stateWord(isUp)}`;
  return { type: 'send_mail', subject, text: `=> ${text} <=` };
}

export function stateWord(isUp: boolean): 'UP' | 'DOWN' {
  return isUp ? 'UP' : 'DOWN';
}

/** `hasSucceeded`: what the checker found, whatever the others have; `reason`: see Verdict. */
export function causeText(cause: Cause, hasSucceeded: boolean, reason?: string): string {
  switch (cause) {
    case 'reload':
      return 'Removing';
    case 'stop':
      return 'Shutting down';
    case 'damping':
      return hasSucceeded ? 'Steady again' : 'Held down';
    case 'MISC_CHECK':
      return `MISC CHECK ${hasSucceeded ? 'succeeded' : (reason ?? 'failed')} on service`;
    case 'BFD_CHECK':
      return `BFD CHECK ${reason} ${hasSucceeded ? 'succeeded' : 'failed'} on service`;
    default:
      return `${kindText(cause)} ${outcomeText(cause, hasSucceeded, reason)}`;
  }
}

function outcomeText(kind: Checker['type'], hasSucceeded: boolean, reason?: string): string {
  if (hasSucceeded) return 'succeed on service';
  const isOfWeb = kind === 'HTTP_GET' || kind === 'SSL_GET';
  const why = isOfWeb ? 'HTTP request failed' : reason;
  return `failed on service${why === undefined ? '' : ` : ${why}`}`;
}

function kindText(kind: Checker['type']): string {
  switch (kind) {
    case 'HTTP_GET':
    case 'SSL_GET':
    case 'SMTP_CHECK':
      return 'CHECK';
    case 'PING_CHECK':
      return 'ICMP CHECK';
    case 'DNS_CHECK':
      return 'DNS_CHECK:';
    default:
      return kind.replace('_', ' ');
  }
}
