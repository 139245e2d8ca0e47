// Which service an ipvsadm command is about, and what it says of it.
import { err, ok, type Result } from 'neverthrow';
import { parseTrafficRange } from '../../config/traffic-range.js';
import { familyOfService } from '../../dataplane/service-name.js';
import type { MatchKey, Service, ServiceKey } from '../../dataplane/state.js';
import {
  type AddressFamily,
  addressBytes,
  type Endpoint,
  familyOf,
  type IpAddress,
  parseIpAddress,
} from '../../net/address.js';
import { hostLength } from '../../net/prefix.js';
import {
  clientAddresses,
  countMax,
  hashTargets,
  maglevSlotCounts,
  type Persistence,
  persistenceSecondsMax,
  protocols,
  proxyProtocols,
  type ServiceOptions,
  schedulers,
  serviceDefaults,
  type TrafficRange,
  timeoutSecondsMax,
  transportProtocols,
} from '../../net/service.js';
import {
  type Given,
  type Parsed,
  type UsageError,
  usage,
  type Value,
  wholeNumber,
} from './words.js';

const serviceValues = { TCP: 'tcp-service', UDP: 'udp-service', SCTP: 'sctp-service' } as const;

export function hasService(given: Given): boolean {
  return [...Object.values(serviceValues), 'match' as const].some(
    (name) => given.value(name) !== undefined,
  );
}

export function serviceKeyOf(given: Given): Parsed<ServiceKey> {
  const match = given.value('match');
  const named = transportProtocols.flatMap((protocol) => {
    const text = given.value(serviceValues[protocol]);
    return text === undefined ? [] : [{ protocol, text }];
  });
  if (named.length + (match === undefined ? 0 : 1) > 1) {
    return usage('give one of -t, -u, --sctp-service and -H');
  }
  if (match !== undefined) return parseMatch(match);
  const [only] = named;
  if (only === undefined) {
    return usage('name the service: -t, -u or --sctp-service ADDRESS:PORT, or -H MATCH');
  }
  return parseEndpoint(only.text).map((endpoint) => ({ ...endpoint, protocol: only.protocol }));
}

/** "192.0.2.1:80" or "[2001:db8::1]:80". */
export function parseEndpoint(text: string): Parsed<Endpoint> {
  const parts = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(text);
  const port = wholeNumber(parts?.[3] ?? '', 0, 65_535);
  if (parts === null || port === null) return usage(`"${text}" is not ADDRESS:PORT in numbers`);
  return addressOf(parts[1] ?? parts[2] ?? '').map((address) => ({ address, port }));
}

export function addressOf(text: string): Parsed<IpAddress> {
  const address = parseIpAddress(text);
  return address.isErr() ? usage(`"${text}" is not an IP address`) : ok(address.value);
}

const matchWords = ['proto', 'src-range', 'dst-range', 'iif', 'oif', 'af'] as const;
type MatchWord = (typeof matchWords)[number];

/** "proto=tcp,src-range=192.0.2.0-192.0.2.254:1-1024,oif=dpdk1", as DPVS has it. */
export function parseMatch(text: string): Parsed<MatchKey> {
  const found = new Map<MatchWord, string>();
  for (const pair of text.split(',')) {
    const [name, value = ''] = splitOnce(pair, '=');
    const word = matchWords.find((one) => one === name);
    if (word === undefined) return usage(`"${name}" in -H is none of ${matchWords.join(', ')}`);
    if (found.has(word)) return usage(`${word} is given twice in -H`);
    if (value === '') return usage(`${word} in -H needs a value: ${word}=...`);
    found.set(word, value);
  }
  const protocol = protocols.find((one) => one.toLowerCase() === found.get('proto'));
  if (protocol === undefined) {
    const known = protocols.map((one) => one.toLowerCase()).join(', ');
    return usage(`-H needs proto=, one of ${known}`);
  }
  const source = rangeOf(found.get('src-range'));
  if (source.isErr()) return err(source.error);
  const destination = rangeOf(found.get('dst-range'));
  if (destination.isErr()) return err(destination.error);
  const family = familyOfMatch(protocol, found.get('af'), [source.value, destination.value]);
  if (family.isErr()) return err(family.error);
  return ok({
    protocol,
    match: {
      family: family.value,
      source: source.value,
      destination: destination.value,
      inDevice: found.get('iif') ?? null,
      outDevice: found.get('oif') ?? null,
    },
  });
}

function familyOfMatch(
  protocol: MatchKey['protocol'],
  af: string | undefined,
  ranges: readonly (TrafficRange | null)[],
): Parsed<AddressFamily> {
  if (af !== undefined && af !== 'ipv4' && af !== 'ipv6') return usage('af is ipv4 or ipv6');
  const families = new Set(
    ranges.flatMap((range) => (range?.addresses ? [familyOf(range.addresses.first)] : [])),
  );
  if (af !== undefined) families.add(af);
  if (protocol === 'ICMP') families.add('ipv4');
  if (protocol === 'ICMPV6') families.add('ipv6');
  const [family, ...others] = families;
  if (others.length > 0) return usage('-H mixes IPv4 and IPv6');
  return family === undefined
    ? usage('-H has nothing that tells the family: add af=ipv4 or af=ipv6')
    : ok(family);
}

