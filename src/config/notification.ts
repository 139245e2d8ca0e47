// Who is told of changes of state, by script, FIFO and mail: what the daemon acts on of it.
import type { CommandAs, Owner } from './command.js';
import type { GlobalBlocks } from './global.js';
import { countingIn } from './global.js';
import type { Fifo } from './global-script-table.js';
import { globalTable } from './global-table.js';
import type { MailServer } from './mail-server.js';
import type { Found, Settings } from './settings.js';
import type { syncGroupTable } from './sync-group-table.js';
import type { vrrpTable } from './vrrp-table.js';

/** Scripts of an instance or a group; null: there is none. */
export type NotifyScripts = {
  /** Run at every change, with four words more. */
  readonly any: CommandAs | null;
  readonly master: CommandAs | null;
  readonly backup: CommandAs | null;
  readonly fault: CommandAs | null;
  readonly stop: CommandAs | null;
  readonly deleted: CommandAs | null;
  readonly masterHeardLowerPriority: CommandAs | null;
};

export type VrrpNotification = {
  readonly scripts: NotifyScripts;
  readonly sendsMails: boolean;
  /** New priorities go to the FIFOs, too. */
  readonly tellsPriorities: boolean;
};

export type FifoConfig = {
  readonly carries: 'everything' | 'vrrp' | 'services';
  readonly path: string;
  /** Who may read and write it besides root; null: script_user. */
  readonly owner: Owner | null;
  /** Started with the path as its last word. */
  readonly script: CommandAs | null;
};

export type MailConfig = {
  readonly server: MailServer;
  readonly recipients: readonly string[];
  /** null: USER@HOST of the daemon. */
  readonly sender: string | null;
  /** null: the name of this host. */
  readonly heloName: string | null;
  readonly connectTimeoutMs: number;
  readonly mailsFaults: boolean;
};

export type ScriptPolicy = {
  /** Scripts that others than root may change are not run. */
  readonly isSecure: boolean;
  /** null: keepalived_script if there is such a user, else root. */
  readonly owner: Owner | null;
};

export type GlobalNotification = {
  readonly scripts: ScriptPolicy;
  readonly fifos: readonly FifoConfig[];
  readonly tellsStatesOnReload: boolean;
  /** null: nobody gets mails. */
  readonly mail: MailConfig | null;
  /** Not only of real servers that come or go: without no_checker_emails. */
  readonly mailsEachChecker: boolean;
};

/** keepalived's own server when the file names none. */
const localServer: MailServer = { host: '127.0.0.1', port: 25 };

type Scripted = (
  keyword: 'notify' | 'notify_master' | 'notify_backup' | 'notify_fault' | 'notify_stop',
) => Found<CommandAs> | undefined;
type Choices = {
  readonly smtpAlert: boolean | undefined;
  readonly priorities: boolean | undefined;
};

export function instanceNotification(
  settings: Settings<typeof vrrpTable>,
  globals: GlobalBlocks,
): VrrpNotification {
  return {
    scripts: {
      ...commonScripts((keyword) => settings.found(keyword)),
      deleted: settings.value('notify_deleted') ?? null,
      masterHeardLowerPriority: settings.value('notify_master_rx_lower_pri') ?? null,
    },
    ...choicesOf(
      {
        smtpAlert: settings.value('smtp_alert'),
        priorities: settings.value('notify_priority_changes'),
      },
      globals,
    ),
  };
}

export function groupNotification(
  settings: Settings<typeof syncGroupTable>,
  globals: GlobalBlocks,
): VrrpNotification {
  return {
    scripts: {
      ...commonScripts((keyword) => settings.found(keyword)),
      deleted: null,
      masterHeardLowerPriority: null,
    },
    ...choicesOf(
      {
        smtpAlert: settings.value('smtp_alert'),
        priorities: settings.value('notify_priority_changes'),
      },
      globals,
    ),
  };
}

function commonScripts(
  found: Scripted,
): Omit<NotifyScripts, 'deleted' | 'masterHeardLowerPriority'> {
  return {
    any: found('notify')?.value ?? null,
    master: found('notify_master')?.value ?? null,
    backup: found('notify_backup')?.value ?? null,
    fault: found('notify_fault')?.value ?? null,
    stop: found('notify_stop')?.value ?? null,
  };
}

function choicesOf(
  { smtpAlert, priorities }: Choices,
  globals: GlobalBlocks,
): Omit<VrrpNotification, 'scripts'> {
  return {
    sendsMails:
      smtpAlert ??
      countingIn(globals, 'smtp_alert_vrrp')?.value ??
      countingIn(globals, 'smtp_alert')?.value ??
      false,
    tellsPriorities:
      priorities ?? countingIn(globals, 'vrrp_notify_priority_changes')?.value ?? false,
  };
}

export function globalNotification(globals: GlobalBlocks): GlobalNotification {
  return {
    scripts: {
      isSecure: globals.some((block) => block.has('enable_script_security')),
      owner: countingIn(globals, 'script_user')?.value ?? null,
    },
    fifos: fifosOf(globals),
    tellsStatesOnReload: globals.some((block) => block.has('fifo_write_vrrp_states_on_reload')),
    mail: mailOf(globals),
    mailsEachChecker: countingIn(globals, 'no_checker_emails')?.value !== true,
  };
}

/** One path is one FIFO, as in keepalived: the global one before that of VRRP, then services. */
function fifosOf(globals: GlobalBlocks): readonly FifoConfig[] {
  const fifos = [
    fifo(
      'everything',
      countingIn(globals, 'notify_fifo'),
      countingIn(globals, 'notify_fifo_script'),
    ),
    fifo(
      'vrrp',
      countingIn(globals, 'vrrp_notify_fifo'),
      countingIn(globals, 'vrrp_notify_fifo_script'),
    ),
    fifo(
      'services',
      countingIn(globals, 'lvs_notify_fifo'),
      countingIn(globals, 'lvs_notify_fifo_script'),
    ),
  ].filter((one) => one !== null);
  const [first] = fifos;
  if (first?.carries !== 'everything') return fifos;
  return fifos.filter((one) => one === first || one.path !== first.path);
}

function fifo(
  carries: FifoConfig['carries'],
  written: Found<Fifo> | undefined,
  script: Found<CommandAs> | undefined,
): FifoConfig | null {
  if (written === undefined) return null;
  return { carries, ...written.value, script: script?.value ?? null };
}

function mailOf(globals: GlobalBlocks): MailConfig | null {
  const recipients = globals
    .flatMap((block) => block.all('notification_email'))
    .flatMap(({ value }) => value.flatMap((line) => line.value));
  if (recipients.length === 0) return null;
  return {
    server: countingIn(globals, 'smtp_server')?.value ?? localServer,
    recipients,
    sender: countingIn(globals, 'notification_email_from')?.value ?? null,
    heloName: countingIn(globals, 'smtp_helo_name')?.value ?? null,
    connectTimeoutMs:
      countingIn(globals, 'smtp_connect_timeout')?.value ??
      globalTable.smtp_connect_timeout.fallback,
    mailsFaults: !globals.some((block) => block.has('no_email_faults')),
  };
}
