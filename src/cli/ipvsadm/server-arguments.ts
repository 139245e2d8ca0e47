// Which real server or local address an ipvsadm command is about, and what it says of it.
import { err, ok } from 'neverthrow';
import type { LocalAddressUse, Server, ServiceKey } from '../../dataplane/state.js';
import type { Endpoint } from '../../net/address.js';
import {
  countMax,
  type ForwardingMethod,
  plainTunnel,
  serverDefaults,
  type Tunnel,
  tunnelTypes,
  weightMax,
} from '../../net/service.js';
import { addressOf, parseEndpoint, serviceKeyOf } from './service-arguments.js';
import { type Flag, type Given, type Parsed, usage, type Value, wholeNumber } from './words.js';

const methodFlags = {
  fullnat: 'FNAT',
  masquerading: 'NAT',
  gatewaying: 'DR',
  ipip: 'TUN',
  snat: 'SNAT',
} as const satisfies Partial<Record<Flag, ForwardingMethod>>;

/** Without one of them the kernel's tool adds a server by direct routing. */
const methodDefault: ForwardingMethod = 'DR';

export function hasMethod(given: Given): boolean {
  return given.which(Object.keys(methodFlags) as (keyof typeof methodFlags)[]).length > 0;
}

export function serverOf(given: Given): Parsed<Server> {
  const service = serviceKeyOf(given);
  if (service.isErr()) return err(service.error);
  const text = given.value('real-server');
  if (text === undefined) return usage('give the real server: -r ADDRESS:PORT');
  const method = methodOf(given);
  if (method.isErr()) return err(method.error);
  const endpoint = endpointOf(text, service.value, method.value);
  if (endpoint.isErr()) return err(endpoint.error);
  const tunnel = tunnelOf(given, method.value);
  if (tunnel.isErr()) return err(tunnel.error);
  const weight = count(given, 'weight', serverDefaults.weight, weightMax);
  if (weight.isErr()) return err(weight.error);
  const upper = count(given, 'u-threshold', serverDefaults.upperThreshold, countMax);
  if (upper.isErr()) return err(upper.error);
  const lower = count(given, 'l-threshold', serverDefaults.lowerThreshold, countMax);
  if (lower.isErr()) return err(lower.error);
  return ok({
    service: service.value,
    endpoint: endpoint.value,
    owner: 'operator',
    method: method.value,
    tunnel: tunnel.value,
    weight: weight.value,
    upperThreshold: upper.value,
    lowerThreshold: lower.value,
  });
}

function methodOf(given: Given): Parsed<ForwardingMethod> {
  const flags = given.which(Object.keys(methodFlags) as (keyof typeof methodFlags)[]);
  const [flag, other] = flags;
  if (other !== undefined) return usage('give one of -b, -m, -g, -i and -J');
  return ok(flag === undefined ? methodDefault : methodFlags[flag]);
}

/** Without a port it is that of the service; DR and TUN keep it anyway, SNAT has none. */
function endpointOf(text: string, service: ServiceKey, method: ForwardingMethod): Parsed<Endpoint> {
  const servicePort = 'match' in service ? 0 : service.port;
  const keepsPort = method === 'DR' || method === 'TUN' || 'match' in service;
  const hasPort = /^[^:[]*:[^:]*$|\]:/.test(text);
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  const endpoint = hasPort
    ? parseEndpoint(text)
    : addressOf(bare).map((address) => ({ address, port: servicePort }));
  return endpoint.map((found) => (keepsPort ? { ...found, port: servicePort } : found));
}

const tunnelFlags = ['tun-csum', 'tun-nocsum'] as const;

function tunnelOf(given: Given, method: ForwardingMethod): Parsed<Tunnel | null> {
  const typeText = given.value('tun-type');
  const portText = given.value('tun-port');
  const flags = given.which(tunnelFlags);
  if (method !== 'TUN') {
    const isSaid = typeText !== undefined || portText !== undefined || flags.length > 0;
    return isSaid ? usage('the options --tun-... are for tunnels: -i') : ok(null);
  }
  const type = tunnelTypes.find((one) => one === (typeText ?? plainTunnel.type));
  if (type === undefined) {
    return usage(`--tun-type is one of ${tunnelTypes.join(', ')}, not "${typeText}"`);
  }
  if (type === 'gue' && portText === undefined) return usage('a gue tunnel needs --tun-port');
  if (type !== 'gue' && portText !== undefined) return usage('--tun-port is for --tun-type gue');
  const port = portText === undefined ? 0 : wholeNumber(portText, 1, 65_535);
  if (port === null) return usage(`"${portText}" is not a port between 1 and 65535`);
  if (flags.length > 1) return usage('give --tun-csum or --tun-nocsum, not both');
  const hasChecksum = flags[0] === 'tun-csum';
  if (hasChecksum && type === 'ipip') return usage('an ipip tunnel has no checksum');
  return ok({ type, port, hasChecksum });
}

const countNames = {
  weight: 'a weight',
  'u-threshold': 'an upper threshold',
  'l-threshold': 'a lower threshold',
} as const satisfies Partial<Record<Value, string>>;

function count(
  given: Given,
  name: keyof typeof countNames,
  absent: number,
  max: number,
): Parsed<number> {
  const text = given.value(name);
  if (text === undefined) return ok(absent);
  const value = wholeNumber(text, 0, max);
  if (value !== null) return ok(value);
  return usage(`"${text}" is not ${countNames[name]} between 0 and ${max}`);
}

export function localAddressOf(given: Given): Parsed<LocalAddressUse> {
  const service = serviceKeyOf(given);
  if (service.isErr()) return err(service.error);
  const text = given.value('laddr');
  const device = given.value('ifname');
  if (text === undefined) return usage('give the local address: -z ADDRESS');
  if (device === undefined) return usage('give the port of the local address: -F PORT');
  return addressOf(text).map((address) => ({
    service: service.value,
    address,
    device,
    owner: 'operator',
    isLeased: false,
  }));
}
