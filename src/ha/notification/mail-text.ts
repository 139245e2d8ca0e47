// Subjects and texts of mails about VRRP, in keepalived's words.
import type { ToldState } from './telling.js';

export type MailText = { readonly subject: string; readonly text: string };

const subjects: Readonly<Record<ToldState, string>> = {
  MASTER: 'Entering MASTER state',
  BACKUP: 'Entering BACKUP state',
  FAULT: 'Entering FAULT state',
  STOP: 'Stopping',
  DELETED: 'Deleted',
};

const instanceTexts: Readonly<Record<ToldState, string>> = {
  MASTER: 'VRRP Instance is now owning VRRP VIPs',
  BACKUP: 'VRRP Instance is no longer owning VRRP VIPs',
  FAULT: 'VRRP Instance is no longer owning VRRP VIPs',
  STOP: 'VRRP Instance stopping',
  DELETED: 'VRRP Deleted at reload',
};

const groupTexts: Readonly<Record<Exclude<ToldState, 'DELETED'>, string>> = {
  MASTER: 'All VRRP group instances are now in MASTER state',
  BACKUP: 'All VRRP group instances are now in BACKUP state',
  FAULT: 'All VRRP group instances are now in FAULT state',
  STOP: 'All VRRP group instances are now stopping',
};

export function instanceMail(routerId: string, name: string, state: ToldState): MailText {
  return {
    subject: `[${routerId}] VRRP Instance ${name} - ${subjects[state]}`,
    text: `=> ${instanceTexts[state]} <=`,
  };
}

export function groupMail(
  routerId: string,
  name: string,
  state: Exclude<ToldState, 'DELETED'>,
): MailText {
  return {
    subject: `[${routerId}] VRRP Group ${name} - ${subjects[state]}`,
    text: `=> ${groupTexts[state]} <=`,
  };
}
