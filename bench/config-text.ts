// Large configurations of the shape that load balancers have, for the benches.

/** 96 lines for each virtual server with ten real servers, and a few in front. */
export const linesPerService = 96;

export type Shape = {
  readonly services: number;
  /** fnat: with a data plane. nat: what keepalived takes, too. */
  readonly method: 'fnat' | 'nat';
};

const serversPerService = 10;

const dataplane = `dataplane {
    port dpdk0 {
        device net_null
    }
}
local_address_group lips {
    172.16.0.1 dpdk0
}
`;

export function configText({ services, method }: Shape): string {
  const head = method === 'fnat' ? dataplane : '';
  const blocks = Array.from({ length: services }, (_, index) => serviceText(index, method));
  return head + blocks.join('');
}

function serviceText(index: number, method: Shape['method']): string {
  const address = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
  const kind = method === 'fnat' ? 'FNAT\n    laddr_group_name lips' : 'NAT\n    # kept';
  const servers = Array.from({ length: serversPerService }, (_, server) => serverText(server + 1));
  return `virtual_server ${address} 80 {
    delay_loop 6
    lb_algo wrr
    lb_kind ${kind}
    protocol TCP
${servers.join('')}}
`;
}

function serverText(server: number): string {
  return `    real_server 192.168.0.${server} 80 {
        weight 10
        TCP_CHECK {
            connect_timeout 3
            retry 3
            delay_before_retry 3
            connect_port 80
        }
    }
`;
}
