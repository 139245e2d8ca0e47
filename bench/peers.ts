// What others take on this machine, in the same run: rows of dpdk-testpmd and of nftables, each set
// against the case of ours that does the same. Where one cannot be had, its row says why.
import { wasInterrupted } from './command.js';
import type { Row } from './datapath-program.js';
import { measureNftables, nftablesIsMissing, nftablesNames } from './nftables.js';
import { measureTestpmd, testpmdIsMissing, testpmdModes } from './testpmd.js';

export type PeerRow = Row & {
  /** The case of ours beside it, and its cycles by theirs, floors taken off where both have one. */
  readonly ours: string | null;
  readonly ratio: number | null;
};
export type Unavailable = { readonly name: string; readonly unavailable: string };

type Peer = {
  readonly names: readonly string[];
  readonly whyMissing: () => string | undefined;
  readonly measure: (names: readonly string[], memory: readonly string[]) => Promise<Row[]>;
};

const peers: readonly Peer[] = [
  {
    names: testpmdModes.map((mode) => `testpmd/${mode}`),
    whyMissing: testpmdIsMissing,
    measure: (names, memory) => {
      const modes = testpmdModes.filter((mode) => names.includes(`testpmd/${mode}`));
      return measureTestpmd(modes, memory);
    },
  },
  { names: nftablesNames, whyMissing: nftablesIsMissing, measure: measureNftables },
];

export const peerNames: readonly string[] = peers.flatMap(({ names }) => names);

export async function measurePeers(
  wanted: readonly string[],
  memory: readonly string[],
): Promise<(Row | Unavailable)[]> {
  const rows: (Row | Unavailable)[] = [];
  for (const { names, whyMissing, measure } of peers) {
    const mine = names.filter((name) => wanted.includes(name));
    if (mine.length === 0) continue;
    const refuse = (unavailable: string): void => {
      rows.push(...mine.map((name) => ({ name, unavailable })));
    };
    const missing = whyMissing();
    if (missing !== undefined) refuse(missing);
    else await measure(mine, memory).then((found) => rows.push(...found), reasonTo(refuse));
  }
  return rows;
}

function reasonTo(refuse: (reason: string) => void): (error: unknown) => void {
  return (error) => {
    if (wasInterrupted()) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    refuse(reason.trim().replaceAll('\n', ': '));
  };
}

/** Cases of ours that do what that of the other does, the nearest first. */
const counterparts: readonly (readonly [RegExp, readonly RegExp[]])[] = [
  [/^testpmd\//, [/^net_null\/fnat\//, /^fnat\/tcp4\/hit\/1Ki$/]],
  [/^nftables\/fnat\/1Ki$/, [/^fnat\/udp4\/hit\/1Ki$/, /^fnat\/tcp4\/hit\/1Ki$/]],
  [/^nftables\/fnat\/64Ki$/, [/^fnat\/udp4\/hit\/64Ki$/, /^fnat\/tcp4\/hit\/64Ki$/]],
  [/^nftables\/fnat\/new$/, [/^fnat\/udp4\/new$/, /^fnat\/tcp4\/new$/]],
];

/** `rows`: of ours and of the same peer. */
export function setAgainst(row: Row, ours: readonly Row[], theirs: readonly Row[]): PeerRow {
  const patterns = counterparts.find(([pattern]) => pattern.test(row.name))?.[1] ?? [];
  const found = patterns.flatMap((pattern) => ours.filter(({ name }) => pattern.test(name)))[0];
  if (found === undefined) return { ...row, ours: null, ratio: null };
  const [ourFloor, theirFloor] = [floorOf(found, ours), floorOf(row, theirs)];
  const haveFloors = ourFloor !== undefined && theirFloor !== undefined;
  const [our, their] = haveFloors
    ? [found.cyclesPerPacket - ourFloor, row.cyclesPerPacket - theirFloor]
    : [found.cyclesPerPacket, row.cyclesPerPacket];
  return {
    ...row,
    ours: found.name,
    ratio: their > 0 ? Math.round((our / their) * 1e4) / 1e4 : null,
  };
}

/** The row that only receives and sends: `floor`; of peers and of net_null `FAMILY/floor`. */
export function floorOf({ name }: Row, rows: readonly Row[]): number | undefined {
  const [family = ''] = name.split('/');
  const hasOwn = peerNames.includes(name) || family === 'net_null';
  const floor = hasOwn ? `${family}/floor` : 'floor';
  return rows.find((row) => row.name === floor)?.cyclesPerPacket;
}
