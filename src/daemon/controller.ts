// The control thread's work: text -> Config -> DesiredState -> Change[] -> apply. Start, SIGHUP, a
// checker's verdict and a data plane that came back all go through the same lines.
import { err, ok, type Result } from 'neverthrow';
import type { BfdInstance } from '../config/bfd.js';
import type { Config } from '../config/config.js';
import type { GarpRates } from '../config/garp.js';
import { noTracking } from '../config/tracking.js';
import type { VrrpInstance } from '../config/vrrp.js';
import { applyChanges } from '../dataplane/apply.js';
import {
  type Dataplane,
  type DataplaneError,
  describeDataplaneError,
  type OpenOptions,
} from '../dataplane/dataplane.js';
import { desiredState, openOptions } from '../dataplane/desired.js';
import { filePrefix, type Place, socketPath } from '../dataplane/paths.js';
import { plan } from '../dataplane/plan.js';
import { type DesiredState, emptyState } from '../dataplane/state.js';
import type { VrrpFact } from '../ha/vrrp/speaker.js';
import type { HealthReport } from '../health/monitor-set.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { type BfdNews, bfdStatus, checkedFacts } from './bfd-news.js';
import { bgpStatuses } from './bgp-status.js';
import { FactBook } from './facts.js';
import { identityOf } from './instance-identity.js';
import type { KernelSetup } from './kernel-setup.js';
import type { ToControlThread } from './messages.js';
import { serviceStatuses } from './service-status.js';
import { ServiceWatch, type ServiceWorld } from './service-watch.js';
import type { InstanceStatus, Status } from './status.js';
import type { AnnouncementStatus } from './why-report.js';

const recoverDelayMsMin = 500;
const recoverDelayMsMax = 30_000;

export type ControlWorld = {
  readonly clock: Clock;
  readonly setup: KernelSetup;
  readonly log: Log;
  readonly place: Place;
  readonly runsVrrp: boolean;
  readonly runsCheckers: boolean;
  /** Attaches to the data plane that runs, or starts one; then opens it with these options. */
  readonly openDataplane: (
    options: OpenOptions,
    closed: () => void,
  ) => Promise<Result<Dataplane, DataplaneError>>;
  readonly services: ServiceWorld;
  /** What the monitors did; null: there is none. */
  readonly reportHealth: () => Promise<HealthReport | null>;
  /** Of the addresses that are announced; the main thread knows. */
  readonly reportAnnouncements: () => Promise<readonly AnnouncementStatus[]>;
  /** Called before the protocols are configured. */
  readonly track: (config: Pick<Config, 'tracking' | 'notification'>) => void;
  readonly configureProtocols: (
    instances: readonly VrrpInstance[],
    bfdInstances: readonly BfdInstance[],
    dataplaneSocket: string | null,
    garpRates: GarpRates,
  ) => void;
};

export type Measures = Omit<Extract<ToControlThread, { type: 'measured' }>, 'type'>;

export class Controller {
  readonly #world: ControlWorld;
  readonly facts = new FactBook();
  #config: Config | null = null;
  readonly services: ServiceWatch;
  #dataplane: Dataplane | null = null;
  #recovery: Timer | null = null;
  #recoverDelayMs = recoverDelayMsMin;
  #isStopping = false;
  /** Adoptions and replans happen one after the other. */
  #order: Promise<void> = Promise.resolve();
  #replanIsQueued = false;

