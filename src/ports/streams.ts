// Outgoing TCP connections, as health probes need them.
import type { Endpoint, IpAddress } from '../net/address.js';

export type ConnectOutcome =
  | { readonly type: 'connected' }
  | { readonly type: 'refused' }
  | { readonly type: 'timed_out' }
  | { readonly type: 'failed'; readonly reason: string };

export interface Streams {
  /** Opens and closes one connection; never rejects. `timeoutMs` > 0 bounds the whole attempt. */
  connect(target: Endpoint, timeoutMs: number, source: IpAddress | null): Promise<ConnectOutcome>;
}
