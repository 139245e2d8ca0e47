// Two connections with one neighbour (RFC 4271 section 6.8, 6286 section 2.3): which one stays.
import { compareAddresses, type IpAddress } from '../../net/address.js';
import type { BgpState } from './effect.js';

export type Rival = {
  readonly state: BgpState;
  readonly isOurs: boolean;
};

export type Collision = {
  /** The one whose OPEN has just come, and the one that was there before. */
  readonly newcomer: Rival;
  readonly other: Rival;
  readonly local: { readonly identifier: IpAddress; readonly as: number };
  readonly remote: { readonly identifier: IpAddress; readonly as: number };
  /** RFC 4724 section 4.2: who has restarted does not know of the old connection. */
  readonly mayHaveRestarted: boolean;
};

/** 'both': the other is not so far yet that it counts. */
export type Verdict = 'newcomer' | 'other' | 'both';

export function decideCollision(collision: Collision): Verdict {
  const { newcomer, other, mayHaveRestarted } = collision;
  switch (other.state) {
    case 'idle':
    case 'active':
      return 'newcomer';
    case 'connect':
      return 'both';
    case 'established':
      return mayHaveRestarted ? 'newcomer' : 'other';
    case 'open_sent':
    case 'open_confirm':
      // Of two that one side has opened it has forgotten the older.
      if (newcomer.isOurs === other.isOurs) return 'newcomer';
      return newcomer.isOurs === isOursKept(collision) ? 'newcomer' : 'other';
  }
}

/** The connection that was opened by the greater identifier stays; of equals, by the greater AS. */
function isOursKept({ local, remote }: Collision): boolean {
  const order = compareAddresses(local.identifier, remote.identifier);
  return order === 0 ? local.as > remote.as : order > 0;
}
