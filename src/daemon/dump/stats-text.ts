// keepalived.stats: what each instance has counted, in keepalived's words.
import type { DumpedInstance } from './dumped-instance.js';

export function statsText(instances: readonly DumpedInstance[]): string {
  return instances.map(instanceText).join('');
}

function instanceText({ name, counters }: DumpedInstance): string {
  return `VRRP Instance: ${name}
  Advertisements:
    Received: ${counters.advertsReceived}
    Sent: ${counters.advertsSent}
  Became master: ${counters.becameMaster}
  Released master: ${counters.releasedMaster}
  Packet Errors:
    Length: ${counters.packetLengthErrors}
    TTL: ${counters.ttlErrors}
    Invalid Type: ${counters.invalidTypeReceived}
    Advertisement Interval: ${counters.advertIntervalErrors}
    Address List: ${counters.addressListErrors}
  Authentication Errors:
    Invalid Type: ${counters.authInvalidType}
    Type Mismatch: ${counters.authTypeMismatch}
    Failure: ${counters.authFailure}
  Priority Zero:
    Received: ${counters.priorityZeroReceived}
    Sent: ${counters.priorityZeroSent}
`;
}
