// The checks that both sides of `npm run bench -- checks` run: so many addresses of 127/8, each
// once in an interval.
import { type IpAddress, ipAddress } from '../src/net/address.js';

export type CheckLoad = {
  readonly kind: 'TCP_CHECK' | 'HTTP_GET';
  readonly servers: number;
  readonly delayLoopMs: number;
};

export const checkLoads: readonly CheckLoad[] = [
  { kind: 'TCP_CHECK', servers: 1_000, delayLoopMs: 1_000 },
  { kind: 'TCP_CHECK', servers: 10_000, delayLoopMs: 1_000 },
  { kind: 'HTTP_GET', servers: 1_000, delayLoopMs: 1_000 },
  { kind: 'HTTP_GET', servers: 10_000, delayLoopMs: 5_000 },
];

export const port = 8080;
export const connectTimeoutMs = 2000;

/** As much as one virtual server has in keepalived's file. */
const serversOfService = 100;

/** Below 2^20 of them: what accept-checks.c tells apart. */
export function checkedAddress(index: number): IpAddress {
  return ipAddress(`127.${16 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`);
}

/** keepalived.conf with the same checks. */
export function keepalivedText({ kind, servers: count, delayLoopMs }: CheckLoad): string {
  const services: string[] = [];
  for (let first = 0; first < count; first += serversOfService) {
    const number = first / serversOfService;
    const servers = Array.from({ length: Math.min(serversOfService, count - first) }, (_, index) =>
      serverText(kind, checkedAddress(first + index)),
    );
    services.push(`virtual_server 10.${number >> 8}.${number & 255}.1 80 {
    delay_loop ${delayLoopMs / 1000}
    lb_algo rr
    lb_kind NAT
    protocol TCP
${servers.join('')}}
`);
  }
  return services.join('');
}

function serverText(kind: CheckLoad['kind'], address: IpAddress): string {
  const url = 'url {\n path /\n status_code 200\n }';
  return `    real_server ${address} ${port} {
        ${kind} {
            ${kind === 'HTTP_GET' ? url : ''}
            connect_timeout ${connectTimeoutMs / 1000}
        }
    }
`;
}
