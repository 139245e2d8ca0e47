// PING_CHECK: the server is up while it answers an ICMP echo request.
import type { Endpoint } from '../../net/address.js';
import {
  type CheckConnection,
  type CheckDefaults,
  type CheckPace,
  commonKind,
  connectionFrom,
  paceFrom,
} from '../checker.js';
import type { pingCheckTable } from '../checker-message-table.js';
import type { Settings } from '../settings.js';

export type PingCheck = CheckPace & CheckConnection & { readonly type: 'PING_CHECK' };

export function pingCheck(
  found: Settings<typeof pingCheckTable>,
  server: Endpoint,
  outer: CheckDefaults,
): PingCheck {
  return {
    type: 'PING_CHECK',
    ...paceFrom(found, outer, commonKind),
    ...connectionFrom(found, server, outer),
  };
}
