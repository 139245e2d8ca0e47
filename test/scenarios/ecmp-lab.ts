// Active-active in namespaces: a router (FRR) spreads clients over two load balancers that announce
// the same address over BGP, each through the companion interface of its DPDK port.
//
//   client --- router ===wire1=== lb1 --- back --- web1 (of lb1 alone)
//                     ===wire2=== lb2 ---      --- web2 (of lb2 alone)
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout, command } from '../../scripts/lab/checkout.js';
import { isAlive, Namespaces, waitFor } from '../../scripts/lab/namespaces.js';
import type { Status } from '../../src/daemon/status.js';
import { FrrBgp } from './bgp-frr.js';
import { routerNeighbor } from './bgp-routers.js';
import type { Attempt } from './ecmp-client.js';
import { FibWatch } from './fib-watch.js';

export const vip = '203.0.113.10';
export const balancers = ['lb1', 'lb2'] as const;
export type Balancer = (typeof balancers)[number];
export type Web = 'web1' | 'web2';

export const bfdMs = 100;
export const drainSeconds = 2;
export const holdDownSeconds = 2;
export const perSecond = 50;
const [routerAs, balancerAs] = [65_000, 65_010];
const numbers = { lb1: 1, lb2: 2, web1: 1, web2: 2 } as const;
const startTimeoutMs = 60_000;

/** Says where the connection came from: the local address of the balancer that it went through. */
const pageServer = `require('node:http').createServer((request, response) => {
response.end(request.socket.remoteAddress + '\\n');
}).listen(8080, process.argv[1]);`;

export class EcmpLab {
  readonly namespaces = new Namespaces(`ke${process.pid.toString(36)}`);
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-ecmp-'));
  readonly fib: FibWatch;
  readonly #router: FrrBgp;
  readonly #daemons = new Map<Balancer, number>();
  readonly #webs = new Map<Web, number>();

