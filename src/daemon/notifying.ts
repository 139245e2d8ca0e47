// Tells the outside what happened, by scripts, FIFOs and mails: the control thread's side of
// notification. What is to be told is decided elsewhere (src/ha/notification/).
import type { CommandAs } from '../config/command.js';
import type { Config } from '../config/config.js';
import type { GlobalNotification, MailConfig } from '../config/notification.js';
import { ScriptSecurity } from '../config/script-security.js';
import type { Telling } from '../config/telling.js';
import {
  type NotifiedFact,
  type NotifierConfig,
  VrrpNotifier,
} from '../ha/notification/vrrp-notifier.js';
import type { ServiceNews } from '../health/service-news.js';
import { tellingsOf } from '../health/service-tellings.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Mailer, MailRoute } from '../ports/mailer.js';
import type { NotifyFifos } from '../ports/notify-fifo.js';
import type { ScriptHost } from '../ports/script-host.js';
import { MailQueue } from './mail-queue.js';
import { OpenFifos, type Runner } from './open-fifos.js';

export type NotifyingWorld = {
  readonly clock: Clock;
  readonly log: Log;
  /** For the scripts that are told of events. */
  readonly commands: Runner & { settled(timeoutMs: number): Promise<void> };
  /** One for each script that reads a FIFO. */
  readonly newRunner: () => Runner;
  readonly fifos: NotifyFifos;
  readonly mailer: Mailer;
  readonly scriptHost: ScriptHost;
  readonly hostName: string;
  readonly userName: string;
};

/** How long the end of the daemon waits for scripts and mails that tell of it. */
const stopWaitMs = 1_500;

export class Notifying {
  readonly #world: NotifyingWorld;
  readonly #fifos: OpenFifos;
  readonly #mails: MailQueue;
  #global: GlobalNotification | null = null;
  #routerId = '';
  #security: ScriptSecurity | null = null;
  #notifier: VrrpNotifier | null = null;
  /** Of services, before there was a configuration. */
  readonly #early: ServiceNews[] = [];
  /** Reasons that were logged of scripts that cannot be run. */
  readonly #excuses = new Set<string>();

  constructor(world: NotifyingWorld) {
    this.#world = world;
    this.#fifos = new OpenFifos(world.fifos, world.newRunner, world.log);
    this.#mails = new MailQueue(world.mailer, world.clock, world.log);
  }

  /** The first configuration, or a new one. */
  configure(config: Config, runsVrrp: boolean): void {
    this.#global = config.notification;
    this.#routerId = config.global.routerId;
    this.#excuses.clear();
    this.#security = new ScriptSecurity(config.notification.scripts, this.#world.scriptHost);
    this.#fifos.configure(config.notification.fifos, this.#security);
    const wanted = notifierConfig(config, runsVrrp);
    if (this.#notifier === null) this.#notifier = new VrrpNotifier(wanted);
    else this.#tell(this.#notifier.reconfigure(wanted));
    this.servicesChanged(this.#early.splice(0));
  }

  /** May be called again with what is known already. */
  vrrpChanged(facts: readonly NotifiedFact[]): void {
    for (const fact of facts) this.#tell(this.#notifier?.changed(fact) ?? []);
  }

  lowerPriorityHeard(instance: string): void {
    this.#tell(this.#notifier?.heardLowerPriority(instance) ?? []);
  }

  /** What happens while the first configuration is adopted is told when that is known here. */
  servicesChanged(news: readonly ServiceNews[]): void {
    if (this.#global === null) {
      this.#early.push(...news);
      return;
    }
    const { mailsEachChecker } = this.#global;
    const choices = { routerId: this.#routerId, mailsEachChecker };
    for (const one of news) this.#tell(tellingsOf(one, choices));
  }

  /** Tells of the end, waits a bounded time for those who are told, and ends every script. */
  async stop(): Promise<void> {
    const { commands } = this.#world;
    this.#tell(this.#notifier?.stopped() ?? []);
    this.#notifier = null;
    await Promise.all([commands.settled(stopWaitMs), this.#mails.settled(stopWaitMs)]);
    await Promise.all([commands.end(), this.#fifos.end()]);
  }

  #tell(tellings: readonly Telling[]): void {
    for (const telling of tellings) {
      switch (telling.type) {
        case 'run_script':
          this.#run(telling.script, telling.extra);
          break;
        case 'write_line':
          this.#fifos.write(telling.about, telling.line);
          break;
        case 'send_mail':
          this.#mail(telling.subject, telling.text);
          break;
      }
    }
  }

  #run(script: CommandAs, extra: readonly string[]): void {
    const command = this.#security?.commandOf(script, extra);
    if (command === undefined) return;
    if (command.isErr()) {
      this.#excuse(command.error);
      return;
    }
    void this.#world.commands.run(command.value, { timeoutMs: null }).then((end) => {
      if (end.type === 'not_started')
        this.#excuse(`${script.command[0]} is not run: ${end.reason}`);
    });
  }

  /** Once for each configuration. */
  #excuse(reason: string): void {
    if (this.#excuses.has(reason)) return;
    this.#excuses.add(reason);
    this.#world.log.write('error', reason);
  }

  #mail(subject: string, text: string): void {
    const mail = this.#global?.mail ?? null;
    if (mail !== null) this.#mails.add({ subject, text }, this.#routeOf(mail));
  }

  #routeOf(mail: MailConfig): MailRoute {
    const { hostName, userName } = this.#world;
    return {
      ...mail.server,
      heloName: mail.heloName ?? hostName,
      sender: mail.sender ?? `${userName}@${hostName}`,
      recipients: mail.recipients,
      timeoutMs: mail.connectTimeoutMs,
    };
  }
}

function notifierConfig(config: Config, runsVrrp: boolean): NotifierConfig {
  return {
    routerId: config.global.routerId,
    instances: runsVrrp ? config.vrrpInstances : [],
    groups: runsVrrp ? config.syncGroups : [],
    mailsFaults: config.notification.mail?.mailsFaults ?? true,
    tellsStatesOnReload: config.notification.tellsStatesOnReload,
  };
}
