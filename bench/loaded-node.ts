// A node with much to do: ten VRRP instances, a data plane and a thousand services, whose servers
// it may have to check five thousand times a second.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespaces } from '../scripts/lab/namespaces.js';
import { compileC } from './command.js';
import { configText } from './config-text.js';

export const instances = 10;
const services = 1000;
const changedServices = 100;
const checkedPort = 8080;
const checkSeconds = 2;

/** Every address of 198.18/15 is the node's own, and accepts. */
export async function serveChecks(namespaces: Namespaces, folder: string): Promise<void> {
  const acceptor = join(folder, 'accept-checks');
  await compileC('accept-checks.c', acceptor, ['-O2']);
  namespaces.ip('node', 'route', 'add', 'local', '198.18.0.0/15', 'dev', 'lo');
  const words = [acceptor, String(checkedPort), String(checkSeconds * 1000)];
  namespaces.start('node', join(folder, 'accepted'), words);
}

/** Ten thousand different servers, each checked every other second. */
export function loadedText(round: number, intervalMs: number): string {
  let number = 0;
  return fileText(round, intervalMs)
    .replaceAll('delay_loop 6', `delay_loop ${checkSeconds}`)
    .replaceAll('connect_port 80', `connect_port ${checkedPort}`)
    .replaceAll(/real_server 192\.168\.0\.\d+/g, () => {
      number += 1;
      return `real_server 198.18.${number >> 8}.${number & 255}`;
    });
}

/** The data plane outlives the daemon: it is ended with the namespaces. */
export function adoptDataplane(namespaces: Namespaces, runtime: string): void {
  namespaces.adopt(Number(readFileSync(join(runtime, 'dataplane.pid'), 'utf8')));
}

/** Every round gives some servers another weight. */
export function fileText(round: number, intervalMs: number): string {
  const routers = Array.from(
    { length: instances },
    (_, index) => `vrrp_instance V_${index + 1} {
    state MASTER
    interface eth0
    virtual_router_id ${index + 1}
    version 3
    advert_int ${intervalMs / 1000}
    priority 255
    virtual_ipaddress {
        198.51.100.${index + 1}
    }
}
`,
  );
  const [first = '', ...rest] = configText({ services, method: 'fnat' }).split('virtual_server');
  const changed = rest.map((block, index) =>
    index < changedServices ? block.replaceAll('weight 10', `weight ${10 + round}`) : block,
  );
  return routers.join('') + [first, ...changed].join('virtual_server');
}