  constructor() {
    // FRR is a user of its own.
    chmodSync(this.folder, 0o755);
    this.#buildNetwork();
    this.fib = new FibWatch(this.namespaces, 'router', this.path('fib'));
    this.#router = new FrrBgp({
      namespaces: this.namespaces,
      node: 'router',
      folder: this.folder,
      localAs: routerAs,
      routerId: '10.97.0.1',
      neighbors: balancers.map((name) =>
        routerNeighbor(hopOf(name), balancerAs, { bfdMs, families: ['ipv4'] }),
      ),
      routes: [],
      pathsMax: 8,
    });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async start(): Promise<void> {
    await this.#router.start();
    for (const web of ['web1', 'web2'] as const) await this.startWeb(web);
    for (const name of balancers) await this.startBalancer(name);
  }

  /** Returns when its data plane runs. */
  async startBalancer(name: Balancer): Promise<void> {
    mkdirSync(this.path(name), { recursive: true, mode: 0o700 });
    writeFileSync(this.path(`${name}.conf`), balancerConfig(name));
    const words = [process.execPath, command('keepalived'), '-nlDG', ...this.#place(name)];
    const all = [...words, '-f', this.path(`${name}.conf`)];
    const { pid } = this.namespaces.start(name, this.path(`${name}.log`), all);
    this.#daemons.set(name, pid);
    await waitFor(`the data plane of ${name}`, startTimeoutMs, () => {
      if (!isAlive(pid)) throw new Error(`${name} ended:\n${this.logs()}`);
      return this.dataplanePid(name) !== null;
    });
    this.namespaces.adopt(this.dataplanePid(name) ?? 0);
  }

  signal(name: Balancer, signal: NodeJS.Signals): void {
    process.kill(this.#daemons.get(name) ?? 0, signal);
  }

  async ended(name: Balancer): Promise<void> {
    const pid = this.#daemons.get(name) ?? 0;
    await waitFor(`the end of ${name}`, startTimeoutMs, () => !isAlive(pid));
  }

  /** As when the power fails: nobody is left to close a connection. */
  kill(name: Balancer): void {
    process.kill(this.dataplanePid(name) ?? 0, 'SIGKILL');
    this.signal(name, 'SIGKILL');
  }

  /** Both ends of the cable to the router lose the carrier. */
  pullLink(name: Balancer): void {
    this.#wire(name, 'down');
  }

  plugLink(name: Balancer): void {
    this.#wire(name, 'up');
  }

  async startWeb(name: Web): Promise<void> {
    const words = [process.execPath, '-e', pageServer, addressOf(name)];
    const { pid } = this.namespaces.start(name, this.path(`${name}.log`), words);
    this.#webs.set(name, pid);
    const ask = ['curl', '-sf', '-m', '2', `http://${addressOf(name)}:8080/`];
    await waitFor(`a page from ${name}`, startTimeoutMs, async () => {
      const page = await this.namespaces.runAsync(name, ...ask).catch(() => '');
      return page !== '';
    });
  }

  async stopWeb(name: Web): Promise<void> {
    await this.namespaces.stop(this.#webs.get(name) ?? 0, 'SIGKILL');
  }

  tool(name: Balancer, program: string, ...words: string[]): Promise<string> {
    const tool = [process.execPath, command(program), ...this.#place(name), ...words];
    return this.namespaces.runAsync(name, ...tool);
  }

  /** What the router says of its BFD session with a balancer. */
  bfd(name: Balancer): Promise<'up' | 'down' | null> {
    return this.#router.bfd(hopOf(name));
  }

  /** Waits until the daemon says that the address is in this state. */
  async announcedAs(name: Balancer, state: string): Promise<void> {
    await waitFor(`${vip} is in ${state} at ${name}`, startTimeoutMs, async () => {
      const text = await this.tool(name, 'keelson', 'status', '--json');
      const { announcements } = JSON.parse(text) as Status;
      return announcements.some((one) => one.address === vip && one.state === state);
    });
  }

  startClient(): void {
    const program = join(checkout, 'build', 'test', 'scenarios', 'ecmp-client.js');
    const words = [process.execPath, program, vip, '80', String(perSecond)];
    this.namespaces.start('client', this.path('attempts'), words);
  }

  /** Those that began since, and have ended. */
  attempts(fromMs: number, untilMs = Number.POSITIVE_INFINITY): readonly Attempt[] {
    if (!existsSync(this.path('attempts'))) return [];
    const text = readFileSync(this.path('attempts'), 'utf8');
    const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
    return lines
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Attempt)
      .filter(({ beganMs }) => beganMs >= fromMs && beganMs < untilMs);
  }

  dataplanePid(name: Balancer): number | null {
    try {
      const pid = Number(readFileSync(join(this.path(name), 'dataplane.pid'), 'utf8'));
      return isAlive(pid) ? pid : null;
    } catch {
      return null;
    }
  }

  /** The ends of the logs, for a story that failed. */
  logs(lines = 25): string {
    return ['lb1', 'lb2', 'router-bgpd']
      .filter((name) => existsSync(this.path(`${name}.log`)))
      .map((name) => {
        const text = readFileSync(this.path(`${name}.log`), 'utf8')
          .trimEnd()
          .split('\n');
        return [`--- ${name}`, ...text.slice(-lines)].join('\n');
      })
      .join('\n');
  }

  async remove(): Promise<void> {
    for (const name of balancers) {
      this.namespaces.adopt(this.dataplanePid(name) ?? 0);
      // One that is stopped hears no other signal.
      const pid = this.#daemons.get(name) ?? 0;
      if (isAlive(pid)) process.kill(pid, 'SIGCONT');
    }
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #place(name: Balancer): readonly string[] {
    return ['--runtime-dir', this.path(name)];
  }

  #wire(name: Balancer, state: 'up' | 'down'): void {
    for (const port of [`router-${name}`, `${name}-eth0`]) {
      this.namespaces.ip('net', 'link', 'set', port, state);
    }
  }

  #buildNetwork(): void {
    const { namespaces } = this;
    for (const name of ['net', 'client', 'router', ...balancers, 'web1', 'web2']) {
      namespaces.add(name);
    }
    for (const bridge of ['access', 'wire1', 'wire2', 'back']) namespaces.addBridge('net', bridge);
    namespaces.connect('client', 'eth0', 'net', 'access');
    namespaces.connect('router', 'eth0', 'net', 'access');
    namespaces.ip('client', 'address', 'add', '10.97.0.9/24', 'dev', 'eth0');
    namespaces.ip('router', 'address', 'add', '10.97.0.1/24', 'dev', 'eth0');
    namespaces.ip('client', 'route', 'add', 'default', 'via', '10.97.0.1');
    // The five-tuple decides: with the addresses alone one client has one balancer.
    const sysctls = ['ip_forward=1', 'fib_multipath_hash_policy=1', 'conf.all.rp_filter=0'];
    for (const sysctl of sysctls) namespaces.run('router', 'sysctl', '-qw', `net.ipv4.${sysctl}`);
    for (const name of balancers) {
      const number = numbers[name];
      namespaces.connect('router', name, 'net', `wire${number}`);
      namespaces.ip('router', 'address', 'add', `10.98.${number}.1/30`, 'dev', name);
      namespaces.connect(name, 'eth0', 'net', `wire${number}`);
      namespaces.connect(name, 'eth1', 'net', 'back');
    }
    for (const name of ['web1', 'web2'] as const) {
      namespaces.connect(name, 'eth0', 'net', 'back');
      namespaces.ip(name, 'address', 'add', `${addressOf(name)}/24`, 'dev', 'eth0');
    }
  }
}

