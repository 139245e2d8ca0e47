// BIRD 2 as a BGP router, asked through birdc.
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

export class BirdBgp implements BgpRouter {
  readonly name = 'BIRD';
  readonly #options: RouterOptions;
  readonly #folder: string;
  readonly #routes: Map<string, RouterRoute>;
  #pid = 0;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#folder = join(options.folder, `bird-${options.node}`);
    this.#routes = new Map(options.routes.map((route) => [route.prefix, route]));
  }

  async start(): Promise<void> {
    const { namespaces, node, folder } = this.#options;
    mkdirSync(this.#folder, { recursive: true });
    this.#writeConfig();
    const words = ['bird', '-f', '-c', this.#file('conf'), '-s', this.#file('ctl')];
    this.#pid = namespaces.start(node, join(folder, `${node}-bird.log`), words).pid;
    await waitFor(`BIRD of ${node} answers`, answerTimeoutMs, async () => {
      return (await answerOf(this.#ask('show status')))?.includes('Daemon is up') === true;
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#options.namespaces.stop(this.#pid, signal);
  }

  async neighbor(address: string): Promise<NeighborFacts> {
    const text = (await answerOf(this.#ask(`show protocols all ${this.#nameOf(address)}`))) ?? '';
    return { isEstablished: /BGP state: +Established/.test(text), text };
  }

  async prefixes(family: Family): Promise<readonly string[]> {
    const table = `master${family === 'ipv4' ? 4 : 6}`;
    const text = await answerOf(this.#ask(`show route table ${table} where source = RTS_BGP`));
    return [...(text ?? '').matchAll(/^([0-9a-f:.]+\/\d+)/gm)].map((match) => match[1] ?? '');
  }

  async route(prefix: string): Promise<LearnedRoute | null> {
    const text = await answerOf(this.#ask(`show route ${prefix} where source = RTS_BGP all`));
    if (text === null || !text.includes('BGP.origin')) return null;
    const value = (name: string) => new RegExp(`BGP\\.${name}: (.*)`).exec(text)?.[1] ?? '';
    const number = (name: string) => (value(name) === '' ? null : Number(value(name)));
    return {
      nextHops: value('next_hop').split(' '),
      asPath: value('as_path'),
      origin: value('origin'),
      med: number('med'),
      localPreference: number('local_pref'),
      communities: value('community'),
      largeCommunities: value('large_community'),
      extendedCommunities: value('ext_community'),
    };
  }

  async bfd(address: string): Promise<'up' | 'down' | null> {
    const text = (await answerOf(this.#ask('show bfd sessions'))) ?? '';
    const line = text.split('\n').find((entry) => entry.split(/\s+/)[0] === address);
    if (line === undefined) return null;
    return /\sUp\s/.test(line) ? 'up' : 'down';
  }

  async announce(route: RouterRoute): Promise<void> {
    this.#routes.set(route.prefix, route);
    await this.#reload();
  }

  async withdraw(prefix: string): Promise<void> {
    this.#routes.delete(prefix);
    await this.#reload();
  }

  async refresh(address: string): Promise<void> {
    await this.#ask(`reload in ${this.#nameOf(address)}`);
  }

  async shutDown(address: string, text: string): Promise<void> {
    await this.#ask(`disable ${this.#nameOf(address)} "${text}"`);
  }

  async #reload(): Promise<void> {
    this.#writeConfig();
    const answer = await this.#ask('configure');
    if (!/Reconfigur/.test(answer)) throw new Error(`BIRD does not take it: ${answer}`);
  }

  #ask(question: string): Promise<string> {
    const words = ['-s', this.#file('ctl'), ...question.split(' ')];
    return this.#options.namespaces.runAsync(this.#options.node, 'birdc', ...words);
  }

  #file(kind: string): string {
    return join(this.#folder, `bird.${kind}`);
  }

  #nameOf(address: string): string {
    return `peer${this.#options.neighbors.findIndex((entry) => entry.address === address)}`;
  }

  #writeConfig(): void {
    const { localAs, routerId, neighbors } = this.#options;
    const statics = (family: Family) =>
      [...this.#routes.values()]
        .filter(({ prefix }) => familyOfPrefix(prefix) === family)
        .map(staticRoute)
        .join('\n');
    const intervals = neighbors.flatMap(({ bfdMs }) => (bfdMs === null ? [] : [bfdMs]));
    const interval = `interval ${intervals[0] ?? 100} ms; multiplier 3;`;
    const text = `log stderr all;
router id ${routerId};
protocol device {}
protocol bfd { interface "*" { ${interval} }; multihop { ${interval} }; }
protocol static origin4 { ipv4;\n${statics('ipv4')}\n}
protocol static origin6 { ipv6;\n${statics('ipv6')}\n}
${neighbors.map((neighbor, index) => protocolOf(neighbor, index, localAs)).join('\n')}
`;
    writeFileSync(this.#file('conf'), text);
  }
}

function staticRoute({ prefix, communities }: RouterRoute): string {
  const pairs = communities.map((pair) => `bgp_community.add((${pair.replace(':', ',')}));`);
  return `  route ${prefix} blackhole { ${pairs.join(' ')} };`;
}

function protocolOf(neighbor: RouterNeighbor, index: number, localAs: number): string {
  const { address, hops, families } = neighbor;
  const link = neighbor.interface === null ? '' : `%'${neighbor.interface}'`;
  const source = neighbor.source === null ? '' : `${neighbor.source} `;
  const extended = neighbor.hasExtendedNextHop ? 'extended next hop on;' : '';
  const channels = families.map((family) => {
    const own = family === 'ipv4' ? extended : '';
    return `  ${family} { import all; export where source = RTS_STATIC; next hop self; ${own} };`;
  });
  const lines = [
    `local ${source}as ${localAs}`,
    `neighbor ${address}${link} as ${neighbor.remoteAs}`,
    'hold time 9',
    'keepalive time 3',
    'connect delay time 1',
    'connect retry time 1',
    'error wait time 1, 2',
    typeof hops === 'number' ? `multihop ${hops}` : 'direct',
    hops === 'gtsm' ? 'ttl security on' : '',
    neighbor.password === null ? '' : `password "${neighbor.password}"`,
    neighbor.isPassive ? 'passive on' : '',
    neighbor.bfdMs === null ? '' : 'bfd on',
    neighbor.gracefulRestartS === null
      ? ''
      : `graceful restart on; graceful restart time ${neighbor.gracefulRestartS}`,
  ];
  const words = lines.filter((line) => line !== '').map((line) => `  ${line};`);
  return `protocol bgp peer${index} {\n${[...words, ...channels].join('\n')}\n}`;
}
