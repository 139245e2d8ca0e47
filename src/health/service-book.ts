// From verdicts to servers and services. A real server is up while all its checkers are, and weighs
// what the file says and what its checkers add; a virtual server has its quorum while its live
// servers weigh enough. Kept up to date verdict by verdict: ten thousand checkers that fail at once
// cost ten thousand steps. Pure.
import type { Checker } from '../config/checkers/checkers.js';
import type { RealServer, VirtualServer } from '../config/virtual-server.js';
import {
  effectiveWeight,
  type ServerFact,
  type ServiceFacts,
  serverKeyOf,
  serviceKeyOf,
} from '../net/service-facts.js';
import { type DampingEvent, type DampingState, damp, undamped } from './damping.js';
import type { Verdict } from './monitor.js';
import type { ServiceNews } from './service-news.js';
import { slowWeight } from './slow-start.js';
import { targetsOfServer } from './targets.js';

type Service = {
  readonly key: string;
  readonly config: VirtualServer;
  readonly servers: Server[];
  /** Of the servers that are up. */
  aliveWeight: number;
  hasQuorum: boolean;
  isKnown: boolean;
};

type Server = {
  readonly key: string;
  readonly config: RealServer;
  readonly service: Service;
  /** When it came up or went down, or was seen first, on the clock. */
  sinceMs: number;
  /** Checkers that are down. */
  failures: number;
  /** Sum of what its checkers add. */
  weightChange: number;
  isUp: boolean;
  /** For the quorum: that of the file and what its checkers add. */
  weight: number;
  /** For the data plane: less while it starts slowly. */
  share: number;
  /** When it came up in our sight; null: it is down, or was up before. */
  upSinceMs: number | null;
  damping: DampingState;
  /** When time alone changes something; null: never. */
  nextMs: number | null;
};

/** What a server keeps in a new configuration. */
type History = Pick<Server, 'sinceMs' | 'isUp' | 'upSinceMs' | 'damping'>;

export type ServerState = {
  readonly config: RealServer;
  readonly isUp: boolean;
  readonly weight: number;
  readonly sinceMs: number;
  readonly targetIds: readonly string[];
};

export type ServiceState = {
  readonly config: VirtualServer;
  readonly aliveWeight: number;
  readonly hasQuorum: boolean;
  readonly servers: readonly ServerState[];
};

export type ServiceTally = {
  readonly service: string;
  readonly hasQuorum: boolean;
  readonly hasSorryServer: boolean;
  readonly serversUp: number;
  readonly serversTotal: number;
};

type Target = {
  readonly server: Server;
  readonly checker: Checker['type'];
  verdict: Verdict;
};

/** Of what is told of a server. */
type Why = { readonly cause: Checker['type'] | 'damping'; readonly mailReason?: string };

export class ServiceBook {
  readonly #services = new Map<string, Service>();
  readonly #servers = new Map<string, Server>();
  readonly #targets = new Map<string, Target>();
  /** Those that are not as the file has them. */
  readonly #facts = new Map<string, ServerFact>();
  readonly #withoutQuorum = new Set<string>();
  /** Servers that time alone changes. */
  readonly #timed = new Set<Server>();
  #nextMs: number | null = null;

