// The checkers of a real server, kind by kind, those of one kind in the order of the file.
import type { Endpoint } from '../../net/address.js';
import type { CheckDefaults } from '../checker.js';
import type { realServerTable } from '../real-server-table.js';
import type { Settings } from '../settings.js';
import { type BfdCheck, bfdCheck } from './bfd.js';
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
export type FollowingCheck = FileCheck | BfdCheck;
export type Checker = ProbedChecker | FollowingCheck;

/** `weight` is that of the server. */
export function checkersOf(
  settings: Settings<typeof realServerTable>,
  server: Endpoint,
  defaults: CheckDefaults,
  weight: number,
): readonly Checker[] {
  return [
    ...settings.all('TCP_CHECK').map(({ value }) => tcpCheck(value, server, defaults)),
    ...settings.all('HTTP_GET').flatMap(({ value }) => httpCheck(value, server, defaults)),
    ...settings.all('SSL_GET').flatMap(({ value }) => sslCheck(value, server, defaults)),
    ...settings.all('DNS_CHECK').map(({ value }) => dnsCheck(value, server, defaults)),
    ...settings.all('UDP_CHECK').map(({ value }) => udpCheck(value, server, defaults)),
    ...settings.all('PING_CHECK').map(({ value }) => pingCheck(value, server, defaults)),
    ...settings.all('SMTP_CHECK').map(({ value }) => smtpCheck(value, server, defaults)),
    ...settings
      .all('MISC_CHECK')
      .flatMap(({ value }) => miscCheck(value, server, defaults, weight) ?? []),
    ...settings.all('FILE_CHECK').flatMap(({ value }) => fileCheck(value, defaults)),
    ...settings.all('BFD_CHECK').flatMap(({ value }) => bfdCheck(value, defaults)),
  ];
}
