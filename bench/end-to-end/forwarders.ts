// What stands between client and server: one entry for each row of the table. Each prepares the
// edge and says where the client finds the service and which processes do the work.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../../scripts/lab/checkout.js';
import { isAlive } from '../../scripts/lab/namespaces.js';
import { edgeAddresses, type Lab, ports, serverAddress, virtualAddress } from './lab.js';

export type Service = {
  readonly address: string;
  readonly webPort: number;
  readonly bulkPort: number;
  /** Of the forwarder; none where the kernel forwards. */
  readonly pids: readonly number[];
};

export type Forwarder = {
  readonly name: string;
  /** Programs that it needs beside those of every row. */
  readonly programs: readonly string[];
  readonly start: (lab: Lab) => Promise<Service> | Service;
};

export const forwarders: readonly Forwarder[] = [
  { name: 'direct', programs: [], start: routeDirectly },
  { name: 'keelson/af_packet', programs: [], start: (lab) => startKeelson(lab, 'net_af_packet') },
  { name: 'keelson/af_xdp', programs: [], start: (lab) => startKeelson(lab, 'net_af_xdp') },
  { name: 'nftables', programs: ['nft'], start: startNftables },
  { name: 'haproxy', programs: ['haproxy'], start: startHaproxy },
  ...[
    { name: 'direct/mtu', programs: [], start: routeDirectly },
    { name: 'nftables/mtu', programs: ['nft'], start: startNftables },
    { name: 'haproxy/mtu', programs: ['haproxy'], start: startHaproxy },
  ].map(withoutLargeSegments),
];

const ourWebPort = 80;
const viaEdge = {
  address: virtualAddress,
  webPort: ourWebPort,
  bulkPort: ports.bulk,
} as const;

function withoutLargeSegments({ name, programs, start }: Forwarder): Forwarder {
  return {
    name,
    programs: ['ethtool', ...programs],
    start: (lab) => {
      lab.forbidLargeSegments();
      return start(lab);
    },
  };
}

/** The ceiling: the kernel routes, and nothing is translated. */
function routeDirectly(lab: Lab): Service {
  addEdgeAddresses(lab);
  lab.namespaces.run('edge', 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  return { address: serverAddress, webPort: ports.web, bulkPort: ports.bulk, pids: [] };
}

/** Both directions translated, as FNAT does: the server sees an address of the edge. */
function startNftables(lab: Lab): Service {
  routeDirectly(lab);
  lab.namespaces.ip('edge', 'address', 'add', `${virtualAddress}/32`, 'dev', 'eth0');
  lab.namespaces.run('edge', 'nft', '-f', lab.writeFile('nat.nft', nftablesRules()));
  return { ...viaEdge, pids: [] };
}

async function startHaproxy(lab: Lab): Promise<Service> {
  addEdgeAddresses(lab);
  lab.namespaces.ip('edge', 'address', 'add', `${virtualAddress}/32`, 'dev', 'eth0');
  const config = lab.writeFile('haproxy.cfg', haproxyConfig());
  const haproxy = lab.start('edge', ['haproxy', '-db', '-f', config]);
  const url = `http://${virtualAddress}:${ourWebPort}/`;
  await lab.waitFor('haproxy', 'edge', [haproxy], () => lab.answers('edge', url));
  return { ...viaEdge, pids: [haproxy.pid] };
}

/** The product as a user runs it: keepalived with a file, which starts the data plane. */
async function startKeelson(lab: Lab, driver: string): Promise<Service> {
  const runtime = join(lab.folder, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const config = lab.writeFile('keepalived.conf', keelsonConfig(driver));
  const daemon = lab.start('edge', [
    ...[process.execPath, command('keepalived'), '-f', config, '-nlDG'],
    ...['--runtime-dir', runtime],
  ]);
  await lab.waitFor('keepalived', 'edge', [daemon], () => {
    const pid = dataplanePid(runtime);
    // It outlives the daemon, so it is ended by its own pid, also when nothing else comes to pass.
    lab.namespaces.adopt(pid);
    return isAlive(pid);
  });
  return { ...viaEdge, pids: [daemon.pid, dataplanePid(runtime)] };
}

/** 0 when there is none. */
function dataplanePid(runtime: string): number {
  try {
    return Number(readFileSync(join(runtime, 'dataplane.pid'), 'utf8'));
  } catch {
    return 0;
  }
}

function addEdgeAddresses(lab: Lab): void {
  for (const [port, address] of Object.entries(edgeAddresses)) {
    lab.namespaces.ip('edge', 'address', 'add', `${address}/24`, 'dev', port);
  }
}

function nftablesRules(): string {
  return `table ip bench {
    chain destinations {
        type nat hook prerouting priority dstnat;
        ip daddr ${virtualAddress} tcp dport ${ourWebPort} dnat to ${serverAddress}:${ports.web}
        ip daddr ${virtualAddress} tcp dport ${ports.bulk} dnat to ${serverAddress}:${ports.bulk}
    }
    chain sources {
        type nat hook postrouting priority srcnat;
        oifname "eth1" masquerade
    }
}
`;
}

function haproxyConfig(): string {
  const service = (name: string, port: number, serverPort: number): string => `
listen ${name}
    bind ${virtualAddress}:${port}
    server server1 ${serverAddress}:${serverPort}
`;
  return `global
    maxconn 8192

defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
${service('web', ourWebPort, ports.web)}${service('bulk', ports.bulk, ports.bulk)}`;
}

function keelsonConfig(driver: string): string {
  return `global_defs {
    router_id edge
}

dataplane {
    workers 1
    poll adaptive
    port dpdk0 {
        device ${driver},iface=eth0
    }
    port dpdk1 {
        device ${driver},iface=eth1
    }
    routes {
        192.0.2.0/24 dev dpdk0
        198.51.100.0/24 dev dpdk1
    }
}

static_ipaddress {
    ${edgeAddresses.eth0}/24 dev dpdk0.kni
    ${edgeAddresses.eth1}/24 dev dpdk1.kni
}

local_address_group back {
    198.51.100.101-108 dpdk1
}

vrrp_instance V_1 {
    state MASTER
    interface dpdk0.kni
    dpdk_interface dpdk0
    virtual_router_id 51
    priority 255
    advert_int 1
    virtual_ipaddress {
        ${virtualAddress}/24
    }
}
${virtualServer(ourWebPort, ports.web)}${virtualServer(ports.bulk, ports.bulk)}`;
}

function virtualServer(port: number, serverPort: number): string {
  return `
virtual_server ${virtualAddress} ${port} {
    delay_loop 5
    lb_algo rr
    lb_kind FNAT
    protocol TCP
    laddr_group_name back

    real_server ${serverAddress} ${serverPort} {
        weight 1
    }
}
`;
}
