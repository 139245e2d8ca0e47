// UDP_CHECK: the server is up while its port is not refused; with require_reply, while it answers
// as is written.
import type { Endpoint } from '../../net/address.js';
import {
  type CheckConnection,
  type CheckDefaults,
  type CheckPace,
  commonKind,
  connectionFrom,
  paceFrom,
} from '../checker.js';
import type { udpCheckTable } from '../checker-message-table.js';
import type { Payload } from '../payload.js';
import type { Settings } from '../settings.js';

export type RequiredReply = {
  /** How it begins; null: any way. */
  readonly pattern: Payload | null;
  readonly lengthMin: number;
  readonly lengthMax: number;
};

export type UdpCheck = CheckPace &
  CheckConnection & {
    readonly type: 'UDP_CHECK';
    /** null: a text of our own. */
    readonly payload: Payload | null;
    /** null: silence is an answer, too. */
    readonly reply: RequiredReply | null;
  };

export function udpCheck(
  found: Settings<typeof udpCheckTable>,
  server: Endpoint,
  outer: CheckDefaults,
): UdpCheck {
  const pattern = found.value('require_reply');
  const reply: RequiredReply | null =
    pattern === undefined
      ? null
      : {
          pattern,
          lengthMin: found.value('min_reply_length'),
          lengthMax: found.value('max_reply_length'),
        };
  return {
    type: 'UDP_CHECK',
    ...paceFrom(found, outer, commonKind),
    ...connectionFrom(found, server, outer),
    payload: found.value('payload') ?? null,
    reply,
  };
}
