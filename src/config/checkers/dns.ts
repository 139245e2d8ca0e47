// DNS_CHECK: the server is up while it answers a question without an error.
import type { Endpoint } from '../../net/address.js';
import {
  type CheckConnection,
  type CheckDefaults,
  type CheckPace,
  connectionFrom,
  type KindDefaults,
  paceFrom,
} from '../checker.js';
import type { DnsType, dnsCheckTable } from '../checker-message-table.js';
import type { Settings } from '../settings.js';

export type DnsCheck = CheckPace &
  CheckConnection & {
    readonly type: 'DNS_CHECK';
    readonly name: string;
    readonly recordType: DnsType;
  };

const dnsKind: KindDefaults = { retry: 3, delayBeforeRetryMs: null };

export function dnsCheck(
  found: Settings<typeof dnsCheckTable>,
  server: Endpoint,
  outer: CheckDefaults,
): DnsCheck {
  return {
    type: 'DNS_CHECK',
    ...paceFrom(found, outer, dnsKind),
    ...connectionFrom(found, server, outer),
    name: found.value('name'),
    recordType: found.value('type'),
  };
}
