// Our BGP speaker on the kernel's TCP, in a process of its own, driven by the test through standard
// input and output: one JSON request a line, one JSON answer a line, and log lines between them.
import { createInterface } from 'node:readline';
import type { BgpInstance } from '../../src/config/bgp.js';
import { HostClock } from '../../src/host/clock.js';
import { hostRandom } from '../../src/host/random.js';
import { HostTcpSessions } from '../../src/host/tcp-sessions.js';
import type { IpAddress } from '../../src/net/address.js';
import type { AnnouncedRoute } from '../../src/routing/announced-route.js';
import { BgpSpeaker } from '../../src/routing/bgp/speaker.js';

export type BgpRequest =
  | {
      readonly call: 'start';
      readonly instance: BgpInstance;
      /** RFC 2545: beside the global address; null: none. */
      readonly linkLocal: IpAddress | null;
      readonly isRestarting: boolean;
    }
  | { readonly call: 'announce'; readonly routes: readonly AnnouncedRoute[] }
  | { readonly call: 'reconfigure'; readonly instance: BgpInstance }
  | { readonly call: 'facts' | 'costs' }
  | { readonly call: 'stop'; readonly text: string };

/** Octets that the process has in memory, and the time that it has had of a processor. */
export type BgpCosts = { readonly rss: number; readonly cpuMs: number };

const clock = new HostClock();
const tcp = new HostTcpSessions();
let speaker: BgpSpeaker | null = null;

function tell(event: { readonly type: 'answer' | 'log' } & Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function start({ instance, linkLocal, isRestarting }: BgpRequest & { call: 'start' }): void {
  speaker = new BgpSpeaker({
    instance,
    hostIdentifier: '192.0.2.254' as IpAddress,
    hostName: 'keelson',
    isRestarting,
    isForwarding: false,
    clock,
    random: hostRandom,
    tcp,
    log: { write: (level, line) => tell({ type: 'log', level, line }) },
    report: () => {},
    linkLocalBeside: () => linkLocal,
  });
  speaker.start();
}

function costs(): BgpCosts {
  const { user, system } = process.cpuUsage();
  return { rss: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 };
}

async function answer(request: BgpRequest): Promise<unknown> {
  switch (request.call) {
    case 'start':
      start(request);
      return 'ok';
    case 'announce':
      speaker?.announce(request.routes);
      return 'ok';
    case 'reconfigure':
      speaker?.reconfigure(request.instance);
      return 'ok';
    case 'facts':
      return { ...speaker?.facts(), listener: tcp.counts };
    case 'costs':
      return costs();
    case 'stop':
      await speaker?.stop(request.text);
      return 'ok';
  }
}

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  tell({ type: 'answer', answer: await answer(JSON.parse(line) as BgpRequest) });
}
