// The control thread's and the protocol loop's work on the kernel inside a network namespace,
// driven by the test: a configuration's text is prepared, its first instance is MASTER or not.
import { createInterface } from 'node:readline';
import { ok } from 'neverthrow';
import { KernelSetup } from '../../src/daemon/kernel-setup.js';
import { ObjectOwner } from '../../src/ha/object-owner.js';
import { HostClock } from '../../src/host/clock.js';
import { HostFirewall } from '../../src/host/firewall.js';
import { HostKernel } from '../../src/host/kernel.js';
import { HostKernelObjects } from '../../src/host/kernel-objects.js';
import { RouteRequests } from '../../src/host/route-requests.js';
import { openRouteSocket } from '../../src/host/sockets.js';
import { HostSysctls } from '../../src/host/sysctls.js';
import { configOf } from '../config/text.js';

export type SetupRequest =
  | { readonly call: 'prepare'; readonly text: string; readonly nft?: string }
  | { readonly call: 'master' | 'backup' | 'stop' | 'lines' };

const clock = new HostClock();
const requests = new RouteRequests(clock, openRouteSocket);
const kernel = new HostKernel(clock, requests);
const objects = new HostKernelObjects(clock, requests);
const lines: string[] = [];
const log = { write: (level: string, line: string) => lines.push(`${level} ${line}`) };
let nft = 'nft';
const setup = new KernelSetup({
  ...{ clock, log, kernel, objects },
  sysctls: new HostSysctls(),
  tellGroups: () => {},
  firewall: { run: (program) => new HostFirewall(nft).run(program) },
});
let owner: ObjectOwner | null = null;
let advertised: Parameters<ObjectOwner['lease']>[0] = [];

async function prepare(text: string): Promise<string> {
  const { config } = configOf(text);
  await setup.prepare(config, config.vrrpInstances);
  setup.retire();
  const [instance] = config.vrrpInstances;
  if (instance === undefined) return 'ok';
  advertised = instance.virtualAddresses.map(({ prefix }) => prefix);
  if (owner !== null) {
    owner.reconfigure(instance.objects);
    return 'ok';
  }
  owner = new ObjectOwner({
    name: instance.name,
    objects: instance.objects,
    world: { clock, kernel, objects, log },
    announcer: { announce: () => Promise.resolve(ok(undefined)) },
  });
  const watching = objects.watchObjects((news) => owner?.heard(news));
  return watching.isOk() ? 'ok' : 'cannot watch';
}

async function answer(request: SetupRequest): Promise<unknown> {
  switch (request.call) {
    case 'prepare':
      nft = request.nft ?? 'nft';
      return prepare(request.text);
    case 'master':
      return (await owner?.lease(advertised, 60_000))?.match(
        () => 'ok',
        ({ reason }) => reason,
      );
    case 'backup':
      return (await owner?.release(advertised))?.match(
        () => 'ok',
        ({ reason }) => reason,
      );
    case 'stop':
      await setup.stop();
      return 'ok';
    case 'lines':
      return lines.splice(0);
  }
}

const input = createInterface({ input: process.stdin });
for await (const line of input) {
  const told = { type: 'answer', answer: await answer(JSON.parse(line) as SetupRequest) };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
