// ipvsadm's command line: the words of the Linux Virtual Server's tool and of DPVS's, as far as
// they mean something here.
import { parseArgs } from 'node:util';
import { type Err, err, ok, type Result } from 'neverthrow';
import type { PlaceOptions } from '../../dataplane/paths.js';
import type { Change, Service, ServiceKey } from '../../dataplane/state.js';
import { type Endpoint, type IpAddress, parseIpAddress } from '../../net/address.js';
import { schedulers, serverDefaults, serviceDefaults } from '../../net/service.js';

export type Listing = {
  /** null: every service. */
  readonly service: ServiceKey | null;
  readonly isTraffic: boolean;
  readonly isExact: boolean;
};

export type Command =
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | { readonly type: 'list'; readonly place: PlaceOptions; readonly listing: Listing }
  | { readonly type: 'change'; readonly place: PlaceOptions; readonly change: Change };

export type UsageError = { readonly type: 'ipvsadm.usage'; readonly reason: string };

const flags = {
  list: { type: 'boolean', short: 'L' },
  'list-lower': { type: 'boolean', short: 'l' },
  'add-service': { type: 'boolean', short: 'A' },
  'edit-service': { type: 'boolean', short: 'E' },
  'delete-service': { type: 'boolean', short: 'D' },
  'add-server': { type: 'boolean', short: 'a' },
  'edit-server': { type: 'boolean', short: 'e' },
  'delete-server': { type: 'boolean', short: 'd' },
  'add-laddr': { type: 'boolean', short: 'P' },
  'del-laddr': { type: 'boolean', short: 'Q' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  numeric: { type: 'boolean', short: 'n' },
  stats: { type: 'boolean' },
  exact: { type: 'boolean' },
  fullnat: { type: 'boolean', short: 'b' },
} as const;

const values = {
  'tcp-service': { type: 'string', short: 't' },
  'udp-service': { type: 'string', short: 'u' },
  scheduler: { type: 'string', short: 's' },
  'real-server': { type: 'string', short: 'r' },
  weight: { type: 'string', short: 'w' },
  laddr: { type: 'string', short: 'z' },
  ifname: { type: 'string', short: 'F' },
  'runtime-dir': { type: 'string' },
  instance: { type: 'string' },
} as const;

type Flag = keyof typeof flags;
type Value = keyof typeof values;
type Given = {
  readonly flags: ReadonlySet<Flag>;
  readonly values: ReadonlyMap<Value, string>;
};

const changeFlags = [
  'add-service',
  'edit-service',
  'delete-service',
  'add-server',
  'edit-server',
  'delete-server',
  'add-laddr',
  'del-laddr',
] as const satisfies readonly Flag[];
const commandFlags = ['list', 'list-lower', 'help', 'version', ...changeFlags] as const;

export function parseArguments(argv: readonly string[]): Result<Command, UsageError> {
  const given = readOptions(argv);
  if (given.isErr()) return err(given.error);
  const commands = commandFlags.filter((flag) => given.value.flags.has(flag));
  if (commands.length > 1) return usage('give one command, not several');
  const [command = 'list'] = commands;
  const place: PlaceOptions = {
    runtimeDirectory: given.value.values.get('runtime-dir'),
    instance: given.value.values.get('instance'),
  };
  if (command === 'help' || command === 'version') return ok({ type: command });
  if (command === 'list' || command === 'list-lower') {
    return listingOf(given.value).map((listing) => ({ type: 'list', place, listing }));
  }
  return changeOf(command, given.value).map((change) => ({ type: 'change', place, change }));
}

function readOptions(argv: readonly string[]): Result<Given, UsageError> {
  const options = { ...flags, ...values };
  // Not strict: the complaints are ours, and nothing is thrown.
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  const flagsGiven = new Set<Flag>();
  const valuesGiven = new Map<Value, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') return usage(`unexpected argument "${token.value}"`);
    if (token.kind === 'option-terminator') continue;
    const { name, rawName, value } = token;
    if (isFlag(name)) {
      flagsGiven.add(name);
    } else if (isValue(name)) {
      if (value === undefined || value.startsWith('-')) return usage(`${rawName} needs a value`);
      if (valuesGiven.has(name)) return usage(`${rawName} is given twice`);
      valuesGiven.set(name, value);
    } else if (name === 'rate') {
      return usage('--rate is not supported, it would take two samples: use --stats');
    } else {
      return usage(`${rawName} is not supported`);
    }
  }
  return ok({ flags: flagsGiven, values: valuesGiven });
}

function listingOf(given: Given): Result<Listing, UsageError> {
  const isTraffic = given.flags.has('stats');
  const isExact = given.flags.has('exact');
  const hasService = given.values.has('tcp-service') || given.values.has('udp-service');
  if (!hasService) return ok({ service: null, isTraffic, isExact });
  return serviceKeyOf(given).map((service) => ({ service, isTraffic, isExact }));
}

