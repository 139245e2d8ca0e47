// Two load balancers whose instances have all that an instance with dpdk_interface can have, on the
// cluster's wires; what a test asks them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Balancer,
  balancers,
  Cluster,
  webServers,
  wiringConfig,
} from '../../scripts/lab/cluster.js';
import { pause, waitFor } from '../../scripts/lab/namespaces.js';

export const follower = '198.51.100.100';
export const secondFollower = '198.51.100.101';
/** Of the instance for IPv4, of that for IPv6. */
export const virtualAddresses = { V_4: '192.0.2.100', V_6: '2001:db8:1::100' } as const;
export const excludedAddresses = ['192.0.2.101', '2001:db8:1::101'] as const;
export const virtualRoutes = ['203.0.113.0/24', '2001:db8:5::/48'] as const;
export const kernelRoute = '10.7.0.0/16';

const takeoverMs = 30_000;
const timing = `garp_master_repeat 2
    garp_master_delay 1
    garp_master_refresh 3
    garp_master_refresh_repeat 1`;

export type Options = { readonly priority: number; readonly followers?: readonly string[] };

export function pairConfig(name: Balancer, { priority, followers = [follower] }: Options): string {
  return `${wiringConfig(name)}local_address_group back {
${followers.map((address) => `    ${address} dpdk1 follow V_4`).join('\n')}
}
vrrp_instance V_4 {
    state BACKUP
    interface dpdk0.kni
    dpdk_interface dpdk0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    ${timing}
    virtual_ipaddress {
        192.0.2.100/24
    }
    virtual_ipaddress_excluded {
        192.0.2.101
        2001:db8:1::101/64
    }
    virtual_routes {
        203.0.113.0/24 via 198.51.100.1 dev dpdk1
        2001:db8:5::/48 via 2001:db8:1::9 dev dpdk0
        ${kernelRoute} via 198.51.100.2 dev dpdk1 table 107
    }
    virtual_rules {
        from ${kernelRoute} iif dpdk1 table 107 preference 1070
    }
}
vrrp_instance V_6 {
    state BACKUP
    version 3
    interface dpdk0.kni
    dpdk_interface dpdk0
    virtual_router_id 56
    priority ${priority}
    advert_int 1
    ${timing}
    virtual_ipaddress {
        fe80::56/64
        2001:db8:1::100/64
    }
}
${Object.values(virtualAddresses).map(serviceConfig).join('')}`;
}

function serviceConfig(address: string): string {
  return `virtual_server ${address} 80 {
    lb_algo rr
    lb_kind FNAT
    protocol TCP
    laddr_group_name back
    real_server 198.51.100.1 8080 {
        weight 1
    }
}
`;
}

export type Announcement = {
  /** Seconds of the capture's clock. */
  readonly at: number;
  readonly mac: string;
  readonly address: string;
};

export class PortPair {
  readonly cluster = new Cluster();

  async start(): Promise<void> {
    const { cluster } = this;
    cluster.buildNetwork();
    for (const name of webServers) await cluster.startWeb(name);
    this.#enableIpv6('client', 'eth0');
    cluster.namespaces.ip('client', 'address', 'add', '2001:db8:1::9/64', 'dev', 'eth0', 'nodad');
    this.#capture('front');
    this.#capture('back');
    for (const name of balancers) {
      // What is made from now on: the companion interfaces.
      this.#enableIpv6(name, 'default');
      await this.startBalancer(name, { priority: name === 'lb1' ? 150 : 100 });
    }
  }

  async startBalancer(name: Balancer, options: Options): Promise<void> {
    this.cluster.writeConfig(name, pairConfig(name, options));
    await this.cluster.startBalancer(name);
  }

  async waitForMaster(name: Balancer): Promise<void> {
    const other = name === 'lb1' ? 'lb2' : 'lb1';
    await waitFor(`${name} is MASTER of both`, takeoverMs, async () => {
      const held = await this.held(name);
      const left = await this.held(other);
      return held.length === 6 && left.length === 0;
    });
  }

