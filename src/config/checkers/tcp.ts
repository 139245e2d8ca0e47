// TCP_CHECK: the server is up while it accepts connections.
import type { Endpoint } from '../../net/address.js';
import {
  type CheckConnection,
  type CheckDefaults,
  type CheckPace,
  commonKind,
  connectionFrom,
  paceFrom,
} from '../checker.js';
import type { tcpCheckTable } from '../checker-table.js';
import type { Settings } from '../settings.js';

export type TcpCheck = CheckPace & CheckConnection & { readonly type: 'TCP_CHECK' };

export function tcpCheck(
  found: Settings<typeof tcpCheckTable>,
  server: Endpoint,
  outer: CheckDefaults,
): TcpCheck {
  return {
    type: 'TCP_CHECK',
    ...paceFrom(found, outer, commonKind),
    ...connectionFrom(found, server, outer),
  };
}
