// A host of the simulated world that runs our speaker, and can be killed and started again.
import type { BgpInstance } from '../../../src/config/bgp.js';
import type { IpAddress } from '../../../src/net/address.js';
import type { LogLevel } from '../../../src/ports/log.js';
import type { AnnouncedRoute } from '../../../src/routing/announced-route.js';
import type { BgpPeerFact } from '../../../src/routing/bgp/peer-fact.js';
import { BgpSpeaker, type BgpSpeakerOptions } from '../../../src/routing/bgp/speaker.js';
import type { SimulatedTcp, SimulatedTcpHost } from '../../sim/tcp-sessions.js';
import { WatchedTcp } from './watched-tcp.js';

export class SimulatedSpeaker {
  readonly address: IpAddress;
  readonly host: SimulatedTcpHost;
  readonly watch: WatchedTcp;
  readonly lines: string[] = [];
  readonly #net: SimulatedTcp;
  readonly #more: Partial<BgpSpeakerOptions>;
  instance: BgpInstance;
  routes: readonly AnnouncedRoute[] = [];
  speaker: BgpSpeaker | null = null;
  isStopping = false;
  #ran = false;

  constructor(
    net: SimulatedTcp,
    address: IpAddress,
    instance: BgpInstance,
    mayLeave: (prefix: string) => boolean = () => true,
    more: Partial<BgpSpeakerOptions> = {},
  ) {
    this.#net = net;
    this.address = address;
    this.instance = instance;
    this.host = net.host(address);
    this.watch = new WatchedTcp(this.host, mayLeave);
    this.#more = more;
  }

  get neighbors(): readonly BgpPeerFact[] {
    return this.speaker?.facts().neighbors ?? [];
  }

  get isEstablished(): boolean {
    return this.neighbors.length > 0 && this.neighbors.every((one) => one.state === 'established');
  }

  start(): void {
    if (this.speaker !== null) return;
    const { clock, random } = this.#net;
    this.speaker = new BgpSpeaker({
      instance: this.instance,
      hostIdentifier: this.address,
      hostName: 'sim',
      isRestarting: this.#ran,
      isForwarding: false,
      clock,
      random,
      tcp: this.watch,
      log: { write: (level: LogLevel, line: string) => this.lines.push(`${level} ${line}`) },
      report: () => undefined,
      ...this.#more,
    });
    this.#ran = true;
    this.speaker.start();
    this.speaker.announce(this.routes);
  }

  announce(routes: readonly AnnouncedRoute[]): void {
    this.routes = routes;
    this.speaker?.announce(routes);
  }

  reload(instance: BgpInstance): void {
    this.instance = instance;
    this.speaker?.reconfigure(instance);
  }

  kill(isSilent: boolean): void {
    if (this.speaker === null) return;
    this.host.kill({ isSilent });
    this.watch.forget();
    // The process is gone: what it had set up does nothing any more.
    this.speaker.abandon();
    this.speaker = null;
  }

  /** The process exits when that has ended. */
  async stop(text: string): Promise<void> {
    const { speaker } = this;
    if (speaker === null) return;
    this.isStopping = true;
    await speaker.stop(text);
    this.isStopping = false;
    if (this.speaker === speaker) this.speaker = null;
  }
}
