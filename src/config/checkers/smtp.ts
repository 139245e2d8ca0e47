// SMTP_CHECK: the server is up while it, or each of its hosts, greets as a mail server.
import type { Endpoint } from '../../net/address.js';
import {
  type CheckConnection,
  type CheckDefaults,
  type CheckPace,
  commonKind,
  connectionFrom,
  paceFrom,
} from '../checker.js';
import type { smtpCheckTable, smtpHostTable } from '../checker-message-table.js';
import type { Settings } from '../settings.js';

export type SmtpCheck = CheckPace &
  CheckConnection & {
    readonly type: 'SMTP_CHECK';
    readonly heloName: string;
    /** What to check instead; without one, the connection of the check itself. */
    readonly hosts: readonly CheckConnection[];
  };

/** Of a real server for every port. */
const smtpPort = 25;

export function smtpCheck(
  found: Settings<typeof smtpCheckTable>,
  server: Endpoint,
  outer: CheckDefaults,
): SmtpCheck {
  const port = server.port === 0 ? smtpPort : server.port;
  const connection = connectionFrom(found, { ...server, port }, outer);
  return {
    type: 'SMTP_CHECK',
    ...paceFrom(found, outer, commonKind),
    ...connection,
    heloName: found.value('helo_name'),
    hosts: found.all('host').map(({ value }) => hostOf(value, connection)),
  };
}

/** What a host leaves out is as in the check around it. */
function hostOf(found: Settings<typeof smtpHostTable>, outer: CheckConnection): CheckConnection {
  return {
    target: {
      address: found.value('connect_ip') ?? outer.target.address,
      port: found.value('connect_port') ?? outer.target.port,
    },
    source: found.value('bindto') ?? outer.source,
    sourcePort: found.value('bind_port') ?? outer.sourcePort,
    sourceInterface: found.value('bind_if') ?? outer.sourceInterface,
    mark: found.has('fwmark') ? found.value('fwmark') : outer.mark,
    connectTimeoutMs: found.value('connect_timeout') ?? outer.connectTimeoutMs,
  };
}
