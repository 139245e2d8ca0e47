// An SMTP_CHECK of a server on this machine.
import type { SmtpCheck } from '../../src/config/checkers/smtp.js';
import { tcpCheck } from './examples.js';

export function smtpCheck(parts: Partial<SmtpCheck> = {}): SmtpCheck {
  return {
    ...tcpCheck(),
    type: 'SMTP_CHECK',
    heloName: 'smtpchecker.keepalived.org',
    hosts: [],
    ...parts,
  };
}
