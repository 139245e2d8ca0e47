// The FIFOs of a configuration: opened, kept over reloads that do not change them, each with the
// script that reads it. What a FIFO cannot take is lost, counted, and said once until it takes
// lines again.
import type { CommandAs } from '../config/command.js';
import type { FifoConfig } from '../config/notification.js';
import type { ScriptSecurity } from '../config/script-security.js';
import type { CommandRunner } from '../ports/command-runner.js';
import type { Log } from '../ports/log.js';
import { describeFifoError, type NotifyFifo, type NotifyFifos } from '../ports/notify-fifo.js';

/** Runs commands until it is ended. */
export type Runner = CommandRunner & { end(): Promise<void> };

type OpenFifo = {
  readonly config: FifoConfig;
  readonly fifo: NotifyFifo;
  readonly reader: Runner | null;
  dropped: number;
};

export class OpenFifos {
  readonly #fifos: NotifyFifos;
  readonly #newRunner: () => Runner;
  readonly #log: Log;
  /** By what the configuration says of it. */
  readonly #open = new Map<string, OpenFifo>();

  constructor(fifos: NotifyFifos, newRunner: () => Runner, log: Log) {
    this.#fifos = fifos;
    this.#newRunner = newRunner;
    this.#log = log;
  }

  configure(wanted: readonly FifoConfig[], security: ScriptSecurity): void {
    const keys = new Map(wanted.map((config) => [JSON.stringify(config), config]));
    for (const [key, open] of this.#open) {
      if (keys.has(key)) continue;
      this.#open.delete(key);
      open.fifo.close();
      void open.reader?.end();
    }
    for (const [key, config] of keys) {
      if (!this.#open.has(key)) this.#start(key, config, security);
    }
  }

  write(about: 'vrrp' | 'services', line: string): void {
    for (const open of this.#open.values()) {
      const { carries, path } = open.config;
      if (carries !== 'everything' && carries !== about) continue;
      if (open.fifo.write(line)) {
        if (open.dropped > 0) {
          this.#log.write('warning', `${path} takes lines again; ${open.dropped} were lost`);
        }
        open.dropped = 0;
        continue;
      }
      if (open.dropped === 0) this.#log.write('error', `${path} is full: lines are lost`);
      open.dropped += 1;
    }
  }

  async end(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map(({ reader }) => reader?.end()));
    for (const { fifo } of all) fifo.close();
  }

  #start(key: string, config: FifoConfig, security: ScriptSecurity): void {
    const owner = security.ownerOf(config.owner);
    if (owner.isErr()) {
      this.#log.write('error', `${config.path} is not used: ${owner.error}`);
      return;
    }
    const opened = this.#fifos.open(config.path, owner.value);
    if (opened.isErr()) {
      this.#log.write('error', describeFifoError(opened.error));
      return;
    }
    const { script } = config;
    const reader = script === null ? null : this.#startReader(config.path, script, security);
    this.#open.set(key, { config, fifo: opened.value, reader, dropped: 0 });
  }

  /** Told the path of the FIFO as its last word. One that ends by itself is not started again. */
  #startReader(path: string, script: CommandAs, security: ScriptSecurity): Runner | null {
    const command = security.commandOf(script, [path]);
    if (command.isErr()) {
      this.#log.write('error', command.error);
      return null;
    }
    const runner = this.#newRunner();
    void runner.run(command.value, { timeoutMs: null }).then((end) => {
      const how = end.type === 'not_started' ? `was not started: ${end.reason}` : 'terminated';
      this.#log.write('notice', `The script of ${path} ${how}`);
    });
    return runner;
  }
}