  constructor(world: ControlWorld) {
    this.#world = world;
    this.services = new ServiceWatch(world.services, () => this.#replan());
  }

  /** Makes `config` what runs. An error means that nothing of it was started. */
  adopt(config: Config): Promise<Result<void, DataplaneError>> {
    return new Promise((resolve) => {
      this.#enqueue(async () => resolve(await this.#adoptNow(config)));
    });
  }

  recordVrrp(fact: VrrpFact): void {
    this.facts.recordVrrp(fact);
    this.services.recordVrrp(this.facts.vrrp);
  }

  recordBfd(news: readonly BfdNews[]): void {
    this.facts.recordBfd(news);
    this.services.recordTracked(checkedFacts(news));
  }

  recordMeasures({ vrrp, bfd, bgp, lateness }: Measures): void {
    this.facts.recordMeasures(vrrp, lateness);
    this.facts.replaceBfd(bfd);
    this.facts.recordBgp(bgp);
    this.services.recordVrrp(this.facts.vrrp);
  }

  async status(): Promise<Status> {
    const statistics = await this.#dataplane?.statistics();
    const report = await this.#world.reportHealth();
    const announcements = await this.#world.reportAnnouncements();
    const failed = new Set(this.services.failedTargets());
    const hasDataplane = this.#config?.dataplane != null;
    return {
      instance: this.#world.place.instance,
      routerId: this.#config?.global.routerId ?? '',
      vrrp: this.#instances(),
      bfd: this.facts.bfd.map((news) => bfdStatus(news, this.#world.clock.nowMs())),
      failedCheckers: [...failed],
      services: serviceStatuses(this.services.states, {
        nowMs: this.#world.clock.nowMs(),
        report,
        isUpTarget: (id) => !failed.has(id),
        isSuspended: ({ config }) => this.services.isSuspended(config),
      }),
      bgp: bgpStatuses(this.facts.bgp, this.#world.clock.nowMs()),
      announcements,
      checks: report && { ...report.gate, latency: report.latencies },
      timers: this.facts.lateness,
      dataplane: hasDataplane
        ? {
            isUp: this.#dataplane !== null,
            statistics: statistics?.isOk() === true ? statistics.value : null,
          }
        : null,
    };
  }

  #instances(): readonly InstanceStatus[] {
    const configured = new Map(this.#config?.vrrpInstances.map((one) => [one.name, one]));
    const nowMs = this.#world.clock.nowMs();
    return this.facts.vrrp.flatMap((fact) => {
      const instance = configured.get(fact.instance);
      if (instance === undefined) return [];
      const sinceSeconds = Math.max(0, (nowMs - fact.sinceMs) / 1000);
      return [{ ...fact, ...identityOf(instance), sinceSeconds }];
    });
  }

  /** Takes back what the configuration put into the world; the data plane itself goes on. */
  async stop(keepsServices: boolean): Promise<void> {
    this.#isStopping = true;
    this.#recovery?.cancel();
    // Before anything else: scripts and FIFOs are told of it while they still can be.
    await this.#order;
    if (!keepsServices) await this.#removeServices();
    await this.#world.setup.stop();
  }

  #enqueue(work: () => Promise<void>): void {
    this.#order = this.#order.then(async () => {
      if (!this.#isStopping) await work();
    });
  }

  async #adoptNow(config: Config): Promise<Result<void, DataplaneError>> {
    const opened = await this.#openFor(config);
    if (opened.isErr()) return opened;
    this.#config = config;
    this.facts.keepOnly(new Set(config.vrrpInstances.map(({ name }) => name)));
    const virtualServers = this.#world.runsCheckers ? config.virtualServers : [];
    this.services.adopt({ ...config, virtualServers });
    await this.#planAndApply();
    const instances = this.#world.runsVrrp ? config.vrrpInstances : [];
    await this.#world.setup.prepare(config, instances);
    this.services.watch();
    const { notification } = config;
    const { files } = config.tracking;
    const tracking = this.#world.runsVrrp ? config.tracking : { ...noTracking, files };
    this.#world.track({ tracking, notification });
    this.#world.configureProtocols(
      instances,
      config.bfdInstances,
      config.dataplane === null ? null : socketPath(this.#world.place),
      config.garpRates,
    );
    this.#world.setup.retire();
    return ok(undefined);
  }

  async #openFor(config: Config): Promise<Result<void, DataplaneError>> {
    if (config.dataplane === null) {
      this.#dataplane = null;
      return ok(undefined);
    }
    const options = openOptions(config.dataplane, filePrefix(this.#world.place));
    if (this.#dataplane !== null) return this.#dataplane.open(options);
    const opened = await this.#world.openDataplane(options, () => this.#dataplaneClosed());
    if (opened.isErr()) return err(opened.error);
    this.#dataplane = opened.value;
    this.#recoverDelayMs = recoverDelayMsMin;
    return ok(undefined);
  }

  #dataplaneClosed(): void {
    this.#dataplane = null;
    if (this.#isStopping || this.#config?.dataplane == null) return;
    this.#world.log.write('error', 'The data plane went away: starting it again');
    this.#recoverLater();
  }

  #recoverLater(): void {
    this.#recovery?.cancel();
    this.#recovery = this.#world.clock.setTimer(this.#recoverDelayMs, () => {
      this.#recoverDelayMs = Math.min(this.#recoverDelayMs * 2, recoverDelayMsMax);
      this.#enqueue(() => this.#recover());
    });
  }

  async #recover(): Promise<void> {
    const config = this.#config;
    if (config === null || this.#dataplane !== null) return;
    const adopted = await this.#adoptNow(config);
    if (adopted.isOk()) return;
    this.#world.log.write('error', describeDataplaneError(adopted.error));
    this.#recoverLater();
  }

  /** Many verdicts at once make one plan. */
  #replan(): void {
    if (this.#replanIsQueued) return;
    this.#replanIsQueued = true;
    this.#enqueue(async () => {
      this.#replanIsQueued = false;
      await this.#planAndApply();
    });
  }

  async #planAndApply(): Promise<void> {
    if (this.#config === null) return;
    const desired = desiredState(this.#config, this.services.facts);
    const { settings, addresses, routes } = desired;
    const withoutServices = { ...emptyState, settings, addresses, routes };
    await this.#reach(this.#world.runsCheckers ? desired : withoutServices);
  }

  async #reach(desired: DesiredState): Promise<void> {
    const plane = this.#dataplane;
    if (plane === null) return;
    const running = await plane.running();
    if (running.isErr()) {
      this.#world.log.write('error', describeDataplaneError(running.error));
      return;
    }
    const changes = plan(running.value, desired);
    if (changes.length === 0) return;
    const applied = await applyChanges(plane, changes, this.#world.log);
    if (applied.isErr()) this.#world.log.write('error', describeDataplaneError(applied.error));
  }

  async #removeServices(): Promise<void> {
    if (this.#dataplane === null) return;
    const running = await this.#dataplane.running();
    if (running.isErr()) return;
    const { settings, addresses, routes } = running.value;
    await this.#reach({ ...emptyState, settings, addresses, routes });
  }
}
