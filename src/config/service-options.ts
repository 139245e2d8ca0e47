// What a virtual_server and a real_server say of scheduling, persistence, forwarding and of the
// client's address, as options of the data plane.
import type { AddressFamily } from '../net/address.js';
import { addressBytes, ipAddress } from '../net/address.js';
import { hostLength } from '../net/prefix.js';
import {
  type Persistence,
  persistenceSecondsDefault,
  plainTunnel,
  type ServerOptions,
  type ServiceOptions,
  schedulers,
  serverDefaults,
  serviceDefaults,
  type Tunnel,
  weightMax,
} from '../net/service.js';
import type { Forwarding } from './forwarding.js';
import { isNetmask } from './persistence-table.js';
import type { realServerTable } from './real-server-table.js';
import type { Settings } from './settings.js';
import type { virtualServerTable } from './virtual-server-table.js';

type Service = Settings<typeof virtualServerTable>;

/** flag-2 and flag-1 are keepalived's other names for what these schedulers take. */
const portFlags = ['sh-port', 'mh-port', 'flag-2'] as const;
const fallbackFlags = ['sh-fallback', 'mh-fallback', 'flag-1'] as const;

/** `family`: of the clients. What `obstacleOf` finds has no place here. */
export function serviceOptions(
  service: Service,
  family: AddressFamily,
  isAnyPort: boolean,
): ServiceOptions {
  const scheduler = schedulers.find((name) => name === service.value('lb_algo'));
  const isUdp = service.value('protocol') === 'UDP';
  const isHash = scheduler === 'sh' || scheduler === 'mh';
  const establishedMs = service.value('establish_timeout');
  const isSet = (flags: typeof portFlags | typeof fallbackFlags): boolean =>
    isHash && flags.some((flag) => service.value(flag));
  return {
    scheduler: scheduler ?? serviceDefaults.scheduler,
    hashesPort: isSet(portFlags),
    hashFallsBack: isSet(fallbackFlags),
    hashTarget: service.value('hash_target'),
    persistence: persistenceOf(service, family, isAnyPort),
    isOnePacket: isUdp && service.value('ops'),
    isQuic: isUdp && service.value('quic'),
    expiresQuiescent: service.value('expire_quiescent_conn'),
    proxyProtocol: service.value('proxy_protocol'),
    clientAddress: service.value('client_address'),
    keepsClientToa: service.value('client_toa') === 'keep',
    rejects: service.value('no_destination') === 'reject',
    establishedSeconds: establishedMs === undefined ? null : establishedMs / 1000,
    maglevSlots: service.value('maglev_slots') ?? null,
    connectionsMax: service.value('connections_max') || null,
  };
}

/** A mask alone, and a service of any port, is persistent as well, as keepalived has it. */
function persistenceOf(
  service: Service,
  family: AddressFamily,
  isAnyPort: boolean,
): Persistence | null {
  const timeoutMs = service.value('persistence_timeout');
  const hasMask = service.has('persistence_granularity');
  if (timeoutMs === undefined && !hasMask && !isAnyPort) return null;
  const seconds = timeoutMs === undefined ? persistenceSecondsDefault : timeoutMs / 1000;
  return { seconds, bits: persistenceBits(service, family) ?? allBits(family) };
}

/**
 * Bits of a client's address that count; null: the mask is no netmask, or of the other family.
 * undefined: there is none.
 */
export function persistenceBits(
  service: Service,
  family: AddressFamily,
): number | null | undefined {
  const mask = service.found('persistence_granularity')?.value;
  if (mask === undefined) return undefined;
  if (mask.type === 'length') return family === 'ipv6' ? mask.length : null;
  if (family !== 'ipv4' || !isNetmask(mask.mask)) return null;
  const ones = addressBytes(mask.mask).reduce((sum, byte) => sum + bitsOf(byte), 0);
  return ones === 0 ? null : ones;
}

function bitsOf(byte: number): number {
  return byte.toString(2).replaceAll('0', '').length;
}

function allBits(family: AddressFamily): number {
  return hostLength(ipAddress(family === 'ipv4' ? '0.0.0.0' : '::'));
}

/** `inherited`: of the virtual_server. */
export function serverOptions(
  server: Settings<typeof realServerTable>,
  inherited: { readonly forwarding: Forwarding; readonly weight: number },
): ServerOptions {
  return {
    ...serverOptionsOf(
      server.value('lvs_method') ?? inherited.forwarding,
      server.value('weight') ?? inherited.weight,
    ),
    upperThreshold: server.value('uthreshold'),
    lowerThreshold: server.value('lthreshold') ?? 0,
  };
}

/** Of a server that nothing else is said of. */
export function serverOptionsOf({ kind, tunnel }: Forwarding, weight: number): ServerOptions {
  return {
    ...serverDefaults,
    method: kind,
    tunnel: kind === 'TUN' ? tunnelOf(tunnel) : null,
    weight: Math.min(weight, weightMax),
  };
}

function tunnelOf({ type, port, csum }: Forwarding['tunnel']): Tunnel {
  return {
    type: type ?? plainTunnel.type,
    port: port ?? plainTunnel.port,
    hasChecksum: csum ?? plainTunnel.hasChecksum,
  };
}