  /** What `before` knows of a target, and of the quorum of a service, stays known. */
  constructor(virtualServers: readonly VirtualServer[], before: ServiceBook | null, nowMs: number) {
    for (const config of virtualServers) {
      const key = serviceKeyOf(config);
      if (this.#services.has(key)) continue;
      this.#services.set(key, this.#service(key, config, before, nowMs));
    }
  }

  /** By serverKey and serviceKey; they change with the next verdict. */
  get facts(): ServiceFacts {
    return { servers: this.#facts, withoutQuorum: this.#withoutQuorum };
  }

  /** When `tick` is due; null: never. */
  get nextMs(): number | null {
    return this.#nextMs;
  }

  /** Identifiers of the checkers that hold their real server down. */
  failedTargets(): readonly string[] {
    return [...this.#targets].flatMap(([id, { verdict }]) => (verdict.isUp ? [] : [id]));
  }

  hasServer(key: string): boolean {
    return this.#servers.has(key);
  }

  hasService(key: string): boolean {
    return this.#services.has(key);
  }

  /** null: there is no such server. */
  historyOf(serverKey: string): History | null {
    const server = this.#servers.get(serverKey);
    if (server === undefined) return null;
    const { sinceMs, isUp, upSinceMs, damping } = server;
    return { sinceMs, isUp, upSinceMs, damping };
  }

  /** In the order of the file. */
  services(): readonly ServiceState[] {
    return [...this.#services.values()].map(({ config, servers, aliveWeight, hasQuorum }) => ({
      config,
      aliveWeight,
      hasQuorum,
      servers: servers.map((server) => ({
        config: server.config,
        isUp: server.isUp,
        weight: server.share,
        sinceMs: server.sinceMs,
        targetIds: targetsOfServer(config, server.config).map(({ id }) => id),
      })),
    }));
  }

  /** How many of its servers are up; null: there is no such service. */
  tallyOf(serviceKey: string): ServiceTally | null {
    const service = this.#services.get(serviceKey);
    if (service === undefined) return null;
    const { config, hasQuorum, servers } = service;
    return {
      service: serviceKey,
      hasQuorum,
      hasSorryServer: config.sorryServer !== null,
      serversUp: servers.filter(({ isUp }) => isUp).length,
      serversTotal: servers.length,
    };
  }

  /** null: nothing is known of such a service. */
  quorumOf(serviceKey: string): boolean | null {
    const service = this.#services.get(serviceKey);
    return service?.isKnown === true ? service.hasQuorum : null;
  }

  /** null: there is no such target. */
  verdictOf(targetId: string): Verdict | null {
    return this.#targets.get(targetId)?.verdict ?? null;
  }

  /** What is to be told when this book takes the place of `before`. */
  begin(): readonly ServiceNews[] {
    return [...this.#services.values()].flatMap((service) => this.#weigh(service) ?? []);
  }

  /**
   * What is not in `next` is told as if it had failed; at the end of the daemon, `next` null, only
   * with omega.
   */
  farewell(next: ServiceBook | null): readonly ServiceNews[] {
    const news: ServiceNews[] = [];
    const cause = next === null ? 'stop' : 'reload';
    const isUp = false;
    for (const { key, config, servers, hasQuorum } of this.#services.values()) {
      if (next === null && !config.tellsItsEnd) continue;
      for (const server of servers) {
        if (!server.isUp || next?.hasServer(server.key) === true) continue;
        news.push({ type: 'server_changed', service: config, server: server.config, isUp, cause });
      }
      if (!hasQuorum || next?.hasService(key) === true) continue;
      const isFirst = false;
      news.push({
        type: 'quorum_changed',
        service: config,
        hasQuorum: false,
        aliveWeight: 0,
        isFirst,
        cause,
      });
    }
    return news;
  }

  record(targetId: string, verdict: Verdict, nowMs: number): readonly ServiceNews[] {
    const target = this.#targets.get(targetId);
    if (target === undefined) return [];
    const { server, checker } = target;
    const hasTurned = target.verdict.isUp !== verdict.isUp;
    this.#count(server, target.verdict, -1);
    this.#count(server, verdict, 1);
    target.verdict = verdict;
    const isUp = server.failures === 0;
    const why: Why = { cause: checker, ...reasonOf(verdict) };
    const news = this.#settle(server, { type: 'verdict_reached', isUp }, why, nowMs);
    if (hasTurned && !news.some(({ type }) => type === 'server_changed')) {
      const about = { service: server.service.config, server: server.config, isUp: server.isUp };
      news.push({ type: 'checker_changed', ...about, ...why, hasSucceeded: verdict.isUp });
    }
    const quorum = this.#weigh(server.service);
    if (quorum !== null) news.push(quorum);
    return news;
  }

  /** What time alone has changed; null: nothing was due. */
  tick(nowMs: number): readonly ServiceNews[] | null {
    const due = [...this.#timed].filter(({ nextMs }) => nextMs !== null && nextMs <= nowMs);
    this.#nextMs = null;
    const news: ServiceNews[] = [];
    for (const server of due) {
      news.push(...this.#settle(server, { type: 'time_passed' }, { cause: 'damping' }, nowMs));
      const quorum = this.#weigh(server.service);
      if (quorum !== null) news.push(quorum);
    }
    for (const server of this.#timed) this.#expect(server.nextMs);
    return due.length === 0 ? null : news;
  }

  /** What its checkers and the time make of a server. */
  #settle(server: Server, event: DampingEvent, why: Why, nowMs: number): ServiceNews[] {
    const { config, service, isUp: wasUp, weight: weightBefore } = server;
    const news: ServiceNews[] = [];
    const about = { service: service.config, server: config };
    const heldUntilMs = this.#damp(server, event, nowMs, (text) =>
      news.push({ type: 'server_damped', ...about, text }),
    );
    const { isUp } = server;
    server.weight = effectiveWeight(config.weight, server.weightChange);
    service.aliveWeight += (isUp ? server.weight : 0) - (wasUp ? weightBefore : 0);
    if (isUp !== wasUp) {
      server.sinceMs = nowMs;
      server.upSinceMs = isUp ? nowMs : null;
    }
    this.#place(server, heldUntilMs, nowMs);
    const { weight } = server;
    if (weight !== weightBefore) {
      news.push({ type: 'weight_changed', ...about, isUp, from: weightBefore, to: weight });
    }
    if (isUp !== wasUp) news.push({ type: 'server_changed', ...about, isUp, ...why });
    return news;
  }

  /** Sets whether it is up; when it will be looked at again, or null. */
  #damp(
    server: Server,
    event: DampingEvent,
    nowMs: number,
    say: (text: string) => void,
  ): number | null {
    const { flapDamping } = server.config;
    if (flapDamping === null) {
      server.isUp = server.failures === 0;
      return null;
    }
    const damped = damp(flapDamping, server.damping, event, nowMs);
    server.damping = damped.state;
    server.isUp = damped.isUp;
    if (damped.news !== null) say(damped.news);
    return damped.checkAtMs;
  }

  /** Its share, when that changes, and what the plan is told. */
  #place(server: Server, heldUntilMs: number | null, nowMs: number): void {
    const { key, isUp, weight, upSinceMs, config } = server;
    const slow = slowWeight({ weight, upSinceMs, slowStartMs: config.slowStartMs }, nowMs);
    server.share = slow.weight;
    server.nextMs = earlier(heldUntilMs, slow.changesAtMs);
    if (server.nextMs === null) this.#timed.delete(server);
    else this.#timed.add(server);
    this.#expect(server.nextMs);
    const weightChange = server.share - config.weight;
    if (isUp && weightChange === 0) this.#facts.delete(key);
    else this.#facts.set(key, { isUp, weightChange });
  }

  #expect(nextMs: number | null): void {
    this.#nextMs = earlier(this.#nextMs, nextMs);
  }

