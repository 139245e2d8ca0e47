// What is known of a BFD session, for operators and for those that depend on it.
import type { BfdSettings } from '../../config/bfd.js';
import type { BfdState, DropReason } from './packet.js';

export type BfdFact = {
  readonly settings: BfdSettings;
  readonly state: BfdState;
  /** On the sessions' clock. */
  readonly sinceMs: number;
  /** What the neighbour said last; null: nothing yet. */
  readonly remoteState: BfdState | null;
  /** By the names of RFC 5880 section 4.1. */
  readonly localDiagnostic: string;
  readonly remoteDiagnostic: string;
  readonly localDiscriminator: number;
  /** 0: not known. */
  readonly remoteDiscriminator: number;
  /** Between our packets, before jitter; null: the neighbour wants none. */
  readonly transmitMs: number | null;
  /** How long the neighbour may be silent; null: it was not heard. */
  readonly detectionMs: number | null;
  readonly received: number;
  readonly sent: number;
  /** Packets that could not leave. */
  readonly unsent: number;
  /** Packets for this session that counted for nothing, by reasons that did occur. */
  readonly drops: Readonly<Partial<Record<DropReason, number>>>;
  /** How often it left Up. */
  readonly timesDown: number;
  /** Of the last change of state, in words; null: there was none. */
  readonly lastReason: string | null;
  /**
   * RFC 5882 section 3.2: it is not Up because the neighbour was told to stop, which says nothing
   * of the path: routes stay.
   */
  readonly isNeighborAdminDown: boolean;
};
