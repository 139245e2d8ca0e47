// The interfaces in keepalived.data, with what the configuration says of each.
import type { Config } from '../../config/config.js';
import type { GarpRate } from '../../config/garp.js';
import type { VirtualLink } from '../../ports/kernel-objects.js';

export type DumpedInterface = {
  readonly name: string;
  readonly index: number;
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  readonly mac: string;
  readonly isUp: boolean;
  readonly mtuBytes: number;
};

type Wanted = Pick<Config, 'garpRates' | 'tracking' | 'vrrpInstances'>;

export function interfaceLines(
  one: DumpedInterface,
  all: readonly DumpedInterface[],
  config: Wanted,
): readonly string[] {
  const isLoopback = /^(00:)+00$/.test(one.mac);
  const lower = isLoopback ? ', no broadcast, loopback, no multicast' : '';
  const macs = [`   MAC = ${one.mac}`, '   MAC broadcast = ff:ff:ff:ff:ff:ff'];
  return [
    ` Name = ${one.name}`,
    `   index = ${one.index}`,
    `   IPv4 address = ${one.ipv4 ?? '(none)'}`,
    `   IPv6 address = ${one.ipv6 ?? '(none)'}`,
    ...(isLoopback ? [] : macs),
    `   State = ${stateText(one)}${lower}`,
    ...delayLines(one.name, config),
    ...linkLines(one.name, all, config),
    `   MTU = ${one.mtuBytes}`,
    `   HW Type = ${isLoopback ? 'LOOPBACK' : 'ETHERNET'}`,
    '   NIC netlink status update',
    ...rateLines(one.name, config),
    ...trackerLines(one.name, config),
  ];
}

function stateText({ isUp }: DumpedInterface): string {
  return isUp ? 'UP, RUNNING' : 'not UP, not RUNNING';
}

function delayLines(name: string, { tracking }: Wanted): string[] {
  const delays = tracking.linkDelays.find((one) => one.interface === name);
  return [
    `   Up debounce timer = ${(delays?.upMs ?? 0) * 1000}us`,
    `   Down debounce timer = ${(delays?.downMs ?? 0) * 1000}us`,
  ];
}

/** Of an interface of our own. */
function linkLines(
  name: string,
  all: readonly DumpedInterface[],
  { vrrpInstances }: Wanted,
): string[] {
  const link = vrrpInstances
    .flatMap(({ objects }) => objects.links)
    .find((candidate) => candidate.name === name);
  const parent = all.find((one) => one.name === link?.parent);
  if (link === undefined || parent === undefined) return [];
  return [
    `   ${kindText(link)}, underlying interface = ${parent.name}, state = ${stateText(parent)}`,
    '   I/f created by keepalived',
  ];
}

function kindText({ kind }: VirtualLink): string {
  return kind.type === 'macvlan' ? 'VMAC type private' : `IPVLAN type ${kind.mode}`;
}

function rateLines(name: string, { garpRates }: Wanted): string[] {
  const index = garpRates.groups.findIndex(({ interfaces }) => interfaces.includes(name));
  const rate: GarpRate | undefined = garpRates.groups[index];
  if (rate === undefined) return [];
  return [
    ...interval('Gratuitous ARP', rate.arpIntervalMs),
    ...interval('Gratuitous NA', rate.advertisementIntervalMs),
    ...(index === 0 ? [] : [`   Gratuitous ARP aggregation group ${index}`]),
  ];
}

function interval(title: string, intervalMs: number): string[] {
  return intervalMs === 0 ? [] : [`   ${title} interval ${intervalMs}ms`];
}

/** An instance needs its own interface, and those that it tracks. */
function trackerLines(name: string, { vrrpInstances }: Wanted): string[] {
  const lines = vrrpInstances.flatMap((instance) => {
    const { tracking, tracksInterface } = instance;
    const thing = tracking.find((one) => one.kind === 'interface' && one.name === name);
    if (thing !== undefined) return [`     ${instance.name}, weight ${thing.weight}`];
    const own = [instance.interface, ...instance.objects.links.map((link) => link.name)];
    const isOwn = own.includes(name) && tracksInterface;
    return isOwn ? [`     ${instance.name}, weight 0`] : [];
  });
  return lines.length === 0 ? [] : ['   Tracking VRRP instances :', ...lines];
}