  #service(key: string, config: VirtualServer, before: ServiceBook | null, nowMs: number): Service {
    const known = before?.quorumOf(key) ?? null;
    const service: Service = {
      key,
      config,
      servers: [],
      aliveWeight: 0,
      hasQuorum: known ?? false,
      isKnown: known !== null,
    };
    for (const realServer of config.realServers) {
      const serverKey = serverKeyOf(config, realServer.endpoint);
      if (this.#servers.has(serverKey)) continue;
      service.servers.push(this.#server(serverKey, realServer, service, before, nowMs));
    }
    if (!service.hasQuorum) this.#withoutQuorum.add(key);
    return service;
  }

  #server(
    key: string,
    config: RealServer,
    service: Service,
    before: ServiceBook | null,
    nowMs: number,
  ): Server {
    const server: Server = {
      key,
      config,
      service,
      ...(before?.historyOf(key) ?? unheardOf(nowMs)),
      failures: 0,
      weightChange: 0,
      weight: 0,
      share: 0,
      nextMs: null,
    };
    this.#servers.set(key, server);
    for (const { id, checker } of targetsOfServer(service.config, config)) {
      const known = before?.verdictOf(id);
      const verdict = known ?? { isUp: !checker.startsDown, weightChange: 0 };
      this.#targets.set(id, { server, checker: checker.type, verdict });
      this.#count(server, verdict, 1);
    }
    this.#adopt(server, nowMs);
    return server;
  }

  /** Without news: what a new configuration makes of what is known. */
  #adopt(server: Server, nowMs: number): void {
    server.damping = { ...server.damping, isUp: server.failures === 0 };
    const heldUntilMs = this.#damp(server, { type: 'time_passed' }, nowMs, () => {});
    server.weight = effectiveWeight(server.config.weight, server.weightChange);
    if (server.isUp) server.service.aliveWeight += server.weight;
    else server.upSinceMs = null;
    this.#place(server, heldUntilMs, nowMs);
  }

  #count(server: Server, { isUp, weightChange }: Verdict, sign: 1 | -1): void {
    if (!isUp) server.failures += sign;
    server.weightChange += sign * weightChange;
  }

  #weigh(service: Service): ServiceNews | null {
    const { key, config, aliveWeight, isKnown } = service;
    const hasQuorum = service.hasQuorum ? !loses(service) : gains(service);
    service.isKnown = true;
    if (isKnown && hasQuorum === service.hasQuorum) return null;
    service.hasQuorum = hasQuorum;
    if (hasQuorum) this.#withoutQuorum.delete(key);
    else this.#withoutQuorum.add(key);
    const isFirst = !isKnown;
    const cause = 'weights';
    return { type: 'quorum_changed', service: config, hasQuorum, aliveWeight, isFirst, cause };
  }
}

function gains({ config: { quorum, hysteresis }, aliveWeight }: Service): boolean {
  return aliveWeight >= quorum + hysteresis;
}

function loses({ config: { quorum, hysteresis }, aliveWeight }: Service): boolean {
  return aliveWeight === 0 || aliveWeight < quorum - hysteresis;
}

function reasonOf({ mailReason }: Verdict): Pick<Verdict, 'mailReason'> {
  return mailReason === undefined ? {} : { mailReason };
}

function unheardOf(nowMs: number): History {
  return { sinceMs: nowMs, isUp: true, upSinceMs: null, damping: undamped(true) };
}

/** null is never. */
function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
