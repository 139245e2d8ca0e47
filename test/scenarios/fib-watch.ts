// What a router's kernel forwards by, and when that changed: `ip monitor` writes every change of a
// route with its time, so that nothing is lost between two questions.
import { existsSync, readFileSync } from 'node:fs';
import { type Namespaces, waitFor } from '../../scripts/lab/namespaces.js';

export type FibChange = {
  /** Of the wall clock. */
  readonly atMs: number;
  /** Addresses of the next hops from now on, sorted; none: there is no route. */
  readonly hops: readonly string[];
};

export class FibWatch {
  readonly #file: string;

  /** Starts with the namespace's routes unknown: watch before there are any of interest. */
  constructor(namespaces: Namespaces, node: string, file: string) {
    this.#file = file;
    namespaces.start(node, file, ['env', 'TZ=UTC', 'ip', '-ts', '-o', 'monitor', 'route']);
  }

  /** `prefix` as `ip route` shows it: a host route is an address. */
  changes(prefix: string): readonly FibChange[] {
    if (!existsSync(this.#file)) return [];
    const text = readFileSync(this.#file, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    return whole.split('\n').flatMap((line) => changeOf(line, prefix) ?? []);
  }

  hops(prefix: string): readonly string[] {
    return this.changes(prefix).at(-1)?.hops ?? [];
  }

  /** The first change since `fromMs` after which it holds; what holds already counts from there. */
  async until(
    prefix: string,
    what: string,
    holds: (hops: readonly string[]) => boolean,
    { fromMs, boundMs }: { readonly fromMs: number; readonly boundMs: number },
  ): Promise<FibChange> {
    let found: FibChange | undefined;
    try {
      await waitFor(what, boundMs, () => {
        const all = this.changes(prefix);
        const before = all.filter(({ atMs }) => atMs < fromMs).at(-1)?.hops ?? [];
        const since = all.filter(({ atMs }) => atMs >= fromMs);
        found = [{ atMs: fromMs, hops: before }, ...since].find(({ hops }) => holds(hops));
        return found !== undefined;
      });
    } catch {
      const seen = this.changes(prefix).map(({ atMs, hops }) => `${atMs - fromMs}: ${hops}`);
      throw new Error(`not within ${boundMs} ms: ${what}; seen: ${seen.slice(-8).join(' | ')}`);
    }
    if (found === undefined) throw new Error('assertion: it was found');
    return found;
  }
}

const event = /^\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+)\] (Deleted )?(\S+) (.*)$/;

function changeOf(line: string, prefix: string): FibChange | null {
  const [, at, deleted, subject, rest = ''] = event.exec(line) ?? [];
  if (at === undefined || subject !== prefix) return null;
  const hops = [...rest.matchAll(/ via (?:inet6 )?(\S+)/g)].map(([, hop = '']) => hop);
  const one = /^via (\S+)/.exec(rest)?.[1];
  const all = one === undefined ? hops : [one, ...hops];
  return {
    atMs: Date.parse(`${at}Z`),
    hops: deleted === undefined ? [...new Set(all)].sort() : [],
  };
}
