// Real servers and services -> what is to be told, in the words and the order of keepalived 2.2.7:
// a server before its service, a script before the line before the mail. Remembers what was told
// last, so an event may come twice. Does no I/O.
import type { CommandAs } from '../config/command.js';
import type { ServerNotification, ServiceNotification } from '../config/service-notification.js';
import type { Telling } from '../config/telling.js';
import {
  type CheckCause,
  checkText,
  type MailNames,
  type QuorumCause,
  quorumText,
  serverMail,
  serviceMail,
  state,
} from './service-mail.js';

export type NotifiedServer = {
  /** As in facts and plans: stable across reloads. */
  readonly key: string;
  /** "[198.51.100.1]:tcp:8080" */
  readonly name: string;
  /** What it counts as before anything was said of it. */
  readonly startsUp: boolean;
  readonly notification: ServerNotification;
};

export type NotifiedService = {
  readonly key: string;
  /** "[192.0.2.100]:tcp:80" or "FWM 7" */
  readonly name: string;
  /** omega */
  readonly tellsItsEnd: boolean;
  readonly notification: ServiceNotification;
  readonly servers: readonly NotifiedServer[];
};

export type ServiceNotifierConfig = {
  readonly routerId: string;
  readonly mailsEachChecker: boolean;
  readonly services: readonly NotifiedService[];
};

export type ServiceEvent =
  | {
      /** `cause` is of the checker that made the difference. */
      readonly type: 'server_changed';
      readonly serverKey: string;
      readonly isUp: boolean;
      readonly cause: CheckCause;
    }
  | {
      /** Of a server that stays as it is, for another checker is down. */
      readonly type: 'checker_changed';
      readonly serverKey: string;
      readonly cause: CheckCause;
    }
  | {
      readonly type: 'quorum_changed';
      readonly serviceKey: string;
      readonly isUp: boolean;
      readonly cause: QuorumCause;
    };

type Place = { readonly service: NotifiedService; readonly server: NotifiedServer };

export class ServiceNotifier {
  #config: ServiceNotifierConfig;
  #services: ReadonlyMap<string, NotifiedService>;
  #places: ReadonlyMap<string, Place>;
  readonly #serverIsUp = new Map<string, boolean>();
  /** Services that have their quorum. */
  readonly #quorate = new Set<string>();

  constructor(config: ServiceNotifierConfig) {
    this.#config = config;
    this.#services = servicesOf(config);
    this.#places = placesOf(config);
  }

  /** A reload: what is gone goes down, whether its service has omega or not. */
  reconfigure(config: ServiceNotifierConfig): readonly Telling[] {
    const { services: before } = this.#config;
    const after = servicesOf(config);
    const places = placesOf(config);
    const tellings = before.flatMap((service) => [
      ...service.servers.flatMap((server) => {
        if (places.has(server.key)) return [];
        const told = this.#serverEnds(service, server);
        const mail = this.#serverMail(service, server, false, 'Removing');
        this.#serverIsUp.delete(server.key);
        return told.length === 0 ? [] : [...told, ...mail];
      }),
      ...(after.has(service.key) ? [] : this.#serviceEnds(service)),
    ]);
    this.#config = config;
    this.#services = after;
    this.#places = places;
    return tellings;
  }

  happened(event: ServiceEvent): readonly Telling[] {
    switch (event.type) {
      case 'server_changed':
        return this.#serverChanged(event.serverKey, event.isUp, event.cause);
      case 'checker_changed':
        return this.#checkerChanged(event.serverKey, event.cause);
      case 'quorum_changed':
        return this.#quorumChanged(event.serviceKey, event.isUp, event.cause);
    }
  }

  /**
   * The daemon ends: services with omega go down with their servers, without a mail: keepalived is
   * gone before it could send one.
   */
  stopped(): readonly Telling[] {
    return this.#config.services
      .filter(({ tellsItsEnd }) => tellsItsEnd)
      .flatMap((service) => [
        ...service.servers.flatMap((server) => this.#serverEnds(service, server)),
        ...this.#serviceEnds(service),
      ]);
  }

  #serverChanged(key: string, isUp: boolean, cause: CheckCause): readonly Telling[] {
    const place = this.#places.get(key);
    if (place === undefined || this.#isUp(place.server) === isUp) return [];
    this.#serverIsUp.set(key, isUp);
    const { service, server } = place;
    return [
      ...serverTellings(service, server, isUp),
      ...this.#serverMail(service, server, isUp, checkText(cause)),
    ];
  }

  #checkerChanged(key: string, cause: CheckCause): readonly Telling[] {
    const place = this.#places.get(key);
    if (place === undefined || !this.#config.mailsEachChecker) return [];
    const { service, server } = place;
    return this.#serverMail(service, server, this.#isUp(server), checkText(cause));
  }

  #quorumChanged(key: string, isUp: boolean, cause: QuorumCause): readonly Telling[] {
    const service = this.#services.get(key);
    if (service === undefined || this.#quorate.has(key) === isUp) return [];
    if (isUp) this.#quorate.add(key);
    else this.#quorate.delete(key);
    const { notification } = service;
    const mail = serviceMail(this.#mailNames(service), isUp, quorumText(isUp, cause));
    return [...serviceTellings(service, isUp), ...(notification.sendsMails ? [mail] : [])];
  }

  #serverEnds(service: NotifiedService, server: NotifiedServer): readonly Telling[] {
    if (!this.#isUp(server)) return [];
    this.#serverIsUp.set(server.key, false);
    return serverTellings(service, server, false);
  }

  #serviceEnds(service: NotifiedService): readonly Telling[] {
    return this.#quorate.delete(service.key) ? serviceTellings(service, false) : [];
  }

  #isUp({ key, startsUp }: NotifiedServer): boolean {
    return this.#serverIsUp.get(key) ?? startsUp;
  }

  #serverMail(
    service: NotifiedService,
    { name, notification }: NotifiedServer,
    isUp: boolean,
    text: string,
  ): readonly Telling[] {
    if (!notification.sendsMails) return [];
    return [serverMail(this.#mailNames(service), name, isUp, text)];
  }

  #mailNames({ name: service }: NotifiedService): MailNames {
    return { routerId: this.#config.routerId, service };
  }
}

function serverTellings(
  { name: service }: NotifiedService,
  { name, notification }: NotifiedServer,
  isUp: boolean,
): readonly Telling[] {
  const { notifyUp, notifyDown } = notification;
  const line = `RS ${name} ${service} ${state(isUp)}`;
  return [...run(isUp ? notifyUp : notifyDown), { type: 'write_line', about: 'services', line }];
}

function serviceTellings(
  { name, notification }: NotifiedService,
  isUp: boolean,
): readonly Telling[] {
  const { quorumUp, quorumDown } = notification;
  const line = `VS ${name} ${state(isUp)}`;
  return [...run(isUp ? quorumUp : quorumDown), { type: 'write_line', about: 'services', line }];
}

function run(script: CommandAs | null): readonly Telling[] {
  return script === null ? [] : [{ type: 'run_script', script, extra: [] }];
}

function servicesOf({ services }: ServiceNotifierConfig): ReadonlyMap<string, NotifiedService> {
  return new Map(services.map((service) => [service.key, service]));
}

function placesOf({ services }: ServiceNotifierConfig): ReadonlyMap<string, Place> {
  return new Map(
    services.flatMap((service) =>
      service.servers.map((server) => [server.key, { service, server }] as const),
    ),
  );
}
