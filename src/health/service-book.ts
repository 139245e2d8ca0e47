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
import type { Verdict } from './monitor.js';
import type { ServiceNews } from './service-news.js';
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
};

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

type Target = {
  readonly server: Server;
  readonly checker: Checker['type'];
  verdict: Verdict;
};

export class ServiceBook {
  readonly #services = new Map<string, Service>();
  readonly #servers = new Map<string, Server>();
  readonly #targets = new Map<string, Target>();
  /** Those that are not as the file has them. */
  readonly #facts = new Map<string, ServerFact>();
  readonly #withoutQuorum = new Set<string>();

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

  sinceMs(serverKey: string): number | null {
    return this.#servers.get(serverKey)?.sinceMs ?? null;
  }

  /** In the order of the file. */
  services(): readonly ServiceState[] {
    return [...this.#services.values()].map(({ config, servers, aliveWeight, hasQuorum }) => ({
      config,
      aliveWeight,
      hasQuorum,
      servers: servers.map((server) => ({
        config: server.config,
        isUp: server.failures === 0,
        weight: weightOf(server),
        sinceMs: server.sinceMs,
        targetIds: targetsOfServer(config, server.config).map(({ id }) => id),
      })),
    }));
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
        if (server.failures > 0 || next?.hasServer(server.key) === true) continue;
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
    const { service } = server;
    const wasUp = server.failures === 0;
    const weightBefore = weightOf(server);
    this.#count(server, target.verdict, -1);
    this.#count(server, verdict, 1);
    const hasTurned = target.verdict.isUp !== verdict.isUp;
    target.verdict = verdict;
    const isUp = server.failures === 0;
    const weight = weightOf(server);
    service.aliveWeight += (isUp ? weight : 0) - (wasUp ? weightBefore : 0);
    this.#note(server);
    const news: ServiceNews[] = [];
    const about = { service: service.config, server: server.config, isUp };
    if (weight !== weightBefore) {
      news.push({ type: 'weight_changed', ...about, from: weightBefore, to: weight });
    }
    if (isUp !== wasUp) {
      server.sinceMs = nowMs;
      news.push({ type: 'server_changed', ...about, cause: checker });
    } else if (hasTurned) {
      const hasSucceeded = verdict.isUp;
      news.push({ type: 'checker_changed', ...about, cause: checker, hasSucceeded });
    }
    const quorum = this.#weigh(service);
    if (quorum !== null) news.push(quorum);
    return news;
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
      const server = this.#server(serverKey, realServer, service, before);
      server.sinceMs = before?.sinceMs(serverKey) ?? nowMs;
      service.servers.push(server);
      if (server.failures === 0) service.aliveWeight += weightOf(server);
    }
    if (!service.hasQuorum) this.#withoutQuorum.add(key);
    return service;
  }

  #server(key: string, config: RealServer, service: Service, before: ServiceBook | null): Server {
    const server: Server = { key, config, service, sinceMs: 0, failures: 0, weightChange: 0 };
    this.#servers.set(key, server);
    for (const { id, checker } of targetsOfServer(service.config, config)) {
      const known = before?.verdictOf(id);
      const verdict = known ?? { isUp: !checker.startsDown, weightChange: 0 };
      this.#targets.set(id, { server, checker: checker.type, verdict });
      this.#count(server, verdict, 1);
    }
    this.#note(server);
    return server;
  }

  #count(server: Server, { isUp, weightChange }: Verdict, sign: 1 | -1): void {
    if (!isUp) server.failures += sign;
    server.weightChange += sign * weightChange;
  }

  #note({ key, failures, weightChange }: Server): void {
    const isUp = failures === 0;
    if (isUp && weightChange === 0) this.#facts.delete(key);
    else this.#facts.set(key, { isUp, weightChange });
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

function weightOf({ config, weightChange }: Server): number {
  return effectiveWeight(config.weight, weightChange);
}
