// What is known of real servers and of the services that they answer for, beyond what the file
// says: made by the health checks, read by the data plane's plan.
import { type Endpoint, formatEndpoint } from './address.js';
import { type Protocol, weightMax } from './service.js';

export type ServerFact = {
  readonly isUp: boolean;
  /** Added to the weight of the file. */
  readonly weightChange: number;
};

export type ServiceFacts = {
  /** By `serverKeyOf`; a server that is not here is up, with its own weight. */
  readonly servers: ReadonlyMap<string, ServerFact>;
  /** Services without enough live servers, by `serviceKeyOf`. */
  readonly withoutQuorum: ReadonlySet<string>;
};

export const nothingKnown: ServiceFacts = { servers: new Map(), withoutQuorum: new Set() };

/** `name` is that of the file: "192.0.2.100 80", "group web" or "match out". */
export type ServiceName = { readonly name: string; readonly protocol: Protocol };

export function serviceKeyOf({ name, protocol }: ServiceName): string {
  return `${name} ${protocol}`;
}

/** Names one real server of one virtual server. */
export function serverKeyOf(service: ServiceName, realServer: Endpoint): string {
  return `${serviceKeyOf(service)} ${formatEndpoint(realServer)}`;
}

/** What a server with this weight in the file takes part with. */
export function effectiveWeight(weight: number, weightChange: number): number {
  return Math.min(Math.max(weight + weightChange, 0), weightMax);
}
