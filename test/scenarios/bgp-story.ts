// What stories of our speaker with real routers share: the lab with our node in it, waiting for
// what a router learns, and what tshark thinks of the wire.
import { join } from 'node:path';
import type { Test } from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { BgpLab } from './bgp-lab.js';
import { BgpNode, localAs } from './bgp-node.js';
import {
  type BgpRouter,
  type LearnedRoute,
  type RouterNeighbor,
  type RouterOptions,
  type RouterRoute,
  routerNeighbor,
} from './bgp-routers.js';

export const skip = process.getuid?.() === 0 ? false : 'needs root for network namespaces';
export const timeoutMs = 60_000;
export const vip4 = '203.0.113.10/32';
export const vip6 = '2001:db8:f::10/128';
export const password = 'lab-key';

export type Lab = { readonly lab: BgpLab; readonly ours: BgpNode; readonly capture: string };

export async function labOf(t: Test, nodes: readonly string[]): Promise<Lab> {
  const lab = new BgpLab(['ours', ...nodes]);
  const ours = new BgpNode(lab, 'ours');
  t.teardown(async () => {
    if (!t.passing()) t.comment(`${ours.log.join('\n')}\n${lab.logs()}`);
    await ours.end();
    await lab.remove();
  });
  const capture = join(lab.folder, 'bgp.pcap');
  const log = join(lab.folder, 'tcpdump.log');
  const words = ['tcpdump', '-i', 'eth0', '-U', '-s0', '-w', capture, 'tcp', 'port', '179'];
  lab.namespaces.start('ours', log, words);
  await waitFor('tcpdump listens', timeoutMs, () => lab.logs().includes('listening on'));
  return { lab, ours, capture };
}

export function optionsOf(
  { lab }: Lab,
  node: string,
  as: number,
  over: Partial<RouterNeighbor>,
  routes: readonly RouterRoute[] = [],
): RouterOptions {
  const source = lab.ipv4(node);
  const neighbor = routerNeighbor(lab.ipv4('ours'), localAs, { source, ...over });
  const { namespaces, folder } = lab;
  return { namespaces, folder, node, localAs: as, routerId: source, neighbors: [neighbor], routes };
}

export async function learns(
  router: BgpRouter,
  prefix: string,
  holds: (route: LearnedRoute) => boolean = () => true,
): Promise<LearnedRoute> {
  let found: LearnedRoute | null = null;
  await waitFor(`${router.name} learns ${prefix}`, timeoutMs, async () => {
    found = await router.route(prefix);
    return found !== null && holds(found);
  });
  if (found === null) throw new Error('assertion: it has been learned');
  return found;
}

export async function forgets(router: BgpRouter, prefix: string): Promise<void> {
  await waitFor(`${router.name} forgets ${prefix}`, timeoutMs, async () => {
    return (await router.route(prefix)) === null;
  });
}

/** No malformed message, and no error of tshark's own, in what was captured. */
export function complaints({ lab, capture }: Lab): string {
  const filter = 'bgp && (_ws.malformed || _ws.expert.severity >= 0x00800000)';
  return lab.namespaces.run('ours', 'tshark', '-r', capture, '-Y', filter).trim();
}

export async function hears(lab: BgpLab, what: string): Promise<void> {
  await waitFor(`a router logs "${what}"`, timeoutMs, () => lab.logs(200).includes(what));
}
