// The service manager's word on how the daemon is (sd_notify(3)): one datagram to the socket that
// NOTIFY_SOCKET names. Without that variable nobody wants to know.
import { describeSocketsError, sendNotice } from './sockets.js';

export type ServiceState = 'READY=1' | 'RELOADING=1' | 'STOPPING=1';

/** systemd wants the monotonic time with RELOADING; it goes by CLOCK_MONOTONIC, as hrtime does. */
export function notifyServiceManager(
  state: ServiceState,
  complain: (sentence: string) => void,
  path = process.env['NOTIFY_SOCKET'],
): void {
  if (path === undefined || path === '') return;
  const nowUs = process.hrtime.bigint() / 1000n;
  const text = state === 'RELOADING=1' ? `${state}\nMONOTONIC_USEC=${nowUs}\n` : `${state}\n`;
  const sent = sendNotice(path, text);
  if (sent.isErr()) {
    complain(`cannot tell the service manager (${path}): ${describeSocketsError(sent.error)}`);
  }
}
