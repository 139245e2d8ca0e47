// The instance that the VRRP tests vary, what its speaker knows, and datagrams as sockets hand them
// out.
import type { GarpRates, GarpSettings } from '../../../src/config/garp.js';
import type { VrrpInstance } from '../../../src/config/vrrp.js';
import type { VrrpSettings } from '../../../src/ha/vrrp/effect.js';
import { vrrpGroup } from '../../../src/ha/vrrp/packet.js';
import { addressFromBytes, type IpAddress } from '../../../src/net/address.js';
import { parsePrefix } from '../../../src/net/prefix.js';
import type { Datagram } from '../../../src/ports/packets.js';
import { noObjects } from '../../config/no-objects.js';
import { silentNotification } from '../../config/silence.js';

export const virtualAddress = parsePrefix('10.0.0.100/32')._unsafeUnwrap();
export const secondAddress = parsePrefix('10.0.0.101/32')._unsafeUnwrap();

/** keepalived's defaults. */
export const garp: GarpSettings = {
  masterDelayMs: 5000,
  masterRounds: 5,
  refreshMs: 0,
  refreshRounds: 1,
  lowerPriorityDelayMs: 5000,
  lowerPriorityRounds: 5,
  extra: null,
};

export const garpRates: GarpRates = {
  others: { arpIntervalMs: 0, advertisementIntervalMs: 0 },
  groups: [],
};

export function instance(changes: Partial<VrrpInstance> = {}): VrrpInstance {
  return {
    name: 'V_1',
    syncGroup: null,
    state: 'BACKUP',
    interface: 'eth0',
    dpdkInterface: null,
    virtualRouterId: 51,
    priority: 100,
    version: 2,
    family: 'ipv4',
    advertIntervalMs: 1000,
    authentication: { type: 'none' },
    signing: null,
    destination: { type: 'group', group: vrrpGroup },
    sourceAddress: null,
    lacksPeers: false,
    believesPeersOnly: false,
    checksum: 'detect',
    missedAdvertsMax: 3,
    preemptDelayMs: 0,
    yieldsTo: null,
    answersLowerPriority: true,
    advertisesBeforeYielding: false,
    ignoresAdvertsAsOwner: false,
    comparesEveryList: true,
    tracksInterface: true,
    tracksSource: false,
    receiveBufferBytes: null,
    preempts: true,
    leases: true,
    virtualAddresses: [{ prefix: virtualAddress, device: 'eth0' }],
    garp,
    tracking: [],
    notification: silentNotification,
    objects: noObjects,
    announcement: null,
    ...changes,
  };
}

export function settings(
  sourceAddress: IpAddress,
  changes: Partial<VrrpInstance> = {},
  memory: Partial<VrrpSettings> = {},
): VrrpSettings {
  const one = instance(changes);
  return {
    instance: one,
    sourceAddress,
    priority: one.priority,
    masterIntervalMs: one.advertIntervalMs,
    preemption: null,
    rival: null,
    isGroupReady: true,
    ...memory,
  };
}

/** A whole IPv4 datagram without options as a socket hands it out. */
export function arrived(whole: Uint8Array): Datagram {
  const header = new DataView(whole.buffer, whole.byteOffset, 20);
  return {
    source: addressFromBytes(whole.slice(12, 16)),
    destination: addressFromBytes(whole.slice(16, 20)),
    hops: header.getUint8(8),
    protocol: header.getUint8(9),
    identification: header.getUint16(4),
    payload: whole.slice(20),
    statedBytes: header.getUint16(2) - 20,
  };
}
