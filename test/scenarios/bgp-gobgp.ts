// GoBGP as a BGP router, asked through gobgp. It has no BFD.
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

/** RFC 4271 and its extensions, by type. */
const types = { origin: 1, asPath: 2, nextHop: 3, med: 4, localPreference: 5 } as const;
const communityTypes = { standard: 8, reach: 14, extended: 16, large: 32 } as const;

type Attribute = {
  readonly type: number;
  readonly value?: unknown;
  readonly metric?: number;
  readonly nexthop?: string;
  readonly as_paths?: readonly { readonly asns: readonly number[] }[];
  readonly communities?: readonly number[];
};
type GoBgpPath = { readonly attrs: readonly Attribute[]; readonly 'source-id'?: string };

export class GoBgp implements BgpRouter {
  readonly name = 'GoBGP';
  readonly #options: RouterOptions;
  readonly #folder: string;
  #pid = 0;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#folder = join(options.folder, `gobgp-${options.node}`);
  }

  async start(): Promise<void> {
    const { namespaces, node, folder, routes } = this.#options;
    mkdirSync(this.#folder, { recursive: true });
    const file = join(this.#folder, 'gobgpd.toml');
    writeFileSync(file, this.#config());
    const words = ['gobgpd', '-f', file, '--api-hosts=127.0.0.1:50051', '--pprof-disable'];
    this.#pid = namespaces.start(node, join(folder, `${node}-gobgpd.log`), words).pid;
    await waitFor(`GoBGP of ${node} answers`, answerTimeoutMs, async () => {
      return (await answerOf(this.#ask('neighbor')))?.includes('Peer') === true;
    });
    for (const route of routes) await this.announce(route);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#options.namespaces.stop(this.#pid, signal);
  }

  async neighbor(address: string): Promise<NeighborFacts> {
    const text = (await answerOf(this.#ask(`neighbor ${address}`))) ?? '';
    return { isEstablished: /BGP state = ESTABLISHED/i.test(text), text };
  }

  async prefixes(family: Family): Promise<readonly string[]> {
    const text = await answerOf(this.#ask(`global rib -a ${family} -j`));
    return Object.keys(tableOf(text));
  }

  async route(prefix: string): Promise<LearnedRoute | null> {
    const family = familyOfPrefix(prefix);
    const text = await answerOf(this.#ask(`global rib -a ${family} ${prefix} -j`));
    const [path] = tableOf(text)[prefix] ?? [];
    if (path === undefined) return null;
    const attribute = (type: number) => path.attrs.find((entry) => entry.type === type);
    const reach = attribute(communityTypes.reach)?.nexthop;
    const nextHop = attribute(types.nextHop)?.nexthop ?? reach ?? '';
    const paths = attribute(types.asPath)?.as_paths ?? [];
    return {
      nextHops: [nextHop],
      asPath: paths.flatMap(({ asns }) => asns).join(' '),
      origin: String(attribute(types.origin)?.value ?? ''),
      med: attribute(types.med)?.metric ?? null,
      localPreference: numberOf(attribute(types.localPreference)?.value),
      communities: (attribute(communityTypes.standard)?.communities ?? [])
        .map((value) => `${value >>> 16}:${value & 0xffff}`)
        .join(' '),
      largeCommunities: JSON.stringify(attribute(communityTypes.large)?.value ?? ''),
      extendedCommunities: JSON.stringify(attribute(communityTypes.extended)?.value ?? ''),
    };
  }

  async bfd(): Promise<null> {
    return null;
  }

  async announce({ prefix, nextHop, communities }: RouterRoute): Promise<void> {
    const via = nextHop === null ? '' : ` nexthop ${nextHop}`;
    const marks = communities.length > 0 ? ` community ${communities.join(',')}` : '';
    await this.#ask(`global rib add ${prefix}${via}${marks} -a ${familyOfPrefix(prefix)}`);
  }

  async withdraw(prefix: string): Promise<void> {
    await this.#ask(`global rib del ${prefix} -a ${familyOfPrefix(prefix)}`);
  }

  async refresh(): Promise<void> {
    throw new Error('GoBGP keeps what it received, and asks for no refresh');
  }

  async shutDown(address: string, text: string): Promise<void> {
    await this.#run('neighbor', address, 'shutdown', '--reason', text);
  }

  #ask(question: string): Promise<string> {
    return this.#run(...question.split(' '));
  }

  #run(...words: readonly string[]): Promise<string> {
    return this.#options.namespaces.runAsync(this.#options.node, 'gobgp', ...words);
  }

  #config(): string {
    const { localAs, routerId, neighbors } = this.#options;
    return `[global.config]
  as = ${localAs}
  router-id = "${routerId}"
${neighbors.map(neighborTable).join('\n')}`;
  }
}

function tableOf(text: string | null): Readonly<Record<string, readonly GoBgpPath[]>> {
  if (text === null || !text.trim().startsWith('{')) return {};
  return JSON.parse(text) as Record<string, readonly GoBgpPath[]>;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function neighborTable(neighbor: RouterNeighbor): string {
  const { address, hops, families } = neighbor;
  const link = neighbor.interface === null ? '' : `%${neighbor.interface}`;
  const transport = [
    neighbor.isPassive ? '    passive-mode = true' : '',
    neighbor.source === null ? '' : `    local-address = "${neighbor.source}"`,
  ];
  const password = neighbor.password === null ? '' : `    auth-password = "${neighbor.password}"`;
  const security = `  [neighbors.ttl-security.config]
    enabled = true
    ttl-min = 255`;
  const multihop = `  [neighbors.ebgp-multihop.config]
    enabled = true
    multihop-ttl = ${hops}`;
  const restart = `  [neighbors.graceful-restart.config]
    enabled = true
    restart-time = ${neighbor.gracefulRestartS}`;
  const parts = [
    `[[neighbors]]
  [neighbors.config]
    neighbor-address = "${address}${link}"
    peer-as = ${neighbor.remoteAs}`,
    password,
    `  [neighbors.timers.config]
    connect-retry = 1
    hold-time = 9
    keepalive-interval = 3
    idle-hold-time-after-reset = 1
  [neighbors.transport.config]`,
    ...transport,
    hops === 'gtsm' ? security : '',
    typeof hops === 'number' ? multihop : '',
    neighbor.gracefulRestartS === null ? '' : restart,
    ...families.map((family) => afiSafi(family, neighbor.gracefulRestartS !== null)),
  ];
  return `${parts.filter((part) => part !== '').join('\n')}\n`;
}

function afiSafi(family: Family, hasRestart: boolean): string {
  const restart = `
    [neighbors.afi-safis.mp-graceful-restart.config]
      enabled = true`;
  return `  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "${family}-unicast"${hasRestart ? restart : ''}`;
}
