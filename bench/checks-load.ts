// The checks that both sides of `npm run bench -- checks` run: TCP_CHECK of so many addresses of
// 127/8, each once a second.
import { type IpAddress, ipAddress } from '../src/net/address.js';

export const port = 8080;
export const delayLoopMs = 1000;
export const connectTimeoutMs = 2000;

/** As much as one virtual server has in keepalived's file. */
const serversOfService = 100;

/** Below 2^20 of them: what accept-checks.c tells apart. */
export function checkedAddress(index: number): IpAddress {
  return ipAddress(`127.${16 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`);
}

/** keepalived.conf with the same checks. */
export function keepalivedText(count: number): string {
  const services: string[] = [];
  for (let first = 0; first < count; first += serversOfService) {
    const number = first / serversOfService;
    const servers = Array.from({ length: Math.min(serversOfService, count - first) }, (_, index) =>
      serverText(checkedAddress(first + index)),
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

function serverText(address: IpAddress): string {
  return `    real_server ${address} ${port} {
        TCP_CHECK {
            connect_timeout ${connectTimeoutMs / 1000}
        }
    }
`;
}
