// What the load generators print, as figures: wrk's text and iperf3's JSON.

export type WrkReport = {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** From the last octet of a request written to the whole answer read: no TCP handshake in it. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Connections that failed or timed out, and answers that were not 2xx or 3xx. */
  readonly errors: number;
};

const msPerUnit: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

export function parseWrk(text: string): WrkReport {
  const socketErrors = /Socket errors: (.*)/.exec(text)?.[1] ?? '';
  const counts = [...socketErrors.matchAll(/\d+/g)].map(([count]) => Number(count));
  const refusals = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  return {
    requests: Number(captured(text, /(\d+) requests in /)),
    requestsPerSecond: Number(captured(text, /Requests\/sec: +([\d.]+)/)),
    p50Ms: parseDuration(captured(text, /^ +50% +(\S+)/m)),
    p99Ms: parseDuration(captured(text, /^ +99% +(\S+)/m)),
    errors: counts.reduce((sum, count) => sum + count, refusals),
  };
}

function captured(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`wrk did not print ${pattern.source}: ${text.trim()}`);
  return found;
}

/** `812.00us`, `1.02ms`, `1.20s`, `1.50m`: as milliseconds. */
export function parseDuration(word: string): number {
  const [, amount, unit = ''] = /^([\d.]+)(us|ms|s|m|h)$/.exec(word) ?? [];
  const factor = msPerUnit[unit];
  if (amount === undefined || factor === undefined) {
    throw new Error(`wrk printed a duration of an unknown form: "${word}"`);
  }
  return Number(amount) * factor;
}

/** What arrived, in gigabits per second. */
export function parseIperf(text: string): number {
  const start = text.indexOf('{');
  const report = (start < 0 ? {} : JSON.parse(text.slice(start))) as {
    readonly error?: string;
    readonly end?: { readonly sum_received?: { readonly bits_per_second?: number } };
  };
  if (report.error !== undefined) throw new Error(`iperf3: ${report.error}`);
  const bitsPerSecond = report.end?.sum_received?.bits_per_second;
  if (bitsPerSecond === undefined) throw new Error(`iperf3 printed no sum: ${text.trim()}`);
  return bitsPerSecond / 1e9;
}
