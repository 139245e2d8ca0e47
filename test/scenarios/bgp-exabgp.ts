// ExaBGP as a BGP neighbour: it keeps no table, so its JSON of what it received becomes one here.
// It has no BFD and starts no refresh.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../scripts/lab/namespaces.js';
import {
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

type Attributes = {
  readonly origin?: string;
  readonly 'as-path'?: readonly number[];
  readonly med?: number;
  readonly 'local-preference'?: number;
  readonly community?: readonly (readonly number[])[];
  readonly 'large-community'?: readonly (readonly number[])[];
  readonly 'extended-community'?: readonly { readonly string?: string }[];
};
type Nlri = { readonly nlri: string };
type Line = {
  readonly type: string;
  readonly neighbor?: {
    readonly address: { readonly peer: string };
    readonly state?: string;
    readonly message?: {
      readonly update?: {
        readonly attribute?: Attributes;
        readonly announce?: Record<string, Record<string, readonly Nlri[]>>;
        readonly withdraw?: Record<string, readonly Nlri[]>;
      };
    };
  };
};

export class ExaBgp implements BgpRouter {
  readonly name = 'ExaBGP';
  readonly #options: RouterOptions;
  readonly #folder: string;
  readonly #logFile: string;
  readonly #table = new Map<string, LearnedRoute>();
  readonly #up = new Set<string>();
  #readOctets = 0;
  #pid = 0;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#folder = join(options.folder, `exabgp-${options.node}`);
    this.#logFile = join(options.folder, `${options.node}-exabgp.log`);
  }

  async start(): Promise<void> {
    const { namespaces, node, routes } = this.#options;
    mkdirSync(this.#folder, { recursive: true });
    for (const name of ['told', 'commands']) writeFileSync(this.#file(name), '');
    this.#readOctets = 0;
    // What it tells goes to a file; what is appended to another is a command.
    const script = `exec 3<&0
cat <&3 >>${this.#file('told')} &
exec tail -n +1 -f ${this.#file('commands')}
`;
    writeFileSync(this.#file('pipe.sh'), script);
    writeFileSync(this.#file('conf'), this.#config());
    const settings = [
      ...['exabgp.daemon.user=root', 'exabgp.api.cli=false', 'exabgp.api.ack=false'],
      ...['exabgp.tcp.bind=0.0.0.0 ::', 'exabgp.log.destination=stdout'],
    ];
    const words = ['env', ...settings, 'exabgp', this.#file('conf')];
    this.#pid = namespaces.start(node, this.#logFile, words).pid;
    await waitFor(`ExaBGP of ${node} runs`, answerTimeoutMs, () => {
      return existsSync(this.#logFile) && /loaded new configuration/.test(this.#log());
    });
    for (const route of routes) await this.announce(route);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#options.namespaces.stop(this.#pid, signal);
  }

  async neighbor(address: string): Promise<NeighborFacts> {
    this.#read();
    return { isEstablished: this.#up.has(address), text: this.#log() };
  }

  async prefixes(family: Family): Promise<readonly string[]> {
    this.#read();
    return [...this.#table.keys()].filter((prefix) => familyOfPrefix(prefix) === family);
  }

  async route(prefix: string): Promise<LearnedRoute | null> {
    this.#read();
    return this.#table.get(prefix) ?? null;
  }

  async bfd(): Promise<null> {
    return null;
  }

  async announce({ prefix, nextHop, communities }: RouterRoute): Promise<void> {
    const marks = communities.length > 0 ? ` community [${communities.join(' ')}]` : '';
    this.#command(`announce route ${prefix} next-hop ${nextHop ?? 'self'}${marks}`);
  }

  async withdraw(prefix: string): Promise<void> {
    this.#command(`withdraw route ${prefix} next-hop self`);
  }

  async refresh(): Promise<void> {
    throw new Error('ExaBGP asks for no refresh');
  }

  /** It cannot say why, and connects again. */
  async shutDown(address: string): Promise<void> {
    this.#command(`neighbor ${address} teardown 2`);
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  #log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  #command(line: string): void {
    appendFileSync(this.#file('commands'), `${line}\n`);
  }

  /** What was told since. */
  #read(): void {
    const told = readFileSync(this.#file('told')).subarray(this.#readOctets);
    const end = told.lastIndexOf(10) + 1;
    this.#readOctets += end;
    for (const line of told.subarray(0, end).toString().split('\n')) {
      if (line !== '') this.#hear(JSON.parse(line) as Line);
    }
  }

  #hear({ neighbor }: Line): void {
    const address = neighbor?.address.peer ?? '';
    if (neighbor?.state === 'up') this.#up.add(address);
    if (neighbor?.state === 'down') {
      this.#up.delete(address);
      this.#table.clear();
    }
    const update = neighbor?.message?.update;
    for (const entries of Object.values(update?.withdraw ?? {})) {
      for (const { nlri } of entries) this.#table.delete(nlri);
    }
    for (const [kind, hops] of Object.entries(update?.announce ?? {})) {
      if (kind.endsWith('unicast')) this.#learn(update?.attribute ?? {}, hops);
    }
  }

  /** A global and a link-local next hop are two entries of one message. */
  #learn(attribute: Attributes, hops: Readonly<Record<string, readonly Nlri[]>>): void {
    const nextHops = new Map<string, string[]>();
    for (const [nextHop, entries] of Object.entries(hops)) {
      for (const { nlri } of entries) {
        nextHops.set(nlri, [...(nextHops.get(nlri) ?? []), nextHop]);
      }
    }
    for (const [nlri, all] of nextHops) this.#table.set(nlri, learned(attribute, all));
  }

  #config(): string {
    const { localAs, routerId, neighbors, node } = this.#options;
    return `process pipe-${node} {
  run /bin/sh ${this.#file('pipe.sh')};
  encoder json;
}
${neighbors.map((neighbor) => neighborBlock(neighbor, localAs, routerId, node)).join('\n')}`;
  }
}

function learned(attribute: Attributes, nextHops: readonly string[]): LearnedRoute {
  const joined = (values: readonly (readonly number[])[] | undefined): string =>
    (values ?? []).map((parts) => parts.join(':')).join(' ');
  return {
    nextHops,
    asPath: (attribute['as-path'] ?? []).join(' '),
    origin: attribute.origin ?? '',
    med: attribute.med ?? null,
    localPreference: attribute['local-preference'] ?? null,
    communities: joined(attribute.community),
    largeCommunities: joined(attribute['large-community']),
    extendedCommunities: JSON.stringify(attribute['extended-community'] ?? ''),
  };
}

function neighborBlock(
  neighbor: RouterNeighbor,
  localAs: number,
  routerId: string,
  node: string,
): string {
  const { hops, source } = neighbor;
  if (source === null) throw new Error('assertion: ExaBGP is told its address');
  const families = neighbor.families.map((family) => `${family} unicast;`);
  const lines = [
    `router-id ${routerId}`,
    `local-address ${source}`,
    `local-as ${localAs}`,
    `peer-as ${neighbor.remoteAs}`,
    'hold-time 9',
    neighbor.isPassive ? 'passive true' : '',
    neighbor.isPassive ? 'listen 179' : '',
    neighbor.password === null ? '' : `md5-password "${neighbor.password}"`,
    hops === 'gtsm' ? 'outgoing-ttl 255; incoming-ttl 255' : '',
    typeof hops === 'number' ? `outgoing-ttl ${hops}` : '',
  ];
  const words = lines.filter((line) => line !== '').map((line) => `  ${line};`);
  const { gracefulRestartS } = neighbor;
  const restart = gracefulRestartS === null ? '' : ` graceful-restart ${gracefulRestartS};`;
  const extended = neighbor.hasExtendedNextHop ? ' nexthop enable;' : '';
  const hopFamilies = neighbor.hasExtendedNextHop ? '  nexthop { ipv4 unicast ipv6; }\n' : '';
  return `neighbor ${neighbor.address} {
${words.join('\n')}
  family { ${families.join(' ')} }
  capability { route-refresh enable;${restart}${extended} }
${hopFamilies}  api {
    processes [ pipe-${node} ];
    neighbor-changes;
    receive { parsed; update; notification; }
  }
}
`;
}
