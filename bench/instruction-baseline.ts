// Instructions per packet as they were recorded, and what is said of a new count. Counts are
// repeatable where times are not, so they can fail a build.
import type { Profile } from './callgrind-file.js';

export type CaseCount = {
  readonly perPacket: number;
  readonly functions: Readonly<Record<string, number>>;
};

/** Another compiler or another DPDK makes other instructions of the same source. */
export type Tools = { readonly compiler: string; readonly dpdk: string };

export type Baseline = Tools & { readonly cases: Readonly<Record<string, CaseCount>> };

export type Judged = {
  readonly name: string;
  readonly verdict: 'grew' | 'same' | 'shrank';
  /** Instructions per packet now. */
  readonly counted: number;
  readonly sentences: readonly string[];
};

/** A case may differ by this much before anybody is told. */
const tolerance = 0.03;
const functionsShown = 12;

/** Throws a sentence when the text is not what `baselineText` writes. */
export function readBaseline(text: string): Baseline {
  const baseline = JSON.parse(text) as Partial<Baseline> | null;
  const { compiler, dpdk, cases } = baseline ?? {};
  if (typeof compiler !== 'string' || typeof dpdk !== 'string' || typeof cases !== 'object') {
    throw new Error('it has no "compiler", "dpdk" or "cases"');
  }
  for (const [name, count] of Object.entries(cases)) {
    const figures = [count?.perPacket, ...Object.values(count?.functions ?? { none: undefined })];
    if (figures.some((figure) => typeof figure !== 'number')) {
      throw new Error(`its case ${name} is not {"perPacket": number, "functions": {...}}`);
    }
  }
  return { compiler, dpdk, cases };
}

export function baselineText({ compiler, dpdk, cases }: Baseline): string {
  const sortedCases = sorted(cases).map(([name, { perPacket, functions }]) => {
    return [name, { perPacket, functions: Object.fromEntries(sorted(functions)) }] as const;
  });
  const baseline: Baseline = { compiler, dpdk, cases: Object.fromEntries(sortedCases) };
  return `${JSON.stringify(baseline, null, 2)}\n`;
}

function sorted<T>(values: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(values).sort(([left], [right]) => (left < right ? -1 : 1));
}

export function countOf({ instructions, functions }: Profile): CaseCount {
  const figures = [...functions].map(([name, perPacket]) => [name, rounded(perPacket)] as const);
  return {
    perPacket: rounded(instructions),
    functions: Object.fromEntries(figures.filter(([, perPacket]) => perPacket > 0)),
  };
}

function rounded(perPacket: number): number {
  return Math.round(perPacket * 10) / 10;
}

export function judge(name: string, recorded: CaseCount, counted: CaseCount): Judged {
  const more = counted.perPacket - recorded.perPacket;
  const change = more / recorded.perPacket;
  const tolerated = tolerance * recorded.perPacket;
  const figures =
    `${name}: ${step(recorded.perPacket, counted.perPacket)} instructions per packet, ` +
    `${change < 0 ? '' : '+'}${(change * 100).toFixed(1)} %`;
  const judged = { name, counted: counted.perPacket };
  if (more > tolerated) {
    const sentences = [figures, ...grownFunctions(recorded, counted)];
    return { ...judged, verdict: 'grew', sentences };
  }
  if (more < -tolerated) {
    const advice = 'record the baseline again, so that the gain is kept: --record';
    return { ...judged, verdict: 'shrank', sentences: [figures, `  ${advice}`] };
  }
  return { ...judged, verdict: 'same', sentences: [figures] };
}

/** Those that grew, most first. */
function grownFunctions(recorded: CaseCount, counted: CaseCount): string[] {
  const grown = Object.entries(counted.functions).map(([name, now]) => {
    const before = recorded.functions[name] ?? 0;
    return { name, before, now, more: now - before };
  });
  const order = grown.filter(({ more }) => more > 0.05).sort((a, b) => b.more - a.more);
  const shown = order.slice(0, functionsShown).map(({ name, before, now }) => {
    return `  ${name}: ${step(before, now)}`;
  });
  const rest = order.length - shown.length;
  return rest > 0 ? [...shown, `  and ${rest} more that grew less`] : shown;
}

function step(before: number, now: number): string {
  return `${before.toFixed(1)} -> ${now.toFixed(1)}`;
}

/** One sentence when the counts were recorded with other tools; they then only warn. */
export function toolsSentence(recorded: Tools, present: Tools): string | undefined {
  const tools = [
    ['gcc', recorded.compiler, present.compiler],
    ['DPDK', recorded.dpdk, present.dpdk],
  ] as const;
  const differences = tools.filter(([, before, now]) => before !== now);
  if (differences.length === 0) return undefined;
  const words = differences.map(([tool, before, now]) => `${tool} ${before}, not ${now}`);
  return `the baseline was recorded with ${words.join(', and ')}: what grew only warns`;
}
