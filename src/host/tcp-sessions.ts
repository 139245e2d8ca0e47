// TCP for BGP on the kernel's sockets (native/sockets/tcp_socket.c): signed, bound and bounded in
// hops from the first segment on. One of a thread.
import { err, ok, type Result } from 'neverthrow';
import { familyOf, ipAddress } from '../net/address.js';
import type {
  TcpListener,
  TcpListenOptions,
  TcpSession,
  TcpSessionError,
  TcpSessionEvents,
  TcpSessions,
  TcpTarget,
} from '../ports/tcp-sessions.js';
import { describeErrorNumber } from './sockets.js';
import { TcpConnection } from './tcp-connection.js';
import { TcpHandle } from './tcp-handle.js';
import { type Accepted, HostTcpListener, type TcpListenerCounts } from './tcp-listener.js';
import { failure, startConnecting } from './tcp-setup.js';

const anyAddress = { ipv4: ipAddress('0.0.0.0'), ipv6: ipAddress('::') } as const;

export class HostTcpSessions implements TcpSessions {
  /** Of all listeners. */
  readonly counts: TcpListenerCounts = {
    accepted: 0,
    strangers: 0,
    tooFar: 0,
    otherLink: 0,
    unwanted: 0,
    failed: 0,
  };

  /** No way there (no route, no such source) is an error at once; the rest is told by `closed`. */
  connect(target: TcpTarget, events: TcpSessionEvents): Result<TcpSession, TcpSessionError> {
    const { address, source } = target;
    let connection: TcpConnection | null = null;
    const family = familyOf(address);
    const handle = TcpHandle.open(family, () => connection?.happened());
    if (typeof handle === 'number') {
      return failure(`connect to ${address}`, describeErrorNumber(-handle));
    }
    const started = startConnecting(handle, target);
    if (started.isErr()) {
      handle.close('reset');
      return err(started.error);
    }
    connection = new TcpConnection(handle, source ?? anyAddress[family], address);
    connection.begin('connecting', events);
    return ok(connection);
  }

  listen(options: TcpListenOptions, accepted: Accepted): Result<TcpListener, TcpSessionError> {
    const listener = new HostTcpListener(accepted, this.counts);
    const opened = listener.open(options);
    if (opened.isOk()) return ok(listener);
    listener.close();
    return err(opened.error);
  }
}
