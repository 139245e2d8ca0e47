// Which processes the vrrp_track_processes mean, by the kernel's news of processes; where those are
// refused (in a container, or in a network namespace) by looking at all of them every second.
import type { ProcessDefinition } from '../../config/tracking.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { ProcessList, ProcessNews, SeenProcess } from '../../ports/process-list.js';
import { ProcessJudge } from './process-judge.js';
import { isProcessOf } from './process-match.js';

export const pollIntervalMs = 1_000;
/** News that wait for the end of a scan; with more of them there is another scan. */
const waitingNewsMax = 4_096;

export type CensusWorld = {
  readonly clock: Clock;
  readonly log: Log;
  readonly processes: ProcessList;
};

type Counted = {
  readonly definition: ProcessDefinition;
  readonly judge: ProcessJudge;
  readonly pids: Set<number>;
};

export class ProcessCensus {
  readonly #world: CensusWorld;
  readonly #turned: (name: string, isUp: boolean) => void;
  #counted: readonly Counted[] = [];
  #withWords = false;
  #stopWatching: (() => void) | null = null;
  #poll: Timer | null = null;
  #hasSaidWhy = false;
  /** null: no scan is under way. */
  #news: ProcessNews[] | null = null;
  #owesScan = false;

  constructor(world: CensusWorld, turned: (name: string, isUp: boolean) => void) {
    this.#world = world;
    this.#turned = turned;
  }

  /** What is unchanged keeps its processes and its verdict. */
  configure(definitions: readonly ProcessDefinition[]): void {
    const known = new Map(this.#counted.map((one) => [JSON.stringify(one.definition), one]));
    this.#counted = definitions.map((definition) => {
      const kept = known.get(JSON.stringify(definition));
      known.delete(JSON.stringify(definition));
      return kept ?? this.#begin(definition);
    });
    for (const { judge } of known.values()) judge.stop();
    this.#withWords = definitions.some(({ comparesCommand }) => comparesCommand);
    if (definitions.length === 0) {
      this.stop();
      return;
    }
    if (this.#stopWatching === null) this.#follow();
    void this.#scan();
  }

  stop(): void {
    for (const { judge } of this.#counted) judge.stop();
    this.#counted = [];
    this.#stopWatching?.();
    this.#stopWatching = null;
    this.#poll?.cancel();
    this.#poll = null;
  }

  #begin(definition: ProcessDefinition): Counted {
    const { clock, log } = this.#world;
    const judge = new ProcessJudge(definition, clock, (isUp) => {
      const what = isUp ? 'gained' : 'lost';
      log.write('notice', `Quorum ${what} for tracked process ${definition.name}`);
      this.#turned(definition.name, isUp);
    });
    return { definition, judge, pids: new Set() };
  }

  #follow(): void {
    const { processes } = this.#world;
    const watching = processes.watch((news) => this.#happen(news));
    if (watching.isOk()) {
      this.#stopWatching = watching.value;
      return;
    }
    this.#stopWatching = () => {};
    this.#doWithoutNews(watching.error.reason);
  }

  #doWithoutNews(reason: string): void {
    if (this.#poll !== null) return;
    this.#sayOnce(`no news of processes (${reason}): looking every second`);
    this.#pollLater();
  }

  #pollLater(): void {
    this.#poll = this.#world.clock.setTimer(pollIntervalMs, () => {
      this.#pollLater();
      void this.#scan();
    });
  }

  #happen(news: ProcessNews): void {
    if (news.type === 'lost') {
      this.#doWithoutNews(news.reason);
      return;
    }
    if (this.#news !== null) {
      // Replayed when the scan, which may have looked before them, is over.
      if (this.#news.length < waitingNewsMax && news.type !== 'overrun') this.#news.push(news);
      else this.#owesScan = true;
      return;
    }
    if (news.type === 'overrun') void this.#scan();
    else this.#see(news.pid, news.type === 'ended');
  }

  #see(pid: number, hasEnded: boolean): void {
    const seen = hasEnded ? null : this.#world.processes.look(pid, this.#withWords);
    for (const one of this.#counted) {
      const isOne = seen !== null && isProcessOf(one.definition, seen);
      if (isOne === one.pids.has(pid)) continue;
      if (isOne) one.pids.add(pid);
      else one.pids.delete(pid);
      one.judge.count(one.pids.size);
    }
  }

  async #scan(): Promise<void> {
    if (this.#news !== null) {
      this.#owesScan = true;
      return;
    }
    do {
      this.#owesScan = false;
      this.#news = [];
      const listed = await this.#world.processes.list(this.#withWords);
      const news: readonly ProcessNews[] = this.#news;
      this.#news = null;
      if (listed.isErr()) this.#sayOnce(`cannot look at processes: ${listed.error.reason}`);
      else this.#take(listed.value);
      for (const one of news) this.#happen(one);
    } while (this.#owesScan && this.#counted.length > 0);
  }

  #take(processes: readonly SeenProcess[]): void {
    for (const { definition, judge, pids } of this.#counted) {
      pids.clear();
      for (const process of processes) if (isProcessOf(definition, process)) pids.add(process.pid);
      judge.count(pids.size);
    }
  }

  #sayOnce(reason: string): void {
    if (this.#hasSaidWhy) return;
    this.#hasSaidWhy = true;
    this.#world.log.write('notice', `vrrp_track_process: ${reason}`);
  }
}
