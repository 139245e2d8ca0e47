// FRR as a BGP router: zebra, bfdd and bgpd with a folder of their own, asked through vtysh.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../scripts/lab/namespaces.js';
import {
  answerOf,
  answerTimeoutMs,
  type BgpRouter,
  type Family,
  familyOfPrefix,
  type LearnedRoute,
  type NeighborFacts,
  type RouterNeighbor,
  type RouterOptions,
  type RouterRoute,
} from './bgp-routers.js';

type Path = {
  readonly aspath?: { readonly string: string };
  readonly origin?: string;
  readonly metric?: number;
  readonly locPrf?: number;
  readonly community?: { readonly string: string };
  readonly largeCommunity?: { readonly string: string };
  readonly extendedCommunity?: { readonly string: string };
  readonly nexthops?: readonly { readonly ip: string }[];
  readonly bestpath?: { readonly overall?: boolean };
};

type NeighborCounters = {
  readonly connectionsEstablished?: number;
  readonly messageStats?: { readonly updatesRecv: number };
};

export class FrrBgp implements BgpRouter {
  readonly name = 'FRR';
  readonly #options: RouterOptions;
  readonly #folder: string;
  #pids: number[] = [];
  #routeMaps = 0;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#folder = join(options.folder, `frr-${options.node}`);
  }

  async start(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(join(this.#folder, 'vtysh.conf'), '');
    writeFileSync(join(this.#folder, 'frr.conf'), this.#config());
    // It gives up root's rights before it makes its sockets.
    execFileSync('chown', ['-R', 'frr:frr', this.#folder]);
    for (const program of ['zebra', 'bfdd', 'bgpd']) await this.#run(program);
    const loaded = await this.#vtysh('-f', join(this.#folder, 'frr.conf'));
    if (/^%|unknown command/im.test(loaded)) throw new Error(`FRR does not take it:\n${loaded}`);
    for (const route of this.#options.routes) await this.announce(route);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    for (const pid of this.#pids.reverse()) await this.#options.namespaces.stop(pid, signal);
    this.#pids = [];
  }

  async neighbor(address: string): Promise<NeighborFacts> {
    const text = (await answerOf(this.#ask(`show bgp neighbors ${address} json`))) ?? '{}';
    return { isEstablished: /"bgpState":"Established"/.test(text), text };
  }

  async prefixes(family: Family): Promise<readonly string[]> {
    const text = await answerOf(this.#ask(`show bgp ${family} unicast json`));
    const { routes = {} } = JSON.parse(text ?? '{}') as { routes?: Record<string, unknown> };
    return Object.keys(routes);
  }

  async route(prefix: string): Promise<LearnedRoute | null> {
    const [path] = await this.paths(prefix);
    return path ?? null;
  }

  /** One for each neighbour that announces it; the one in use comes first. */
  async paths(prefix: string): Promise<readonly LearnedRoute[]> {
    const question = `show bgp ${familyOfPrefix(prefix)} unicast ${prefix} json`;
    const text = await answerOf(this.#ask(question));
    const { paths = [] } = JSON.parse(text ?? '{}') as { paths?: readonly Path[] };
    const isBest = (path: Path): number => (path.bestpath?.overall === true ? 0 : 1);
    return paths.toSorted((one, other) => isBest(one) - isBest(other)).map(learnedRoute);
  }

  /** UPDATEs of a neighbour, and sessions with it, since this router began. */
  async counters(
    address: string,
  ): Promise<{ readonly updates: number; readonly sessions: number }> {
    const text = await answerOf(this.#ask(`show bgp neighbors ${address} json`));
    const all = JSON.parse(text ?? '{}') as Record<string, NeighborCounters>;
    const found = all[address];
    return {
      updates: found?.messageStats?.updatesRecv ?? 0,
      sessions: found?.connectionsEstablished ?? 0,
    };
  }

  /** The addresses of this interface of the host are announced. */
  async redistributeConnected(interfaceName: string): Promise<void> {
    await this.#configure('route-map LOCAL permit 10', `match interface ${interfaceName}`);
    for (const family of ['ipv4', 'ipv6']) {
      const what = 'redistribute connected route-map LOCAL';
      await this.#configure(...this.#inRouter(), `address-family ${family} unicast`, what);
    }
  }

  async bfd(address: string): Promise<'up' | 'down' | null> {
    const text = await answerOf(this.#ask('show bfd peers json'));
    const peers = JSON.parse(text ?? '[]') as readonly { peer: string; status: string }[];
    const status = peers.find(({ peer }) => peer === address)?.status;
    if (status === undefined) return null;
    return status === 'up' ? 'up' : 'down';
  }

  async announce({ prefix, communities }: RouterRoute): Promise<void> {
    const map = `OUT${++this.#routeMaps}`;
    const words = communities.length > 0 ? [`set community ${communities.join(' ')}`] : [];
    await this.#configure(`route-map ${map} permit 10`, ...words, 'exit', ...this.#inRouter());
    await this.#configure(
      ...this.#inRouter(),
      `address-family ${familyOfPrefix(prefix)} unicast`,
      `network ${prefix} route-map ${map}`,
    );
  }

  async withdraw(prefix: string): Promise<void> {
    const family = `address-family ${familyOfPrefix(prefix)} unicast`;
    await this.#configure(...this.#inRouter(), family, `no network ${prefix}`);
  }

  async refresh(address: string): Promise<void> {
    await this.#ask(`clear bgp ${address} soft in`);
  }

  /** Ends the session at once; it is made again. */
  async reset(address: string): Promise<void> {
    await this.#ask(`clear bgp ${address}`);
  }

  async shutDown(address: string, text: string): Promise<void> {
    await this.#configure(...this.#inRouter(), `neighbor ${address} shutdown message ${text}`);
  }

  async #run(program: string): Promise<void> {
    const { namespaces, node } = this.#options;
    const folder = this.#folder;
    const words = [
      ...[join('/usr/lib/frr', program), '-f', '/dev/null', '-i', join(folder, `${program}.pid`)],
      ...['-z', join(folder, 'zserv.api'), '--vty_socket', folder, '-A', '127.0.0.1', '-P', '0'],
      ...['--log', 'stdout'],
      ...(program === 'bfdd' ? ['--bfdctl', join(folder, 'bfdd.sock')] : []),
    ];
    const logFile = join(this.#options.folder, `${node}-${program}.log`);
    this.#pids.push(namespaces.start(node, logFile, words).pid);
    await waitFor(`${program} of ${node} answers`, answerTimeoutMs, async () => {
      return (await answerOf(this.#vtysh('-d', program, '-c', 'show version'))) !== null;
    });
  }

  #vtysh(...words: string[]): Promise<string> {
    const place = ['--vty_socket', this.#folder, '--config_dir', this.#folder];
    return this.#options.namespaces.runAsync(this.#options.node, 'vtysh', ...place, ...words);
  }

  #ask(question: string): Promise<string> {
    return this.#vtysh('-c', question);
  }

  async #configure(...lines: readonly string[]): Promise<void> {
    const words = ['configure terminal', ...lines].flatMap((line) => ['-c', line]);
    const answer = await this.#vtysh('-d', 'bgpd', ...words);
    if (answer.includes('%')) throw new Error(`FRR does not take ${lines.join('; ')}: ${answer}`);
  }

  #inRouter(): readonly string[] {
    return [`router bgp ${this.#options.localAs}`];
  }

  #config(): string {
    const { localAs, routerId, neighbors, pathsMax } = this.#options;
    const paths = pathsMax === undefined ? '' : `  maximum-paths ${pathsMax}\n`;
    const relax = pathsMax === undefined ? '' : ' bgp bestpath as-path multipath-relax\n';
    const active = (family: Family) =>
      neighbors
        .filter(({ families }) => families.includes(family))
        .map(({ address }) => `  neighbor ${address} activate`)
        .join('\n');
    return `frr defaults traditional
no zebra nexthop kernel enable
${neighbors.map(bfdProfile).join('')}router bgp ${localAs}
 bgp router-id ${routerId}
 bgp log-neighbor-changes
 no bgp default ipv4-unicast
 no bgp ebgp-requires-policy
 no bgp network import-check
${relax}${neighbors.map((neighbor) => neighborLines(neighbor, localAs)).join('\n')}
 address-family ipv4 unicast
${paths}${active('ipv4')}
 exit-address-family
 address-family ipv6 unicast
${paths}${active('ipv6')}
 exit-address-family
exit
`;
  }
}

function learnedRoute(path: Path): LearnedRoute {
  return {
    nextHops: (path.nexthops ?? []).map(({ ip }) => ip),
    asPath: path.aspath?.string ?? '',
    origin: path.origin ?? '',
    med: path.metric ?? null,
    localPreference: path.locPrf ?? null,
    communities: path.community?.string ?? '',
    largeCommunities: path.largeCommunity?.string ?? '',
    extendedCommunities: path.extendedCommunity?.string ?? '',
  };
}

function bfdProfile({ bfdMs }: RouterNeighbor, index: number): string {
  if (bfdMs === null) return '';
  return `bfd
 profile P${index}
  detect-multiplier 3
  receive-interval ${bfdMs}
  transmit-interval ${bfdMs}
 exit
exit
`;
}

function neighborLines(neighbor: RouterNeighbor, localAs: number, index = 0): string {
  const { address, hops, bfdMs } = neighbor;
  const words = [
    `remote-as ${neighbor.remoteAs}`,
    'timers 3 9',
    'timers connect 1',
    'advertisement-interval 0',
    neighbor.interface === null ? '' : `interface ${neighbor.interface}`,
    neighbor.source === null ? '' : `update-source ${neighbor.source}`,
    neighbor.password === null ? '' : `password ${neighbor.password}`,
    hops === 'gtsm' ? 'ttl-security hops 1' : '',
    typeof hops === 'number' && neighbor.remoteAs !== localAs ? `ebgp-multihop ${hops}` : '',
    neighbor.isPassive ? 'passive' : '',
    neighbor.hasExtendedNextHop ? 'capability extended-nexthop' : '',
    bfdMs === null ? '' : 'bfd',
    bfdMs === null ? '' : `bfd profile P${index}`,
    neighbor.gracefulRestartS === null ? '' : 'graceful-restart',
  ];
  const lines = words.filter((word) => word !== '').map((word) => ` neighbor ${address} ${word}`);
  const { gracefulRestartS } = neighbor;
  if (gracefulRestartS !== null)
    lines.push(` bgp graceful-restart restart-time ${gracefulRestartS}`);
  return lines.join('\n');
}