/** The next hop that stands for it in the router. */
export function hopOf(name: Balancer): string {
  return `10.98.${numbers[name]}.2`;
}

/** What its servers see as the client. */
export function localAddressOf(name: Balancer): string {
  return `198.51.100.${numbers[name]}10`;
}

function addressOf(web: Web): string {
  return `198.51.100.${numbers[web]}`;
}

/** What a user would write; each balancer has a server of its own, to lose its quorum alone. */
function balancerConfig(name: Balancer): string {
  const number = numbers[name];
  return `global_defs {
    router_id ${name}
}
dataplane {
    workers 1
    poll adaptive
    hugepages off
    connections 65536
    packet_buffers 8192
    port dpdk0 {
        device net_af_packet,iface=eth0
    }
    port dpdk1 {
        device net_af_packet,iface=eth1
    }
    addresses {
        ${vip}/32 dev dpdk0
    }
    routes {
        10.98.${number}.0/30 dev dpdk0
        10.97.0.0/24 via 10.98.${number}.1 dev dpdk0
        198.51.100.0/24 dev dpdk1
    }
}
static_ipaddress {
    ${hopOf(name)}/30 dev dpdk0.kni
    198.51.100.${number}1/24 dev dpdk1.kni
}
local_address_group back {
    ${localAddressOf(name)} dpdk1
}
bfd_instance upstream {
    neighbor_ip 10.98.${number}.1
    source_ip ${hopOf(name)}
    min_rx ${bfdMs}
    min_tx ${bfdMs}
    multiplier 3
}
bgp_instance edge {
    local_as ${balancerAs}
    router_id ${hopOf(name)}
    allow {
        203.0.113.0/24 ge 32 le 32
    }
    neighbor 10.98.${number}.1 {
        remote_as ${routerAs}
        update_source ${hopOf(name)}
        bfd upstream
        connect_retry 1
    }
}
virtual_server ${vip} 80 {
    delay_loop 1
    lb_algo rr
    lb_kind FNAT
    protocol TCP
    laddr_group_name back
    announce {
        bgp edge {
        }
        hold_down ${holdDownSeconds}
        drain_time ${drainSeconds}
    }
    real_server ${addressOf(`web${number}`)} 8080 {
        weight 1
        TCP_CHECK {
            connect_timeout 1
            retry 1
            delay_before_retry 0.5
        }
    }
}
`;
}
