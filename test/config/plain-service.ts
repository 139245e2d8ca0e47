// What a virtual_server decides about its servers when its block says nothing about it.
import type { RealServer, VirtualServer } from '../../src/config/virtual-server.js';

export const plainService = {
  quorum: 1,
  hysteresis: 0,
  sorryServer: null,
  tellsItsEnd: false,
  isSuspendedElsewhere: false,
  notification: { quorumUp: null, quorumDown: null, sendsMails: false },
  announcement: null,
} as const satisfies Partial<VirtualServer>;

export const plainServer = {
  slowStartMs: 0,
  flapDamping: null,
  notification: { notifyUp: null, notifyDown: null, sendsMails: true },
} as const satisfies Partial<RealServer>;
