// Subjects and texts of mails about real servers and services, in keepalived's words.
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

/** `hasSucceeded`: what the checker found, whatever the others have. */
export function causeText(cause: Cause, hasSucceeded: boolean): string {
  if (cause === 'reload') return 'Removing';
  if (cause === 'stop') return 'Shutting down';
  if (cause === 'damping') return hasSucceeded ? 'Steady again' : 'Held down';
  if (cause === 'MISC_CHECK')
    return `MISC CHECK ${hasSucceeded ? 'succeeded' : 'failed'} on service`;
  const kind = cause === 'SMTP_CHECK' ? 'CHECK' : cause.replace('_', ' ');
  return `${kind} ${hasSucceeded ? 'succeed' : 'failed'} on service`;
}
