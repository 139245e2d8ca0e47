// TCP connections of a routing protocol: signed (RFC 2385), bound, and bounded in hops (RFC 5082).
import type { Result } from 'neverthrow';
import type { IpAddress } from '../net/address.js';

export type TcpSessionError = {
  readonly type: 'tcp.failed';
  /** What was asked, e.g. "sign with TCP-MD5 for 192.0.2.1". */
  readonly action: string;
  readonly reason: string;
};

export type TcpPeer = {
  readonly address: IpAddress;
  /** Key of TCP-MD5, 1..80 octets; null: not signed. */
  readonly password: string | null;
  readonly sentHops: number;
  /** null: any. */
  readonly hopsMin: number | null;
  /** The link that a connection stays on, and the scope of a link-local address; null: any. */
  readonly interface: string | null;
};

export type TcpTarget = TcpPeer & {
  readonly port: number;
  readonly source: IpAddress | null;
};

export type TcpSessionEvents = {
  /** Called once, before anything else, on a connection that we opened. */
  readonly opened: () => void;
  /** Bytes in order, ours to keep. */
  readonly received: (bytes: Uint8Array) => void;
  /** Once, last; the reason in the system's words, or null after a FIN or our own close. */
  readonly closed: (reason: string | null) => void;
};

export interface TcpSession {
  /** Known when it is open. */
  readonly localAddress: IpAddress;
  readonly remoteAddress: IpAddress;
  /** Never blocks; what the neighbour does not take yet is kept in order. */
  send(bytes: Uint8Array): void;
  /** Octets given to send that the neighbour has not acknowledged (SIOCOUTQ and our own queue). */
  unsentBytes(): number;
  /** Sends what is queued, then FIN; at most `lingerMs`, then reset. */
  close(lingerMs: number): void;
}

export type TcpListenOptions = {
  /** null: all addresses of both families. */
  readonly address: IpAddress | null;
  readonly port: number;
  /** Who may connect; all others are refused before a byte is read. */
  readonly peers: readonly TcpPeer[];
};

export interface TcpListener {
  /** Who may not connect though they should: the kernel refuses what they need. */
  readonly refusals: readonly TcpSessionError[];
  /** Changes who may connect and with which key; open connections stay. */
  allow(peers: readonly TcpPeer[]): void;
  close(): void;
}

export interface TcpSessions {
  /** Fails closed: when a key or a limit cannot be set there is no connection. */
  connect(target: TcpTarget, events: TcpSessionEvents): Result<TcpSession, TcpSessionError>;
  listen(
    options: TcpListenOptions,
    accepted: (session: TcpSession) => Omit<TcpSessionEvents, 'opened'> | null,
  ): Result<TcpListener, TcpSessionError>;
}

export function describeTcpSessionError({ action, reason }: TcpSessionError): string {
  return `cannot ${action}: ${reason}`;
}
