// Where `bench -- announce` measures: a router and an announcer on one segment, in namespaces that
// go with the place.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Namespaces } from '../scripts/lab/namespaces.js';
import type { Setup } from './announcers.js';

export const routerAddress = '192.0.2.1';
export const ownAddress = '192.0.2.2';

export type Place = {
  readonly namespaces: Namespaces;
  readonly folder: string;
  readonly setup: (prefixes: readonly string[], bfdMs: number | null) => Setup;
};

export async function withPlace<T>(use: (place: Place) => Promise<T>): Promise<T> {
  const namespaces = new Namespaces();
  const folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  try {
    // FRR is a user of its own.
    chmodSync(folder, 0o755);
    for (const name of ['net', 'router', 'node']) namespaces.add(name);
    namespaces.addBridge('net', 'br0');
    for (const [name, address] of [
      ['router', routerAddress],
      ['node', ownAddress],
    ] as const) {
      namespaces.connect(name, 'eth0', 'net', 'br0');
      namespaces.ip(name, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    }
    // A link that is never up.
    namespaces.ip('node', 'link', 'add', 'idle', 'type', 'veth', 'peer', 'name', 'unused');
    return await use({
      namespaces,
      folder,
      setup: (prefixes, bfdMs) => ({
        ...{ namespaces, node: 'node', folder, ownAddress, router: routerAddress },
        ...{ prefixes, bfdMs },
      }),
    });
  } finally {
    await namespaces.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
