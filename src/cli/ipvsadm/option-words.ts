// What is said of services and servers, in the words of ipvsadm: behind a service in a listing, and
// as the command line that would make it again.
import { familyOfService, matchArgument } from '../../dataplane/service-name.js';
import type { LocalAddressUse, Server, Service, ServiceKey } from '../../dataplane/state.js';
import { addressFromBytes, formatEndpoint } from '../../net/address.js';
import type { ForwardingMethod, Persistence, ServiceOptions } from '../../net/service.js';

export const methodNames: Readonly<Record<ForwardingMethod, string>> = {
  FNAT: 'FullNat',
  NAT: 'Masq',
  DR: 'Route',
  TUN: 'Tunnel',
  SNAT: 'SNAT',
};

/** "wrr persistent 50 mask 255.255.255.0 ppv2 quic": DPVS's words in its order, then ours. */
export function serviceWords({ key, scheduler, ...options }: Service): readonly string[] {
  const { persistence, establishedSeconds, proxyProtocol, connectionsMax, maglevSlots } = options;
  const flags = schedulerFlags({ scheduler, ...options });
  return [
    scheduler,
    ...(flags.length === 0 ? [] : [`(${flags.join(',')})`]),
    ...(scheduler === 'conhash' ? [options.hashTarget] : []),
    ...(persistence === null ? [] : [`persistent ${persistence.seconds}`]),
    ...(persistence === null ? [] : maskOf(key, persistence).map((mask) => `mask ${mask}`)),
    ...(options.isOnePacket ? ['ops'] : []),
    ...(establishedSeconds === null ? [] : [`conn-timeout ${establishedSeconds}`]),
    ...(proxyProtocol === 'disable' ? [] : [`pp${proxyProtocol}`]),
    ...(options.expiresQuiescent ? ['expire-quiescent'] : []),
    ...(options.isQuic ? ['quic'] : []),
    ...(maglevSlots === null ? [] : [`maglev-slots ${maglevSlots}`]),
    ...(options.clientAddress === 'toa' ? [] : [`client-address ${options.clientAddress}`]),
    ...(options.keepsClientToa ? ['client-toa keep'] : []),
    ...(options.rejects ? ['reject'] : []),
    ...(connectionsMax === null ? [] : [`connections-max ${connectionsMax}`]),
  ];
}

function schedulerFlags({
  scheduler,
  hashesPort,
  hashFallsBack,
}: Pick<ServiceOptions, 'scheduler' | 'hashesPort' | 'hashFallsBack'>): readonly string[] {
  const name = scheduler === 'mh' ? 'mh' : 'sh';
  return [...(hashFallsBack ? [`${name}-fallback`] : []), ...(hashesPort ? [`${name}-port`] : [])];
}

/** None when every client is by itself. */
function maskOf(key: ServiceKey, { bits }: Persistence): readonly string[] {
  if (familyOfService(key) === 'ipv6') return bits === 128 ? [] : [`${bits}`];
  if (bits === 32) return [];
  const mask = 0xffff_ffff << (32 - bits);
  return [addressFromBytes(Uint8Array.of(mask >>> 24, mask >>> 16, mask >>> 8, mask))];
}

const keyFlags = { TCP: '-t', UDP: '-u', SCTP: '--sctp-service' } as const;

function keyArguments(key: ServiceKey): readonly string[] {
  return 'match' in key
    ? ['-H', matchArgument(key)]
    : [keyFlags[key.protocol], formatEndpoint(key)];
}

export function serviceArguments(service: Service): readonly string[] {
  const { key, scheduler, persistence, establishedSeconds, proxyProtocol } = service;
  const { connectionsMax, maglevSlots } = service;
  const flags = schedulerFlags(service);
  return [
    ...['-A', ...keyArguments(key), '-s', scheduler],
    ...(flags.length === 0 ? [] : ['--sched-flags', flags.join(',')]),
    ...(service.hashTarget === 'sip' ? [] : ['--hash-target', service.hashTarget]),
    ...(persistence === null ? [] : ['-p', `${persistence.seconds}`]),
    ...(persistence === null ? [] : maskOf(key, persistence).flatMap((mask) => ['-M', mask])),
    ...(service.isOnePacket ? ['-o'] : []),
    ...(establishedSeconds === null ? [] : ['--conn-timeout', `${establishedSeconds}`]),
    ...(proxyProtocol === 'disable' ? [] : [`--proxy-protocol=${proxyProtocol}`]),
    ...(service.expiresQuiescent ? ['--expire-quiescent'] : []),
    ...(service.isQuic ? ['--quic'] : []),
    ...(maglevSlots === null ? [] : ['--maglev-slots', `${maglevSlots}`]),
    ...(service.clientAddress === 'toa' ? [] : ['--client-address', service.clientAddress]),
    ...(service.keepsClientToa ? ['--client-toa', 'keep'] : []),
    ...(service.rejects ? ['--no-destination', 'reject'] : []),
    ...(connectionsMax === null ? [] : ['--connections-max', `${connectionsMax}`]),
  ];
}

export function localAddressArguments(local: LocalAddressUse): readonly string[] {
  return ['-P', ...keyArguments(local.service), '-z', local.address, '-F', local.device];
}

const methodArguments = { FNAT: '-b', NAT: '-m', DR: '-g', TUN: '-i', SNAT: '-J' } as const;

export function serverArguments(server: Server): readonly string[] {
  const { service, endpoint, method, tunnel, weight, upperThreshold, lowerThreshold } = server;
  return [
    ...['-a', ...keyArguments(service), '-r', formatEndpoint(endpoint), methodArguments[method]],
    ...(tunnel === null || tunnel.type === 'ipip' ? [] : ['--tun-type', tunnel.type]),
    ...(tunnel?.type === 'gue' ? ['--tun-port', `${tunnel.port}`] : []),
    ...(tunnel?.hasChecksum === true ? ['--tun-csum'] : []),
    ...['-w', `${weight}`],
    ...(upperThreshold === 0 ? [] : ['-x', `${upperThreshold}`]),
    ...(lowerThreshold === 0 ? [] : ['-y', `${lowerThreshold}`]),
  ];
}
