// Writes the dump files when a signal asks for them. On the control thread: files are slow.
import { hostname } from 'node:os';
import type { Result } from 'neverthrow';
import type { Config } from '../../config/config.js';
import type { Root } from '../../config/root-table.js';
import type { TrackedFacts } from '../../ha/tracking/facts.js';
import { noAdverts } from '../../ha/vrrp/advert-lateness.js';
import type { VrrpFact } from '../../ha/vrrp/speaker.js';
import { zeroCounters } from '../../ha/vrrp/statistics.js';
import { familyOf } from '../../net/address.js';
import { describeKernelError, type Kernel } from '../../ports/kernel.js';
import type { Log } from '../../ports/log.js';
import type { BfdNews } from '../bfd-news.js';
import { bfdLines } from './bfd-text.js';
import type { OwnerOf } from './command-text.js';
import { dataText, parentText } from './data-text.js';
import { type DumpKind, dumpPath } from './dump-path.js';
import { type DumpedInstance, dumpedInstance } from './dumped-instance.js';
import type { DumpedInterface } from './interface-text.js';
import { jsonText } from './json-text.js';
import { statsText } from './stats-text.js';

export type DumpRequest = 'data' | 'stats' | 'json';

export type DumpWorld = {
  readonly log: Log;
  readonly kernel: Kernel;
  readonly pid: number;
  readonly namespace: string | null;
  readonly temporaryFolder: string | undefined;
  /** -u; null: as the file says. */
  readonly umask: number | null;
  readonly calendarOf: (clockMs: number) => number;
  readonly write: (path: string, text: string, umask: number) => Result<void, string>;
};

/** What is written of. */
export type DumpSubject = {
  readonly root: Root;
  readonly config: Config;
  readonly facts: readonly VrrpFact[];
  readonly bfd: readonly BfdNews[];
  readonly tracked: TrackedFacts;
  readonly ownerOf: OwnerOf;
};

const titles = {
  data: 'Printing VRRP data',
  stats: 'Printing VRRP stats',
  json: 'Printing VRRP as json',
} as const;
const umaskDefault = 0o177;

export class Dumper {
  readonly #world: DumpWorld;

  constructor(world: DumpWorld) {
    this.#world = world;
  }

  async dump(request: DumpRequest, subject: DumpSubject): Promise<void> {
    const { log, pid } = this.#world;
    log.write('info', `${titles[request]} for process(${pid}) on signal`);
    if (request === 'stats') this.#write('stats', subject, statsText(this.#instances(subject)));
    if (request === 'json') this.#write('json', subject, this.#json(subject));
    if (request === 'data') await this.#dumpData(subject);
  }

  /** keepalived.data, line by line. */
  async dataLines(subject: DumpSubject): Promise<readonly string[]> {
    return (await this.#data(subject)).trimEnd().split('\n');
  }

  async #dumpData(subject: DumpSubject): Promise<void> {
    const { root, config } = subject;
    const head = parentText(root, config.operations, namesOf(subject));
    this.#write('parent', subject, head);
    if (config.vrrpInstances.length > 0) this.#write('data', subject, await this.#data(subject));
    if (config.virtualServers.length > 0) this.#write('check', subject, head);
    if (config.bfdInstances.length === 0) return;
    const facts = new Map(subject.bfd.map(({ name, fact }) => [name, fact]));
    const lines = bfdLines(config.bfdInstances, (name) => facts.get(name) ?? null);
    this.#write('bfd', subject, `${head}${lines.join('\n')}\n`);
  }

  async #data(subject: DumpSubject): Promise<string> {
    const { root, config, tracked, ownerOf } = subject;
    return dataText(root, config, {
      names: namesOf(subject),
      instances: this.#instances(subject),
      interfaces: await this.#interfaces(),
      tracked,
      ownerOf,
    });
  }

  #json(subject: DumpSubject): string {
    const processes = subject.root.all('vrrp_track_process').map(({ value }) => ({
      name: value.head,
      process: (value.settings.value('process') ?? []).join(' '),
    }));
    const { jsonVersion } = subject.config.operations.dumpFiles;
    return jsonText(this.#instances(subject), processes, jsonVersion);
  }

  #instances({ root, config, facts, tracked }: DumpSubject): readonly DumpedInstance[] {
    const byName = new Map(facts.map((fact) => [fact.instance, fact]));
    const running = new Map(config.vrrpInstances.map((one) => [one.name, one]));
    const globals = root.all('global_defs').map(({ value }) => value);
    const groups = new Map(
      root.all('vrrp_sync_group').flatMap(({ value: { head, settings } }) =>
        settings
          .all('group')
          .flatMap(({ value }) => value.flatMap((line) => line.value))
          .map((member) => [member, head] as const),
      ),
    );
    return root
      .all('vrrp_instance')
      .filter(({ value }) => running.has(value.head))
      .map(({ value }) =>
        dumpedInstance(value, byName.get(value.head) ?? notStarted(value.head), {
          root,
          globals,
          syncGroup: groups.get(value.head) ?? null,
          calendarOf: this.#world.calendarOf,
          running: running.get(value.head) ?? null,
          tracked,
        }),
      );
  }

  async #interfaces(): Promise<readonly DumpedInterface[]> {
    const { kernel, log } = this.#world;
    const links = await kernel.links();
    const addresses = await kernel.addresses();
    if (links.isErr() || addresses.isErr()) {
      const error = links.isErr() ? links.error : addresses._unsafeUnwrapErr();
      log.write('warning', describeKernelError(error));
      return [];
    }
    return links.value.map((link) => {
      const own = addresses.value.filter(({ linkIndex }) => linkIndex === link.index);
      const first = (family: 'ipv4' | 'ipv6'): string | null =>
        own.find(({ prefix }) => familyOf(prefix.address) === family)?.prefix.address ?? null;
      return { ...link, ipv4: first('ipv4'), ipv6: first('ipv6') };
    });
  }

  #write(kind: DumpKind, { config }: DumpSubject, text: string): void {
    const { namespace, temporaryFolder, umask, log, write } = this.#world;
    const { operations } = config;
    const path = dumpPath(kind, operations, namespace, temporaryFolder);
    const written = write(path, text, umask ?? operations.umask ?? umaskDefault);
    if (written.isErr()) log.write('error', written.error);
  }
}

function namesOf({ config, ownerOf }: DumpSubject) {
  return { routerId: config.global.routerId, host: hostname(), scriptOwner: ownerOf(null) };
}

function notStarted(instance: string): VrrpFact {
  return {
    instance,
    state: 'INIT',
    sinceMs: 0,
    priority: 0,
    faults: [],
    masterAddress: null,
    counters: zeroCounters(),
    lateness: noAdverts,
  };
}
