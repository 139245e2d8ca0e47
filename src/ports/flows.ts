// Outgoing connections and datagrams of health probes: TCP, TCP with TLS, UDP, ICMP echo.
import type { Endpoint, IpAddress } from '../net/address.js';

/** Paths of PEM files; null: none. */
export type TlsIdentity = {
  readonly certificateFile: string | null;
  readonly keyFile: string | null;
  readonly keyPassword: string | null;
  readonly authorityFile: string | null;
};

export type TlsSettings = {
  /** Sent as server_name (RFC 6066 section 3); null: not sent. */
  readonly serverName: string | null;
  readonly identity: TlsIdentity;
};

export type FlowSettings = {
  /** icmp: an echo socket: whole ICMP messages go in and out; their id is the kernel's. */
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  /** The port means nothing for icmp. */
  readonly target: Endpoint;
  /** null: as the kernel chooses. */
  readonly source: IpAddress | null;
  readonly sourcePort: number | null;
  readonly sourceInterface: string | null;
  /** SO_MARK; 0: none. */
  readonly mark: number;
  /** Only for tcp; null: plain text. */
  readonly tls: TlsSettings | null;
};

export type FlowFailure =
  /** By a RST or an ICMP port unreachable. */
  | { readonly type: 'refused' }
  | { readonly type: 'timed_out' }
  | { readonly type: 'failed'; readonly reason: string };

export type OpenOutcome = { readonly type: 'opened'; readonly flow: Flow } | FlowFailure;

export type ReceiveOutcome =
  | { readonly type: 'received'; readonly bytes: Uint8Array }
  /** `isClean`: with TLS, that close_notify came before the end; without, true. */
  | { readonly type: 'ended'; readonly isClean: boolean }
  | FlowFailure;

export interface Flow {
  /** UDP and ICMP: one datagram. TCP: all of it; null: it was taken. */
  send(bytes: Uint8Array, timeoutMs: number): Promise<FlowFailure | null>;
  /**
   * At most `bytesMax` of what comes next; UDP and ICMP: of one datagram, cut. One call at a time.
   */
  receive(bytesMax: number, timeoutMs: number): Promise<ReceiveOutcome>;
  /** With a FIN, not a reset; in TLS with close_notify. Ends what waits; may be called again. */
  close(): void;
}

/** null: it was established. */
export type KnockEnded = (failure: FlowFailure | null) => void;

export interface Flows {
  /**
   * Never rejects. `timeoutMs` > 0 bounds connecting and the TLS handshake together. A flow that
   * was opened must be closed.
   */
  open(settings: FlowSettings, timeoutMs: number): Promise<OpenOutcome>;
  /**
   * Only whether a connection of tcp without TLS can be established: it is closed at once, as
   * Flow.close does. For thousands a second, so without a promise. `ended` is called once, never
   * before this returns. The same settings should be the same object.
   */
  knock(settings: FlowSettings, timeoutMs: number, ended: KnockEnded): void;
}
