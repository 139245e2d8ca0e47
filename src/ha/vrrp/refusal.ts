// Why an advertisement does not count: names for counters and sentences for the log, in
// keepalived's words where it has some.
import type { IpAddress } from '../../net/address.js';

export type VrrpPacketError =
  /** For another virtual router on the same segment: not wrong, only not ours. */
  | { readonly type: 'vrrp.other_router'; readonly virtualRouterId: number }
  | { readonly type: 'vrrp.self_sent' }
  | { readonly type: 'vrrp.protocol'; readonly protocol: number; readonly expected: number }
  | { readonly type: 'vrrp.length'; readonly lengthBytes: number; readonly expectedBytes: number }
  | { readonly type: 'vrrp.ttl'; readonly ttl: number }
  | { readonly type: 'vrrp.version'; readonly version: number; readonly expected: number }
  | { readonly type: 'vrrp.authentication_unknown'; readonly authenticationType: number }
  | { readonly type: 'vrrp.authentication_mismatch'; readonly authenticationType: number }
  | { readonly type: 'vrrp.password' }
  | { readonly type: 'vrrp.authentication_header'; readonly what: string }
  | { readonly type: 'vrrp.sequence'; readonly sequence: number; readonly last: number }
  | { readonly type: 'vrrp.signature_missing'; readonly source: IpAddress }
  | { readonly type: 'vrrp.signature_malformed'; readonly source: IpAddress }
  | { readonly type: 'vrrp.signature_key'; readonly source: IpAddress; readonly keyId: number }
  | { readonly type: 'vrrp.signature_wrong'; readonly source: IpAddress }
  | { readonly type: 'vrrp.signature_replayed'; readonly source: IpAddress }
  | {
      readonly type: 'vrrp.signature_stale';
      readonly source: IpAddress;
      /** How far our clock is ahead. */
      readonly skewSeconds: number;
      readonly windowSeconds: number;
    }
  | { readonly type: 'vrrp.advert_interval'; readonly seconds: number; readonly expected: number }
  | { readonly type: 'vrrp.packet_type'; readonly packetType: number }
  | { readonly type: 'vrrp.ip_length'; readonly totalBytes: number; readonly lengthBytes: number }
  | { readonly type: 'vrrp.checksum' }
  | { readonly type: 'vrrp.unicast'; readonly destination: IpAddress }
  | { readonly type: 'vrrp.multicast'; readonly destination: IpAddress }
  | { readonly type: 'vrrp.owner_ignored' }
  | { readonly type: 'vrrp.no_peer'; readonly source: IpAddress }
  | { readonly type: 'vrrp.peer_ttl'; readonly source: IpAddress; readonly ttl: number };

export const ttlRequired = 255;
export const typeAdvertisement = 1;

const describers: {
  readonly [T in VrrpPacketError['type']]: (
    error: Extract<VrrpPacketError, { readonly type: T }>,
  ) => string;
} = {
  'vrrp.other_router': ({ virtualRouterId }) =>
    `advertisement for virtual router ${virtualRouterId}`,
  'vrrp.self_sent': () => 'received an advertisement with our own source address',
  'vrrp.protocol': ({ protocol, expected }) =>
    `expected IP protocol ${expected} but received ${protocol}`,
  'vrrp.length': ({ lengthBytes, expectedBytes }) =>
    `bad packet length ${lengthBytes} and expect ${expectedBytes}`,
  'vrrp.ttl': ({ ttl }) => `invalid ttl. ${ttl} and expect ${ttlRequired}`,
  'vrrp.version': ({ version, expected }) => `invalid version. ${version} and expect ${expected}`,
  'vrrp.authentication_unknown': ({ authenticationType }) =>
    `unknown authentication type ${authenticationType}`,
  'vrrp.authentication_mismatch': ({ authenticationType }) =>
    `received authentication type ${authenticationType}, which is not ours`,
  'vrrp.password': () => 'received an invalid passwd!',
  'vrrp.authentication_header': ({ what }) => `IPSEC-AH : ${what}`,
  'vrrp.sequence': ({ sequence, last }) =>
    `IPSEC-AH : sequence number ${sequence} already processed, the last was ${last}`,
  'vrrp.signature_missing': ({ source }) => `no signature (auth_hmac) from ${source}`,
  'vrrp.signature_malformed': ({ source }) => `malformed signature (auth_hmac) from ${source}`,
  'vrrp.signature_key': ({ source, keyId }) =>
    `${source} signs with key ${keyId}, which auth_hmac does not have`,
  'vrrp.signature_wrong': ({ source }) =>
    `wrong signature (auth_hmac) from ${source}: another key, or a changed packet`,
  'vrrp.signature_replayed': ({ source }) => `replayed signature (auth_hmac) from ${source}`,
  'vrrp.signature_stale': ({ source, skewSeconds, windowSeconds }) =>
    `stale signature (auth_hmac) from ${source}: it is ${Math.abs(skewSeconds)} s ` +
    `${skewSeconds < 0 ? 'ahead of' : 'behind'} our clock, of ${windowSeconds} s allowed`,
  'vrrp.advert_interval': ({ seconds, expected }) =>
    `advertisement interval mismatch mine=${expected} sec rcv'd=${seconds} sec`,
  'vrrp.packet_type': ({ packetType }) =>
    `invalid packet type. ${packetType} and expect ${typeAdvertisement}`,
  'vrrp.ip_length': ({ totalBytes, lengthBytes }) =>
    `IP length ${totalBytes} but received ${lengthBytes} bytes`,
  'vrrp.checksum': () => 'invalid checksum',
  'vrrp.unicast': ({ destination }) =>
    `received unicast advertisement to ${destination} on a multicast instance`,
  'vrrp.multicast': ({ destination }) =>
    `received multicast advertisement to ${destination} on a unicast instance`,
  'vrrp.owner_ignored': () => 'ignored an advertisement, as we own the addresses',
  'vrrp.no_peer': ({ source }) => `received an advertisement from ${source}, which is no peer`,
  'vrrp.peer_ttl': ({ source, ttl }) =>
    `received an advertisement of ${source} with a ttl of ${ttl}, outside of its limits`,
};

export function describeVrrpPacketError(error: VrrpPacketError): string {
  // The type picks the describer that takes it, which the compiler cannot follow through an index.
  return (describers[error.type] as (error: VrrpPacketError) => string)(error);
}
