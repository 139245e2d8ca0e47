// Our speaker as a node of the lab: starts bgp-child.ts in its namespace and asks it.
import { join } from 'node:path';
import { checkout } from '../../scripts/lab/checkout.js';
import { waitFor } from '../../scripts/lab/namespaces.js';
import type { BgpInstance, BgpNeighbor } from '../../src/config/bgp.js';
import { ipAddress } from '../../src/net/address.js';
import type { AnnouncedRoute } from '../../src/routing/announced-route.js';
import type { BgpPeerFact } from '../../src/routing/bgp/peer-fact.js';
import type { BgpFact } from '../../src/routing/bgp/speaker.js';
import { JsonChild } from '../host/child-process.js';
import { allowHosts, prefixOf, router } from '../routing/bgp/neighbor.js';
import type { BgpCosts, BgpRequest } from './bgp-child.js';
import type { BgpLab } from './bgp-lab.js';

export const localAs = 65_001;
const program = join(checkout, 'build', 'test', 'scenarios', 'bgp-child.js');
const timeoutMs = 30_000;

/** What the lab's stories vary. */
export function ourNeighbor(address: string, over: Partial<BgpNeighbor> = {}): BgpNeighbor {
  return {
    ...router,
    address: ipAddress(address),
    remoteAs: 'external',
    connectRetryMs: 1000,
    prefixesOutMax: 20_000,
    allowed: allowHosts('203.0.113.0/24', '10.0.0.0/8', '2001:db8:f::/48'),
    ...over,
  };
}

export function ourRoute(text: string, over: Partial<AnnouncedRoute> = {}): AnnouncedRoute {
  return { prefix: prefixOf(text), attributes: {}, isShuttingDown: false, ...over };
}

export class BgpNode {
  readonly log: string[] = [];
  readonly #child: JsonChild<BgpRequest>;
  readonly #lab: BgpLab;
  readonly #node: string;

  constructor(lab: BgpLab, node: string) {
    this.#lab = lab;
    this.#node = node;
    this.#child = new JsonChild(lab.namespaces.fullName(node), program, (event) => {
      this.log.push((event as unknown as { line: string }).line);
    });
  }

  instance(neighbors: readonly BgpNeighbor[], over: Partial<BgpInstance> = {}): BgpInstance {
    return {
      name: 'LAB',
      localAs,
      routerId: ipAddress(this.#lab.ipv4(this.#node)),
      listen: 'any',
      neighbors,
      gracefulShutdownMs: 0,
      logsNeighborChanges: true,
      ...over,
    };
  }

  async start(instance: BgpInstance, linkLocal: string | null = null): Promise<void> {
    const beside = linkLocal === null ? null : ipAddress(linkLocal);
    await this.#child.ask({ call: 'start', instance, linkLocal: beside, isRestarting: false });
  }

  async announce(routes: readonly AnnouncedRoute[]): Promise<void> {
    await this.#child.ask({ call: 'announce', routes });
  }

  async reconfigure(instance: BgpInstance): Promise<void> {
    await this.#child.ask({ call: 'reconfigure', instance });
  }

  async peer(address: string): Promise<BgpPeerFact> {
    const fact = (await this.#child.ask({ call: 'facts' })) as BgpFact;
    const peer = fact.neighbors.find((entry) => entry.address === address);
    if (peer === undefined) throw new Error(`no neighbour ${address}`);
    return peer;
  }

  async until(
    address: string,
    what: string,
    holds: (fact: BgpPeerFact) => boolean,
  ): Promise<BgpPeerFact> {
    await waitFor(`${address} ${what}`, timeoutMs, async () => holds(await this.peer(address)));
    return this.peer(address);
  }

  established(address: string): Promise<BgpPeerFact> {
    return this.until(address, 'is established', ({ state }) => state === 'established');
  }

  async costs(): Promise<BgpCosts> {
    return (await this.#child.ask({ call: 'costs' })) as BgpCosts;
  }

  async stop(text: string): Promise<void> {
    await this.#child.ask({ call: 'stop', text });
  }

  end(): Promise<void> {
    return this.#child.end();
  }
}
