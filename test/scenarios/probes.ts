// What probe-child.ts runs and writes: who answers, who asks, and what came back.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../../scripts/lab/checkout.js';
import type { Namespaces } from '../../scripts/lab/namespaces.js';
import { waitFor } from '../../scripts/lab/namespaces.js';

/** A datagram that was answered. */
export type Answer = { readonly number: number; readonly sentMs: number; readonly by: string };

export const timeoutMs = 30_000;
const program = join(checkout, 'build', 'test', 'scenarios', 'probe-child.js');

export class Probes {
  readonly #namespaces: Namespaces;
  readonly #folder: string;
  readonly #places: string[] = [];

  constructor(namespaces: Namespaces, folder: string) {
    this.#namespaces = namespaces;
    this.#folder = folder;
  }

  /** In the namespace `place`; one of them in each. */
  start(place: string, role: 'responder' | 'asker', argument: string): void {
    const words = [process.execPath, program, role, argument];
    this.#namespaces.start(place, join(this.#folder, `${place}.probe`), words);
    this.#places.push(place);
  }

  async waitUntilReady(): Promise<void> {
    await waitFor('all that ask and answer', timeoutMs, () => {
      return this.#places.every((place) => this.#text(place).startsWith('ready'));
    });
  }

  /** At least 50 more answers by `name`, of those that are asked from `place` from now on. */
  async waitForAnswers(place: string, name: string): Promise<void> {
    const sinceMs = nowMs();
    await waitFor(`${name} answers ${place}`, timeoutMs, () => {
      return this.answers(place, sinceMs).filter(({ by }) => by === name).length >= 50;
    });
  }

  /** Of probes sent after `sinceMs`, in the order of their numbers. */
  answers(place: string, sinceMs = 0): readonly Answer[] {
    return this.#text(place)
      .split('\n')
      .slice(1, -1)
      .map((line) => {
        const [number, sentMs, by = ''] = line.split(' ');
        return { number: Number(number), sentMs: Number(sentMs), by };
      })
      .filter(({ sentMs }) => sentMs > sinceMs)
      .sort((left, right) => left.number - right.number);
  }

  /**
   * From the last probe that was answered at `from` to the first one that was at `to`, where one
   * node each is asked: negative while both had the address.
   */
  gapMs(from: string, to: string, sinceMs: number): number {
    const last = this.answers(from, sinceMs).at(-1)?.sentMs ?? sinceMs;
    return (this.answers(to, sinceMs)[0]?.sentMs ?? Number.NaN) - last;
  }

  #text(place: string): string {
    return readFileSync(join(this.#folder, `${place}.probe`), 'utf8');
  }
}

/** Of the clock that the probes carry. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Who answered, without repetitions: "a b" is one handover. */
export function turnsOf(answers: readonly Answer[]): string {
  const names = answers.map(({ by }) => by);
  return names.filter((name, index) => name !== names[index - 1]).join(' ');
}
