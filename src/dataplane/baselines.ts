// What was counted when an operator zeroed the counters (`ipvsadm -Z`): workers count on, and what
// they had is taken off. Kept by the data plane process, so that every tool sees the same.
import type { Traffic } from './dataplane.js';
import { serviceIdentity } from './difference.js';
import { serverIdentity } from './plan.js';
import type { Change, Server, ServiceKey } from './state.js';

type ServerKey = Pick<Server, 'service' | 'endpoint'>;

export class Baselines {
  readonly #services = new Map<string, Traffic>();
  /** By the identity of the service, then of the server. */
  readonly #servers = new Map<string, Map<string, Traffic>>();

  zeroService(key: ServiceKey, traffic: Traffic): void {
    this.#services.set(serviceIdentity(key), traffic);
  }

  zeroServer(server: ServerKey, traffic: Traffic): void {
    const service = serviceIdentity(server.service);
    const servers = this.#servers.get(service) ?? new Map<string, Traffic>();
    this.#servers.set(service, servers.set(serverIdentity(server), traffic));
  }

  ofService(key: ServiceKey, traffic: Traffic): Traffic {
    if (this.#services.size === 0) return traffic;
    return since(this.#services.get(serviceIdentity(key)), traffic);
  }

  ofServer(server: ServerKey, traffic: Traffic): Traffic {
    if (this.#servers.size === 0) return traffic;
    const servers = this.#servers.get(serviceIdentity(server.service));
    return since(servers?.get(serverIdentity(server)), traffic);
  }

  /** An object that is made again counts from 0. */
  forget(changes: readonly Change[]): void {
    if (this.#services.size + this.#servers.size === 0) return;
    for (const change of changes) {
      if (change.verb === 'remove_service') {
        const service = serviceIdentity(change.service.key);
        this.#services.delete(service);
        this.#servers.delete(service);
      } else if (change.verb === 'remove_server') {
        const { server } = change;
        this.#servers.get(serviceIdentity(server.service))?.delete(serverIdentity(server));
      }
    }
  }
}

function since(before: Traffic | undefined, now: Traffic): Traffic {
  if (before === undefined) return now;
  return {
    connections: Math.max(0, now.connections - before.connections),
    inPackets: Math.max(0, now.inPackets - before.inPackets),
    outPackets: Math.max(0, now.outPackets - before.outPackets),
    inBytes: Math.max(0, now.inBytes - before.inBytes),
    outBytes: Math.max(0, now.outBytes - before.outBytes),
  };
}