  /** What of VRRP the data plane has, as `dpip` shows it. */
  async held(name: Balancer): Promise<readonly string[]> {
    const shown = await this.tool(name, 'dpip', 'addr', 'show');
    const wanted = [
      ...Object.values(virtualAddresses),
      ...excludedAddresses,
      ...['fe80::56', follower, secondFollower],
    ];
    return wanted.filter((address) => new RegExp(`\\s${address}/`).test(shown));
  }

  async routes(name: Balancer): Promise<readonly string[]> {
    const shown = await this.tool(name, 'dpip', 'route', 'show');
    const wide = await this.tool(name, 'dpip', '-6', 'route', 'show');
    return virtualRoutes.filter((route) => `${shown}\n${wide}`.includes(route));
  }

  /** The route and the rule that are the kernel's. */
  inKernel(name: Balancer): string {
    const { namespaces } = this.cluster;
    const rules = namespaces.ip(name, 'rule', 'show');
    const routes = namespaces.ip(name, 'route', 'show', 'table', 'all');
    return `${rules}${routes}`
      .split('\n')
      .filter((line) => /107|10\.7\.0\.0/.test(line))
      .map((line) => line.trim())
      .join('\n');
  }

  tool(name: Balancer, program: string, ...words: string[]): Promise<string> {
    return this.cluster.tool(name, program, ...words);
  }

  signal(name: Balancer, signal: NodeJS.Signals): void {
    process.kill(this.cluster.daemonPid(name), signal);
  }

  reload(name: Balancer, options: Options): void {
    this.cluster.writeConfig(name, pairConfig(name, options));
    this.signal(name, 'SIGHUP');
  }

  /** The MAC address of the balancer's port: as of the interface below it. */
  mac(name: Balancer, port: 'eth0' | 'eth1'): string {
    const link = this.cluster.namespaces.ip(name, 'link', 'show', 'dev', port);
    return /link\/ether (\S+)/.exec(link)?.[1] ?? '';
  }

  /** What a host's kernel believes of an address. */
  neighbour(host: string, address: string): string {
    const shown = this.cluster.namespaces.ip(host, 'neigh', 'show', address);
    return /lladdr (\S+)/.exec(shown)?.[1] ?? '';
  }

  /** Any packet makes the kernel ask; nobody need take it. */
  async learn(host: string, address: string): Promise<void> {
    const send = `echo x > /dev/udp/${address}/9`;
    await waitFor(`${host} knows ${address}`, takeoverMs, async () => {
      await this.cluster.namespaces.runAsync(host, 'bash', '-c', send).catch(() => undefined);
      await pause(50);
      return this.neighbour(host, address) !== '';
    });
  }

  /** Gratuitous ARP requests and unsolicited advertisements seen so far. */
  announcements(network: 'front' | 'back'): readonly Announcement[] {
    return readFileSync(this.#captureFile(network), 'utf8')
      .split('\n')
      .flatMap((line) => announcementOf(line) ?? []);
  }

  async remove(): Promise<void> {
    await this.cluster.remove();
  }

  #captureFile(network: string): string {
    return join(this.cluster.folder, `${network}.txt`);
  }

  #capture(network: 'front' | 'back'): void {
    const words = ['tcpdump', '-i', network, '-n', '-l', '-e', '-tt', 'arp or icmp6'];
    this.cluster.namespaces.start('net', this.#captureFile(network), words);
  }

  #enableIpv6(name: string, device: string): void {
    const { namespaces } = this.cluster;
    namespaces.run(name, 'sysctl', '-qw', `net.ipv6.conf.${device}.disable_ipv6=0`);
  }
}

const arp =
  /^(\d+\.\d+) (\S+) > ff:ff:ff:ff:ff:ff, .*Request who-has (\S+) (?:\(\S+\) )?tell (\S+),/;
const advertisement =
  /^(\d+\.\d+) (\S+) > 33:33:00:00:00:01, .*neighbor advertisement, tgt is ([0-9a-f:]+)/;

function announcementOf(line: string): Announcement | undefined {
  const [, at, mac = '', address = '', sender] = arp.exec(line) ?? advertisement.exec(line) ?? [];
  if (at === undefined || (sender !== undefined && sender !== address)) return undefined;
  return { at: Number(at), mac, address };
}
