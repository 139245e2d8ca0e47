// A simulated data plane behind a real socket, for the tests of its two ends and of the tools.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataplaneClient } from '../../src/dataplane/client.js';
import { DataplaneServer } from '../../src/dataplane/server.js';
import { SimulatedClock } from '../sim/clock.js';
import { SimulatedDataplane } from '../sim/dataplane.js';
import { RecordedLog } from './examples.js';

/** The part of tap's Test that cleans up. */
type Cleanup = {
  teardown(undo: () => Promise<void> | void): void;
};

/** tap's own test directories have names too long for a socket. */
export function shortDirectory(t: Cleanup): string {
  const directory = mkdtempSync(join(tmpdir(), 'keelson-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return directory;
}

export class Served {
  readonly clock = new SimulatedClock();
  readonly dataplane = new SimulatedDataplane(this.clock);
  readonly log = new RecordedLog();
  readonly path: string;
  endings = 0;
  #server: DataplaneServer | null = null;
  readonly #clients: DataplaneClient[] = [];

  private constructor(path: string) {
    this.path = path;
  }

  static async start(t: Cleanup): Promise<Served> {
    const served = new Served(join(shortDirectory(t), 'dataplane.sock'));
    t.teardown(() => served.stop());
    await served.listen();
    return served;
  }

  async listen(): Promise<void> {
    const server = await DataplaneServer.listen({
      dataplane: this.dataplane,
      path: this.path,
      pid: process.pid,
      clock: this.clock,
      log: this.log,
      ended: () => {
        this.endings++;
      },
    });
    this.#server = server._unsafeUnwrap();
  }

  async client(closed?: (reason: string) => void): Promise<DataplaneClient> {
    const client = await DataplaneClient.connect(this.path, this.clock, 1000, closed);
    this.#clients.push(client._unsafeUnwrap());
    return client._unsafeUnwrap();
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.#server?.close();
    this.#server = null;
  }
}
