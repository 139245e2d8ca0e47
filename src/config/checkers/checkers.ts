// The checkers of a real server, in the order of the file.
import type { Endpoint } from '../../net/address.js';
import type { CheckDefaults } from '../checker.js';
import type { realServerTable } from '../real-server-table.js';
import type { Settings } from '../settings.js';
import { type DnsCheck, dnsCheck } from './dns.js';
import { type FileCheck, fileCheck } from './file.js';
import { type HttpCheck, httpCheck, sslCheck } from './http.js';
import { type MiscCheck, miscCheck } from './misc.js';
import { type PingCheck, pingCheck } from './ping.js';
import { type SmtpCheck, smtpCheck } from './smtp.js';
import { type TcpCheck, tcpCheck } from './tcp.js';
import { type UdpCheck, udpCheck } from './udp.js';

/** Those that a monitor tries again and again. */
export type ProbedChecker =
  | TcpCheck
  | DnsCheck
  | UdpCheck
  | PingCheck
  | HttpCheck
  | SmtpCheck
  | MiscCheck;
/** The others follow what is known elsewhere. */
export type Checker = ProbedChecker | FileCheck;

/** `weight` is that of the server. */
export function checkersOf(
  settings: Settings<typeof realServerTable>,
  server: Endpoint,
  defaults: CheckDefaults,
  weight: number,
): readonly Checker[] {
  const written = [
    ...settings
      .all('TCP_CHECK')
      .map(({ value, order }) => ({ order, checker: tcpCheck(value, server, defaults) })),
    ...settings
      .all('SMTP_CHECK')
      .map(({ value, order }) => ({ order, checker: smtpCheck(value, server, defaults) })),
    ...settings
      .all('MISC_CHECK')
      .map(({ value, order }) => ({ order, checker: miscCheck(value, server, defaults, weight) })),
    ...settings
      .all('HTTP_GET')
      .flatMap(({ value, order }) =>
        httpCheck(value, server, defaults).map((checker) => ({ order, checker })),
      ),
    ...settings
      .all('SSL_GET')
      .flatMap(({ value, order }) =>
        sslCheck(value, server, defaults).map((checker) => ({ order, checker })),
      ),
    ...settings
      .all('DNS_CHECK')
      .map(({ value, order }) => ({ order, checker: dnsCheck(value, server, defaults) })),
    ...settings
      .all('UDP_CHECK')
      .map(({ value, order }) => ({ order, checker: udpCheck(value, server, defaults) })),
    ...settings
      .all('PING_CHECK')
      .map(({ value, order }) => ({ order, checker: pingCheck(value, server, defaults) })),
    ...settings
      .all('FILE_CHECK')
      .flatMap(({ value, order }) =>
        fileCheck(value, defaults).map((checker) => ({ order, checker })),
      ),
  ];
  return written
    .toSorted((one, other) => one.order - other.order)
    .flatMap(({ checker }) => checker ?? []);
}
