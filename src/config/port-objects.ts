// Where the virtual routes and rules of an instance with `dpdk_interface` go: routes that the data
// plane can have go there, all others and the rules go to the kernel, with the companion interface
// in the place of the port. docs/differences.md has the rule in words.
import { familyOf, type IpAddress } from '../net/address.js';
import { formatPrefix, networkOf, type Prefix } from '../net/prefix.js';
import type { KernelRoute, NextHop } from '../ports/kernel-objects.js';
import type { Report } from './diagnostic.js';
import type { RouteObject } from './kernel-route.js';
import type { RuleObject } from './kernel-rule.js';
import type { Found } from './settings.js';

/** An address that is on a port of the data plane. */
export type PortAddress = { readonly prefix: Prefix; readonly device: string };

export type PortRoute = {
  readonly destination: Prefix;
  /** null: directly connected. */
  readonly gateway: IpAddress | null;
  readonly device: string;
};

export type PlacedObjects = {
  readonly routes: readonly RouteObject[];
  readonly rules: readonly RuleObject[];
  readonly portRoutes: readonly PortRoute[];
};

export type Ports = {
  /** The instance's. */
  readonly port: string;
  /** Companion interfaces of all ports, by the port's name. */
  readonly companions: ReadonlyMap<string, string>;
};

const mainTable = 254;

export function placedObjects(
  written: {
    readonly routes: readonly Found<RouteObject>[];
    readonly rules: readonly Found<RuleObject>[];
  },
  ports: Ports,
  report: Report,
): PlacedObjects {
  const routes: RouteObject[] = [];
  const portRoutes = new Map<string, PortRoute>();
  for (const line of written.routes) {
    const placed = placedRoute(line, ports, report);
    if (placed === null) routes.push(onCompanion(line.value, ports));
    // Of two to one destination the first counts, as of those of the dataplane block.
    else if (!portRoutes.has(formatPrefix(placed.destination))) {
      portRoutes.set(formatPrefix(placed.destination), placed);
    }
  }
  const [firstRule] = written.rules;
  if (firstRule !== undefined) {
    const message =
      'virtual_rules go to the kernel and choose among its routes alone: ' +
      'the data plane forwards by destination';
    report.notice('config.not_acted_on', firstRule.position, message);
  }
  const rules = written.rules.map(({ value }) => ruleOnCompanion(value, ports));
  return { routes, rules, portRoutes: [...portRoutes.values()] };
}

/** null: it is the kernel's. */
function placedRoute(
  { value: { route }, position }: Found<RouteObject>,
  ports: Ports,
  report: Report,
): PortRoute | null {
  const [hop, ...more] = route.hops;
  const device = hop?.device ?? null;
  // Whoever names an interface of the kernel means the kernel.
  if (device !== null && device !== ports.port && !ports.companions.has(device)) return null;
  const obstacle = more.length > 0 ? 'several next hops' : obstacleOf(route, hop);
  const to = formatPrefix(route.destination);
  if (hop === undefined || obstacle !== null) {
    const message =
      `the data plane has no routes with ${obstacle ?? 'no next hop'}: ` +
      `the one to ${to} goes to the kernel and says nothing to forwarded packets`;
    report.notice('config.not_acted_on', position, message);
    return null;
  }
  const ignored = ignoredOf(route, hop);
  if (ignored.length > 0) {
    const message = `${ignored.join(', ')} of the route to ${to} mean nothing to the data plane`;
    report.notice('config.not_acted_on', position, message);
  }
  const destination = networkOf(route.destination);
  return { destination, gateway: hop.gateway, device: device ?? ports.port };
}

function obstacleOf(route: KernelRoute, hop: NextHop | undefined): string | null {
  if (route.type !== 'unicast') return `type ${route.type}`;
  if (route.table !== mainTable) return `table ${route.table}`;
  if (route.tos !== 0) return 'tos';
  if (hop?.encapsulation != null) return 'encap';
  const family = hop?.gateway == null ? route.family : familyOf(hop.gateway);
  return family === route.family ? null : 'a gateway of the other family';
}

/** What says something to a local stack alone, in the words of the file. */
function ignoredOf(route: KernelRoute, hop: NextHop): readonly string[] {
  const words: readonly [string, boolean][] = [
    ['metric', route.priority !== null],
    ['src', route.preferredSource !== null],
    ['expires', route.expiresSeconds !== null],
    ['pref', route.preference !== null],
    ['ttl-propagate', route.propagatesTtl !== null],
    ['congctl', route.congestionControl !== null],
    ['realms', hop.realms !== null],
    ...Object.keys(route.metrics).map((name): [string, boolean] => [name, true]),
  ];
  return words.flatMap(([word, isSaid]) => (isSaid ? [word] : []));
}

function onCompanion({ route, isTracked }: RouteObject, ports: Ports): RouteObject {
  const hops = route.hops.map((hop) => ({ ...hop, device: interfaceOf(hop.device, ports) }));
  return { route: { ...route, hops }, isTracked };
}

function ruleOnCompanion({ rule, isTracked }: RuleObject, ports: Ports): RuleObject {
  const inputDevice = interfaceOf(rule.inputDevice, ports);
  const outputDevice = interfaceOf(rule.outputDevice, ports);
  return { rule: { ...rule, inputDevice, outputDevice }, isTracked };
}

function interfaceOf(device: string | null, { companions }: Ports): string | null {
  return device === null ? null : (companions.get(device) ?? device);
}
