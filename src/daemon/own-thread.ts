// What a thread of the daemon asks the kernel for itself, as the configuration wants it: nice value
// or real-time priority, CPUs; and more priority while its timers run late.
import type { Result } from 'neverthrow';
import type { ProtocolThreadSettings, ThreadSettings } from '../config/threads.js';
import type { Log } from '../ports/log.js';

/** Each for the calling thread; an error is the system's sentence. */
export type ThreadCalls = {
  readonly giveWay: (nice: number) => Result<void, string>;
  readonly takePrecedence: (priority: number | null) => Result<void, string>;
  readonly runOn: (cpus: readonly number[]) => Result<void, string>;
};

/** Where the configuration says nothing. */
export type UsualThread = {
  readonly name: string;
  /** null: as it was started. */
  readonly nice: number | null;
  readonly realTime: number | null;
};

export class OwnThread {
  readonly #calls: ThreadCalls;
  readonly #log: Log;
  readonly #usual: UsualThread;
  #nice: number | null = null;
  #realTime: number | null = null;
  #cpus = '';
  #autoMax = 0;
  #autoDelayMs = Number.POSITIVE_INFINITY;

  constructor(calls: ThreadCalls, log: Log, usual: UsualThread) {
    this.#calls = calls;
    this.#log = log;
    this.#usual = usual;
  }

  follow(settings: ThreadSettings & Partial<ProtocolThreadSettings>): void {
    const { nice, realTime, cpus, autoRealTimeMax, autoDelayMs } = settings;
    this.#autoMax = autoRealTimeMax ?? 0;
    this.#autoDelayMs = autoDelayMs ?? Number.POSITIVE_INFINITY;
    const isUsual = nice === null && realTime === null;
    this.#setNice(nice ?? this.#usual.nice);
    this.#setRealTime(isUsual ? this.#usual.realTime : realTime);
    this.#setCpus(cpus);
  }

  /** A timer of the thread fired so late. Each time the priority grows by one, up to the limit. */
  late(lateMs: number): void {
    const next = (this.#realTime ?? 0) + 1;
    if (lateMs < this.#autoDelayMs || next > this.#autoMax) return;
    if (!this.#setRealTime(next)) return;
    const reason = `a timer was ${lateMs.toFixed(1)} ms late`;
    this.#log.write('notice', `${this.#usual.name}: real-time priority ${next}, ${reason}`);
  }

  /** null after a number: back to 0, what most programs are started with. */
  #setNice(nice: number | null): boolean {
    if (this.#nice === nice) return true;
    this.#nice = nice;
    return this.#isGranted(`nice value ${nice ?? 0}`, this.#calls.giveWay(nice ?? 0));
  }

  #setRealTime(priority: number | null): boolean {
    if (this.#realTime === priority) return true;
    // Also when it is refused: what was refused once is not asked for again and again.
    this.#realTime = priority;
    const what = `real-time priority ${priority ?? 'none'}`;
    return this.#isGranted(what, this.#calls.takePrecedence(priority));
  }

  #setCpus(cpus: readonly number[]): boolean {
    const text = cpus.join(' ');
    if (this.#cpus === text) return true;
    this.#cpus = text;
    return this.#isGranted(`CPUs ${text === '' ? 'all' : text}`, this.#calls.runOn(cpus));
  }

  #isGranted(what: string, outcome: Result<void, string>): boolean {
    return outcome.match(
      () => true,
      (reason) => {
        const consequence = 'on a busy machine it may run late';
        this.#log.write('notice', `${this.#usual.name}: ${what}: ${reason}; ${consequence}`);
        return false;
      },
    );
  }
}
