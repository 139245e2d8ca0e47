// The checkers of a real server, in the order of the file.
import type { Endpoint } from '../../net/address.js';
import type { CheckDefaults } from '../checker.js';
import type { realServerTable } from '../real-server-table.js';
import type { Settings } from '../settings.js';
import { type HttpCheck, httpCheck, sslCheck } from './http.js';
import { type TcpCheck, tcpCheck } from './tcp.js';

export type Checker = TcpCheck | HttpCheck;

export function checkersOf(
  settings: Settings<typeof realServerTable>,
  server: Endpoint,
  defaults: CheckDefaults,
): readonly Checker[] {
  const written = [
    ...settings
      .all('TCP_CHECK')
      .map(({ value, order }) => ({ order, checker: tcpCheck(value, server, defaults) })),
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
  ];
  return written.toSorted((one, other) => one.order - other.order).map(({ checker }) => checker);
}
