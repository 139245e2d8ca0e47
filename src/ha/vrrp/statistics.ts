// What an instance has counted, under the names of keepalived.stats, and which counter a refused
// packet moves. keepalived counts no wrong versions and checksums; here every refusal has a
// counter.
import type { VrrpPacketError } from './refusal.js';

export type VrrpCounters = {
  advertsReceived: number;
  advertsSent: number;
  becameMaster: number;
  releasedMaster: number;
  packetLengthErrors: number;
  ttlErrors: number;
  versionErrors: number;
  invalidTypeReceived: number;
  advertIntervalErrors: number;
  addressListErrors: number;
  checksumErrors: number;
  authInvalidType: number;
  authTypeMismatch: number;
  authFailure: number;
  selfSent: number;
  unknownPeer: number;
  ownerIgnored: number;
  priorityZeroReceived: number;
  priorityZeroSent: number;
};

export function zeroCounters(): VrrpCounters {
  return {
    advertsReceived: 0,
    advertsSent: 0,
    becameMaster: 0,
    releasedMaster: 0,
    packetLengthErrors: 0,
    ttlErrors: 0,
    versionErrors: 0,
    invalidTypeReceived: 0,
    advertIntervalErrors: 0,
    addressListErrors: 0,
    checksumErrors: 0,
    authInvalidType: 0,
    authTypeMismatch: 0,
    authFailure: 0,
    selfSent: 0,
    unknownPeer: 0,
    ownerIgnored: 0,
    priorityZeroReceived: 0,
    priorityZeroSent: 0,
  };
}

/** null: the packet is another virtual router's, which counts it itself. */
export const counterOf: Readonly<Record<VrrpPacketError['type'], keyof VrrpCounters | null>> = {
  'vrrp.other_router': null,
  'vrrp.self_sent': 'selfSent',
  'vrrp.protocol': 'authTypeMismatch',
  'vrrp.length': 'packetLengthErrors',
  'vrrp.ttl': 'ttlErrors',
  'vrrp.version': 'versionErrors',
  'vrrp.authentication_unknown': 'authInvalidType',
  'vrrp.authentication_mismatch': 'authTypeMismatch',
  'vrrp.password': 'authFailure',
  'vrrp.authentication_header': 'authFailure',
  'vrrp.sequence': 'authFailure',
  'vrrp.signature_missing': 'authTypeMismatch',
  'vrrp.signature_malformed': 'authFailure',
  'vrrp.signature_key': 'authFailure',
  'vrrp.signature_wrong': 'authFailure',
  'vrrp.signature_replayed': 'authFailure',
  'vrrp.signature_stale': 'authFailure',
  'vrrp.advert_interval': 'advertIntervalErrors',
  'vrrp.packet_type': 'invalidTypeReceived',
  'vrrp.ip_length': 'packetLengthErrors',
  'vrrp.checksum': 'checksumErrors',
  'vrrp.unicast': 'invalidTypeReceived',
  'vrrp.multicast': 'invalidTypeReceived',
  'vrrp.owner_ignored': 'ownerIgnored',
  'vrrp.no_peer': 'unknownPeer',
  'vrrp.peer_ttl': 'ttlErrors',
};