function rangeOf(text: string | undefined): Parsed<TrafficRange | null> {
  if (text === undefined) return ok(null);
  const range = parseTrafficRange(text);
  return range === undefined
    ? usage(`"${text}" is no range like 10.2.0.1-10.2.0.254:1024-65535`)
    : ok(range);
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** What is not said is as by default, also when a service is edited: as in the kernel's tool. */
export function serviceOf(given: Given): Parsed<Service> {
  const key = serviceKeyOf(given);
  if (key.isErr()) return err(key.error);
  const options = serviceOptions(given, familyOfService(key.value));
  return options.map((found) => ({ key: key.value, owner: 'operator', ...found }));
}

type Options = { -readonly [K in keyof ServiceOptions]: ServiceOptions[K] };

function serviceOptions(given: Given, family: AddressFamily): Parsed<ServiceOptions> {
  const options: Options = {
    ...serviceDefaults,
    isOnePacket: given.has('ops'),
    isQuic: given.has('quic'),
    expiresQuiescent: given.has('expire-quiescent'),
  };
  const faults = [
    take(given, 'scheduler', oneOf(schedulers), (value) => {
      options.scheduler = value;
    }),
    takeSchedulerFlags(given, options),
    take(given, 'hash-target', oneOf(hashTargets), (value) => {
      options.hashTarget = value;
    }),
    take(given, 'proxy-protocol', oneOf(proxyProtocols), (value) => {
      options.proxyProtocol = value;
    }),
    take(given, 'conn-timeout', number(1, timeoutSecondsMax), (value) => {
      options.establishedSeconds = value;
    }),
    take(given, 'maglev-slots', oneOf(maglevSlotCounts.map(String)), (value) => {
      options.maglevSlots = Number(value);
    }),
    take(given, 'client-address', oneOf(clientAddresses), (value) => {
      options.clientAddress = value;
    }),
    take(given, 'client-toa', oneOf(['remove', 'keep']), (value) => {
      options.keepsClientToa = value === 'keep';
    }),
    take(given, 'no-destination', oneOf(['drop', 'reject']), (value) => {
      options.rejects = value === 'reject';
    }),
    take(given, 'connections-max', number(0, countMax), (value) => {
      options.connectionsMax = value === 0 ? null : value;
    }),
    take(given, 'synproxy', oneOf(['enable', 'disable']), () => {}),
    given.value('synproxy') === 'enable' ? fault('-j: the SYN proxy is not built yet') : null,
  ];
  const persistence = persistenceOf(given, family);
  if (persistence.isErr()) return err(persistence.error);
  options.persistence = persistence.value;
  const wrong = faults.find((one) => one !== null);
  return wrong === undefined || wrong === null ? ok(options) : err(wrong);
}

type Reader<T> = (text: string) => Result<T, string>;

function take<T>(
  given: Given,
  name: Value,
  read: Reader<T>,
  set: (value: T) => void,
): UsageError | null {
  const text = given.value(name);
  if (text === undefined) return null;
  const value = read(text);
  if (value.isErr()) return fault(`--${name} is ${value.error}, not "${text}"`);
  set(value.value);
  return null;
}

function oneOf<const T extends string>(words: readonly T[]): Reader<T> {
  return (text) => {
    const word = words.find((one) => one === text);
    return word === undefined ? err(`one of ${words.join(', ')}`) : ok(word);
  };
}

function number(min: number, max: number): Reader<number> {
  return (text) => {
    const value = wholeNumber(text, min, max);
    return value === null ? err(`a whole number between ${min} and ${max}`) : ok(value);
  };
}

function fault(reason: string): UsageError {
  return { type: 'ipvsadm.usage', reason };
}

const schedulerFlags: Readonly<Record<string, 'hashesPort' | 'hashFallsBack'>> = {
  'sh-port': 'hashesPort',
  'mh-port': 'hashesPort',
  'flag-2': 'hashesPort',
  'sh-fallback': 'hashFallsBack',
  'mh-fallback': 'hashFallsBack',
  'flag-1': 'hashFallsBack',
};

function takeSchedulerFlags(given: Given, options: Options): UsageError | null {
  const words = given.value('sched-flags')?.split(',') ?? [];
  for (const word of words) {
    const flag = Object.hasOwn(schedulerFlags, word) ? schedulerFlags[word] : undefined;
    if (flag === undefined) {
      return fault(`--sched-flags is of ${Object.keys(schedulerFlags).join(', ')}, not "${word}"`);
    }
    if (options.scheduler !== 'sh' && options.scheduler !== 'mh') {
      return fault('--sched-flags are for the schedulers sh and mh');
    }
    options[flag] = true;
  }
  return null;
}

function persistenceOf(given: Given, family: AddressFamily): Parsed<Persistence | null> {
  const text = given.value('persistent');
  const mask = given.value('netmask');
  if (text === undefined) {
    return mask === undefined ? ok(null) : usage('-M is for persistent services: add -p');
  }
  const seconds = wholeNumber(text, 1, persistenceSecondsMax);
  if (seconds === null) {
    return usage(`-p is a number of seconds, 1 to ${persistenceSecondsMax}, not "${text}"`);
  }
  const lengthMax = hostLength(family === 'ipv4' ? anyIpv4 : anyIpv6);
  const bits = mask === undefined ? lengthMax : maskBits(mask, family);
  if (bits !== null) return ok({ seconds, bits });
  const wanted = family === 'ipv4' ? 'a netmask like 255.255.255.0' : 'a prefix length, 1 to 128';
  return usage(`-M is ${wanted}, not "${mask}"`);
}

const anyIpv4 = parseIpAddress('0.0.0.0')._unsafeUnwrap();
const anyIpv6 = parseIpAddress('::')._unsafeUnwrap();

function maskBits(text: string, family: AddressFamily): number | null {
  if (family === 'ipv6') return wholeNumber(text, 1, 128);
  const address = parseIpAddress(text);
  if (address.isErr() || familyOf(address.value) !== 'ipv4') return null;
  const bits = [...addressBytes(address.value)].map((byte) => byte.toString(2).padStart(8, '0'));
  const ones = /^(1+)0*$/.exec(bits.join(''))?.[1];
  return ones === undefined ? null : ones.length;
}
