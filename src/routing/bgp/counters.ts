// What one neighbour was told and has told, in numbers.
import type { ReceivedMessage } from './message/message.js';

export type MessageKind = ReceivedMessage['type'];
export type MessageCounts = { [K in MessageKind]: number };

export type BgpCounters = {
  readonly received: MessageCounts;
  readonly sent: MessageCounts;
  /** Sessions that were Established and ended. */
  flaps: number;
  /** Of the session that is, or was last. */
  prefixesReceived: number;
  prefixesWithdrawn: number;
  /** UPDATEs that RFC 7606 would treat as withdrawals. */
  complaints: number;
  lastUpdateReceivedMs: number | null;
  lastUpdateSentMs: number | null;
};

export function zeroBgpCounters(): BgpCounters {
  return {
    received: zeroMessages(),
    sent: zeroMessages(),
    flaps: 0,
    prefixesReceived: 0,
    prefixesWithdrawn: 0,
    complaints: 0,
    lastUpdateReceivedMs: null,
    lastUpdateSentMs: null,
  };
}

export function copyBgpCounters(counters: BgpCounters): Readonly<BgpCounters> {
  const { received, sent } = counters;
  return { ...counters, received: { ...received }, sent: { ...sent } };
}

function zeroMessages(): MessageCounts {
  return { open: 0, update: 0, notification: 0, route_refresh: 0, keepalive: 0 };
}