function changeOf(command: (typeof changeFlags)[number], given: Given): Result<Change, UsageError> {
  const service = serviceKeyOf(given);
  if (service.isErr()) return err(service.error);
  switch (command) {
    case 'add-service':
      return withScheduler('add_service', service.value, given);
    case 'edit-service':
      return withScheduler('alter_service', service.value, given);
    case 'delete-service':
      // What identifies the service counts; how it schedules does not.
      return ok({
        verb: 'remove_service',
        service: { key: service.value, owner: 'operator', ...serviceDefaults },
      });
    case 'add-server':
      if (!given.flags.has('fullnat')) return usage('give -b: FullNat is what is supported');
      return withServer('add_server', service.value, given);
    case 'edit-server':
      return withServer('alter_server', service.value, given);
    case 'delete-server':
      return withServer('remove_server', service.value, given);
    case 'add-laddr':
      return withLocalAddress('add_local_address', service.value, given);
    case 'del-laddr':
      return withLocalAddress('remove_local_address', service.value, given);
  }
}

function withScheduler(
  verb: 'add_service' | 'alter_service',
  key: ServiceKey,
  given: Given,
): Result<Change, UsageError> {
  const wanted = given.values.get('scheduler') ?? 'wlc';
  const scheduler = schedulers.find((name) => name === wanted);
  if (scheduler === undefined)
    return usage(`no scheduler ${wanted}: there are ${schedulers.join(', ')}`);
  const service: Service = { key, owner: 'operator', ...serviceDefaults, scheduler };
  return ok({ verb, service });
}

function withServer(
  verb: 'add_server' | 'alter_server' | 'remove_server',
  service: ServiceKey,
  given: Given,
): Result<Change, UsageError> {
  const text = given.values.get('real-server');
  if (text === undefined) return usage('give the real server: -r ADDRESS:PORT');
  const endpoint = parseEndpoint(text);
  if (endpoint.isErr()) return err(endpoint.error);
  const weightText = given.values.get('weight') ?? '1';
  const weight = wholeNumber(weightText, 65_535);
  if (weight === null) return usage(`"${weightText}" is not a weight between 0 and 65535`);
  return ok({
    verb,
    server: {
      service,
      endpoint: endpoint.value,
      owner: 'operator',
      ...serverDefaults,
      method: 'FNAT',
      weight,
    },
  });
}

function withLocalAddress(
  verb: 'add_local_address' | 'remove_local_address',
  service: ServiceKey,
  given: Given,
): Result<Change, UsageError> {
  const text = given.values.get('laddr');
  const device = given.values.get('ifname');
  if (text === undefined) return usage('give the local address: -z ADDRESS');
  if (device === undefined) return usage('give the port of the local address: -F PORT');
  const address = addressOf(text);
  if (address.isErr()) return err(address.error);
  return ok({
    verb,
    localAddress: { service, address: address.value, device, owner: 'operator' },
  });
}

function serviceKeyOf({ values: given }: Given): Result<ServiceKey, UsageError> {
  const tcp = given.get('tcp-service');
  const udp = given.get('udp-service');
  const text = tcp ?? udp;
  if (text === undefined) return usage('name the service: -t ADDRESS:PORT or -u ADDRESS:PORT');
  if (tcp !== undefined && udp !== undefined) return usage('give -t or -u, not both');
  const protocol = tcp === undefined ? 'UDP' : 'TCP';
  return parseEndpoint(text).map((endpoint): ServiceKey => ({ ...endpoint, protocol }));
}

/** "192.0.2.1:80" or "[2001:db8::1]:80". */
export function parseEndpoint(text: string): Result<Endpoint, UsageError> {
  const parts = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(text);
  const port = wholeNumber(parts?.[3] ?? '', 65_535);
  if (parts === null || port === null) return usage(`"${text}" is not ADDRESS:PORT in numbers`);
  return addressOf(parts[1] ?? parts[2] ?? '').map((address) => ({ address, port }));
}

function addressOf(text: string): Result<IpAddress, UsageError> {
  const address = parseIpAddress(text);
  return address.isErr() ? usage(`"${text}" is not an IP address`) : ok(address.value);
}

function wholeNumber(text: string, max: number): number | null {
  return /^[0-9]{1,9}$/.test(text) && Number(text) <= max ? Number(text) : null;
}

function isFlag(name: string): name is Flag {
  return Object.hasOwn(flags, name);
}

function isValue(name: string): name is Value {
  return Object.hasOwn(values, name);
}

function usage(reason: string): Err<never, UsageError> {
  return err({ type: 'ipvsadm.usage', reason });
}
