// What is set for a data plane as a whole and can change while it runs: `struct ks_settings` of
// native/api.h. Names of timeouts are those of ipvsadm and of dpvs.conf.

/** In the order of enum ks_timeout. */
export const timeoutNames = [
  'none',
  'established',
  'syn_sent',
  'syn_recv',
  'fin_wait',
  'time_wait',
  'close',
  'close_wait',
  'last_ack',
  'udp',
  'sctp',
] as const;
export type TimeoutName = (typeof timeoutNames)[number];

/** Seconds that a connection without packets lives in each state, 1..31535999. */
export type Timeouts = { readonly [K in TimeoutName]: number };

export const uoaModes = ['opp', 'ipo'] as const;
export const uoaPacketsMax = 255;

export type DataplaneSettings = {
  readonly timeouts: Timeouts;
  /** An operator's timeouts stay until the data plane ends. */
  readonly timeoutsOwner: 'config' | 'operator';
  /** What is for nobody here goes on by the routes. */
  readonly forwardsIpv4: boolean;
  readonly forwardsIpv6: boolean;
  /** How servers of UDP learn the client: by a protocol of DPVS's own, or by an IP option. */
  readonly uoaMode: (typeof uoaModes)[number];
  /** Packets of a connection that say it, as long as the server does not answer. */
  readonly uoaPackets: number;
  /** Clients are not held to a server of weight 0. */
  readonly expiresQuiescentTemplates: boolean;
  /** UDP to an address of ours that has no service there is dropped. */
  readonly dropsUnservedUdp: boolean;
  /** TCP that belongs to no connection and opens none is dropped. */
  readonly dropsStrayTcp: boolean;
};

/** As KS_SETTINGS_DEFAULT. */
export const settingsDefaults: DataplaneSettings = {
  timeouts: {
    none: 2,
    established: 90,
    syn_sent: 3,
    syn_recv: 30,
    fin_wait: 7,
    time_wait: 7,
    close: 3,
    close_wait: 7,
    last_ack: 7,
    udp: 300,
    sctp: 900,
  },
  timeoutsOwner: 'config',
  forwardsIpv4: false,
  forwardsIpv6: false,
  uoaMode: 'opp',
  uoaPackets: 3,
  expiresQuiescentTemplates: false,
  dropsUnservedUdp: false,
  dropsStrayTcp: false,
};
