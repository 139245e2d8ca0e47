// Scripts, processes and files of a simulated machine.
import { err, ok, type Result } from 'neverthrow';
import type { CommandEnd, CommandLine, CommandRunner } from '../../src/ports/command-runner.js';
import type {
  ProcessList,
  ProcessListError,
  ProcessNews,
  SeenProcess,
} from '../../src/ports/process-list.js';
import type { TrackedFiles } from '../../src/ports/tracked-files.js';

/** Commands end when the test says so. */
export class SimulatedRunner implements CommandRunner {
  readonly started: string[] = [];
  readonly #waiting: ((end: CommandEnd) => void)[] = [];

  run({ words }: CommandLine): Promise<CommandEnd> {
    this.started.push(words.join(' '));
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Every command that runs ends like this. */
  async end(end: CommandEnd | number): Promise<void> {
    const how = typeof end === 'number' ? ({ type: 'exited', code: end } as const) : end;
    for (const resolve of this.#waiting.splice(0)) resolve(how);
    await settle();
  }
}

export class SimulatedProcessList implements ProcessList {
  readonly #processes = new Map<number, SeenProcess>();
  #happened: ((news: ProcessNews) => void) | null = null;
  #hold: Promise<void> | null = null;
  refusesNews = false;
  scans = 0;

  /** A process begins or changes its name, or (null) ends. */
  set(pid: number, name: string | null, ...words: string[]): void {
    if (name === null) this.#processes.delete(pid);
    else this.#processes.set(pid, { pid, name, words });
    this.tell({ type: name === null ? 'ended' : 'changed', pid });
  }

  /** Without a word about it. */
  setSilently(pid: number, name: string | null): void {
    if (name === null) this.#processes.delete(pid);
    else this.#processes.set(pid, { pid, name, words: [] });
  }

  tell(news: ProcessNews): void {
    this.#happened?.(news);
  }

  /** Scans see what there is now and answer only when the returned function is called. */
  holdScans(): () => void {
    let release = (): void => {};
    this.#hold = new Promise((resolve) => {
      release = () => {
        this.#hold = null;
        resolve();
      };
    });
    return release;
  }

  async list(): Promise<Result<readonly SeenProcess[], ProcessListError>> {
    this.scans += 1;
    const seen = [...this.#processes.values()];
    await this.#hold;
    return ok(seen);
  }

  look(pid: number): SeenProcess | null {
    return this.#processes.get(pid) ?? null;
  }

  watch(happened: (news: ProcessNews) => void): Result<() => void, ProcessListError> {
    if (this.refusesNews) return err({ type: 'process_list.failed', reason: 'refused' });
    this.#happened = happened;
    return ok(() => {
      this.#happened = null;
    });
  }
}

export class SimulatedFiles implements TrackedFiles {
  readonly texts = new Map<string, string>();
  readonly #watchers = new Map<string, () => void>();

  async set(path: string, text: string | null): Promise<void> {
    if (text === null) this.texts.delete(path);
    else this.texts.set(path, text);
    this.#watchers.get(path)?.();
    await settle();
  }

  read(path: string): Promise<string | null> {
    return Promise.resolve(this.texts.get(path) ?? null);
  }

  write(path: string, text: string, isNew: boolean): Promise<Result<void, string>> {
    if (path.startsWith('/readonly/')) return Promise.resolve(err('read-only file system'));
    if (!isNew || !this.texts.has(path)) this.texts.set(path, text);
    return Promise.resolve(ok(undefined));
  }

  watch(path: string, changed: () => void): () => void {
    this.#watchers.set(path, changed);
    return () => this.#watchers.delete(path);
  }

  get watched(): readonly string[] {
    return [...this.#watchers.keys()];
  }
}

/** Lets every promise that is due run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}
