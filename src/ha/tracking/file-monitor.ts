// One track_file: made at the start if that is wanted, read again when it changes.
import type { FileDefinition } from '../../config/tracking.js';
import type { Log } from '../../ports/log.js';
import type { TrackedFiles } from '../../ports/tracked-files.js';
import { fileValue } from './file-value.js';

export type FileWorld = { readonly files: TrackedFiles; readonly log: Log };

export class FileMonitor {
  readonly #world: FileWorld;
  readonly #definition: FileDefinition;
  readonly #turned: (value: number) => void;
  #value: number | null = null;
  #isReading = false;
  #isStale = false;
  #isStopped = false;
  #stopWatching: () => void = () => {};

  constructor(world: FileWorld, definition: FileDefinition, turned: (value: number) => void) {
    this.#world = world;
    this.#definition = definition;
    this.#turned = turned;
    void this.#begin();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopWatching();
  }

  async #begin(): Promise<void> {
    const { files, log } = this.#world;
    const { name, path, initial } = this.#definition;
    if (initial !== null) {
      const written = await files.write(path, `${initial.value}\n`, !initial.overwrites);
      if (written.isErr()) {
        log.write('error', `track_file ${name}: cannot write ${path}: ${written.error}`);
      }
    }
    if (this.#isStopped) return;
    this.#stopWatching = files.watch(path, () => void this.#read());
    await this.#read();
  }

  /** Changes during a read make one more. */
  async #read(): Promise<void> {
    this.#isStale = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isStale) {
      this.#isStale = false;
      const value = fileValue(await this.#world.files.read(this.#definition.path));
      if (this.#isStopped || value === this.#value) continue;
      this.#value = value;
      this.#turned(value);
    }
    this.#isReading = false;
  }
}
