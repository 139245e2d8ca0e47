// Mails to the operator, handed to a mail server.
import type { Result } from 'neverthrow';

export type Mail = { readonly subject: string; readonly text: string };

export type MailRoute = {
  /** An address or a name. */
  readonly host: string;
  readonly port: number;
  /** Our own name. */
  readonly heloName: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  /** For connecting, and for each answer of the server. */
  readonly timeoutMs: number;
};

export type MailError = {
  readonly type: 'mail.failed';
  readonly server: string;
  readonly reason: string;
};

export interface Mailer {
  /** Never rejects, never tries again. */
  send(mail: Mail, route: MailRoute): Promise<Result<void, MailError>>;
}

export function describeMailError({ server, reason }: MailError): string {
  return `cannot send a mail by ${server}: ${reason}`;
}
