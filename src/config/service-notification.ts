// Who is told that real servers come up and go down, and that services gain and lose their quorum.
import type { CommandAs } from './command.js';
import { countingIn, type GlobalBlocks } from './global.js';
import type { realServerTable } from './real-server-table.js';
import type { Settings } from './settings.js';
import type { virtualServerTable } from './virtual-server-table.js';

export type ServerNotification = {
  /** null: there is none. */
  readonly notifyUp: CommandAs | null;
  readonly notifyDown: CommandAs | null;
  readonly sendsMails: boolean;
};

export type ServiceNotification = {
  readonly quorumUp: CommandAs | null;
  readonly quorumDown: CommandAs | null;
  readonly sendsMails: boolean;
};

/** What global_defs says of mails about services. */
export type CheckerMails = {
  /** smtp_alert_checker, else smtp_alert; null: as each kind has it. */
  readonly sendsMails: boolean | null;
};

/** keepalived mails of servers unless it is told not to, of services only if it is told to. */
const mailsOfServers = true;
const mailsOfServices = false;

export function checkerMails(globals: GlobalBlocks): CheckerMails {
  return {
    sendsMails:
      countingIn(globals, 'smtp_alert_checker')?.value ??
      countingIn(globals, 'smtp_alert')?.value ??
      null,
  };
}

export function serverNotification(
  server: Settings<typeof realServerTable>,
  { sendsMails }: CheckerMails,
): ServerNotification {
  return {
    notifyUp: server.value('notify_up') ?? null,
    notifyDown: server.value('notify_down') ?? null,
    sendsMails: server.value('smtp_alert') ?? sendsMails ?? mailsOfServers,
  };
}

export function serviceNotification(
  service: Settings<typeof virtualServerTable>,
  { sendsMails }: CheckerMails,
): ServiceNotification {
  return {
    quorumUp: service.value('quorum_up') ?? null,
    quorumDown: service.value('quorum_down') ?? null,
    sendsMails: service.value('smtp_alert') ?? sendsMails ?? mailsOfServices,
  };
}
